/* SPDX-License-Identifier: MIT */
#include "bench_http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/base/proc.h"

#define MAX_HEAD 512

bool
bench_http_open(struct bench_http *http, const char *socket_path)
{
    http->body = "";
    if ((http->fd = proc_connect(socket_path)) >= 0)
        return true;
    fprintf(stderr, "rouse-bench: %s: %s\n", socket_path, strerror(errno));
    return false;
}

void
bench_http_close(struct bench_http *http)
{
    if (http->fd >= 0)
        close(http->fd);
    http->fd = -1;
}

bool
bench_http_write(struct bench_http *http, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(http->fd, at, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool
bench_http_begin(struct bench_http *http, const char *method, const char *path,
                 const char *type, uint64_t len)
{
    char head[MAX_HEAD];
    int n = snprintf(head, sizeof head,
                     "%s %s HTTP/1.1\r\nHost: rouse\r\nContent-Type: %s\r\n"
                     "Content-Length: %llu\r\n\r\n",
                     method, path, type, (unsigned long long)len);

    return n > 0 && n < MAX_HEAD && bench_http_write(http, head, (size_t)n);
}

/* Where the body begins and ends; false while the head is not whole. */
static bool
find_body(struct bench_http *http, size_t *end)
{
    static const char name[] = "\r\nContent-Length:";
    char *blank, *length;

    http->bytes[http->len] = '\0';
    if ((blank = strstr(http->bytes, "\r\n\r\n")) == NULL)
        return false;
    http->body = blank + 4;
    *end = (size_t)(http->body - http->bytes);
    if ((length = strcasestr(http->bytes, name)) != NULL && length < blank)
        *end += strtoull(length + sizeof name - 1, NULL, 10);
    return true;
}

unsigned
bench_http_receive(struct bench_http *http)
{
    size_t end = 0;

    http->len = 0;
    http->body = "";
    while (!find_body(http, &end) || http->len < end) {
        ssize_t n = recv(http->fd, http->bytes + http->len,
                         BENCH_HTTP_MAX - http->len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* also when the answer is too long */
            return 0;
        http->len += (size_t)n;
    }
    return strncmp(http->bytes, "HTTP/1.1 ", 9) == 0
               ? (unsigned)strtoul(http->bytes + 9, NULL, 10)
               : 0;
}

unsigned
bench_http_call(struct bench_http *http, const char *method, const char *path,
                const char *type, const char *body)
{
    size_t len = body == NULL ? 0 : strlen(body);

    if (!bench_http_begin(http, method, path, type, len) ||
        !bench_http_write(http, body, len))
        return 0;
    return bench_http_receive(http);
}
