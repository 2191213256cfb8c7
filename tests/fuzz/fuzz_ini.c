/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apns/base/must.h"
#include "server/daemon_config.h"

/* Any bytes as roused's ini file: every value that is taken is within its
   limits, and what is not names its line. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check(const struct daemon_config *config)
{
#define X(section, key, type, absent, low, high, reload, help)            \
    must(config->section##_##key.text != NULL);                           \
    must(strlen(config->section##_##key.text) <= DAEMON_CONFIG_MAX_TEXT); \
    must((high) == 0 || config->section##_##key.number <= (uint32_t)(high));
    DAEMON_CONFIG_KEYS(X)
#undef X
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    int fd = memfd_create("ini", MFD_CLOEXEC);
    char path[32], name[] = "roused", option[] = "--config";
    char *argv[] = {name, option, path, NULL};
    char why[DAEMON_CONFIG_WHY] = "";
    struct daemon_config config;
    enum daemon_config_wish wish;

    must(fd >= 0 && write(fd, input, len) == (ssize_t)len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (daemon_config_load(3, argv, &config, &wish, why)) {
        must(wish == DAEMON_CONFIG_RUN);
        check(&config);
    } else {
        must(why[0] != '\0');
    }
    daemon_config_fini(&config);
    close(fd);
    return 0;
}
