/* SPDX-License-Identifier: MIT */

/*
 * The manual must not fall behind the tables: what can be given is in it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli/cli_commands.h"
#include "server/cli/lib/cli_options.h"
#include "server/daemon_config.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

static void
assert_named(const char *page, const char *option)
{
    char wanted[128];
    size_t len = (size_t)snprintf(wanted, sizeof wanted, "Fl -%s", option);

    for (const char *p = page; (p = strstr(p, wanted)) != NULL; p++)
        if (strchr("\n ", p[len]) != NULL)
            return;
    print_error("missing in the manual: --%s\n", option);
    fail();
}

/* rouse(1) and rouse-cert(1), one behind the other. */
static char *
read_pages(void)
{
    char *page = temp_dir_read(SOURCE_DIR "/deploy/man/rouse.1", NULL);
    char *cert = temp_dir_read(SOURCE_DIR "/deploy/man/rouse-cert.1", NULL);
    char *both;

    assert_true(asprintf(&both, "%s%s", page, cert) > 0);
    free(page);
    free(cert);
    return both;
}

TEST(every_option_of_rouse_is_in_its_pages)
{
    char *pages = read_pages();

    for (unsigned i = 0; i < CLI_N_OPTIONS; i++)
        assert_named(pages, cli_options_text((enum cli_option)i));
    free(pages);
}

TEST(every_command_of_rouse_is_in_its_pages)
{
    char *pages = read_pages();
    const struct cli_command *command;

    for (size_t i = 0; (command = cli_commands_at(i)) != NULL; i++) {
        char wanted[64];

        snprintf(wanted, sizeof wanted, "Cm %s", command->name);
        if (strstr(pages, wanted) == NULL)
            print_error("missing in the manual: rouse %s\n", command->name);
        assert_non_null(strstr(pages, wanted));
    }
    free(pages);
}

/* "daemon", "state_dir" to "state-dir"; "apns", "host" to "apns-host". */
static void
assert_key_named(const char *page, const char *section, const char *key)
{
    char option[64];

    bool is_plain =
        strcmp(section, "daemon") == 0 || strcmp(section, "pace") == 0;

    snprintf(option, sizeof option, "%s%s%s", is_plain ? "" : section,
             is_plain ? "" : "-", key);
    for (char *p = option; *p != '\0'; p++)
        if (*p == '_')
            *p = '-';
    assert_named(page, option);
}

TEST(every_key_of_the_configuration_is_in_rouseds_page)
{
    char *page = temp_dir_read(SOURCE_DIR "/deploy/man/roused.8", NULL);

#define X(section, key, ...) assert_key_named(page, #section, #key);
    DAEMON_CONFIG_KEYS(X)
#undef X
    free(page);
}
