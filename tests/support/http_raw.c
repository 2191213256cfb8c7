/* SPDX-License-Identifier: MIT */
#include "http_raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/base/proc.h"

int
http_raw_open(const char *path, uint16_t port)
{
    struct sockaddr_in remote = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = path != NULL ? proc_connect(path)
                          : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || (path == NULL &&
                   connect(fd, (struct sockaddr *)&remote, sizeof remote) != 0))
        fail_msg("cannot connect: %s", strerror(errno));
    return fd;
}

void
http_raw_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

void
http_raw_say(int fd, const char *text)
{
    http_raw_write(fd, text, strlen(text));
}

char *
http_raw_read(int fd)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    char *text = calloc(1, 1);
    size_t len = 0;

    for (;;) {
        char *grown = realloc(text, len + 65536);
        ssize_t n;

        if (grown == NULL)
            fail_msg("out of memory");
        text = grown;
        text[len] = '\0';
        if (poll(&readable, 1, HTTP_RAW_TIMEOUT_MS) == 0)
            fail_msg("no end after: %.200s", text);
        n = recv(fd, text + len, 65535, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    text[len] = '\0';
    close(fd);
    return text;
}
