/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_BENCH_HTTP_H
#define ROUSE_BENCH_BENCH_HTTP_H

/*
 * One connection that stays open to roused's socket, as small as can be: it
 * must cost less than what it measures. Answers have a length and are short.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_HTTP_MAX 262144 /* bytes of an answer, headers included */

struct bench_http {
    int fd;
    size_t len;
    const char *body;               /* of the last answer, NUL behind it */
    char bytes[BENCH_HTTP_MAX + 1]; /* the last answer */
};

/** bench_http_open(http, socket): false and a word on stderr. */
bool bench_http_open(struct bench_http *http, const char *socket);
void bench_http_close(struct bench_http *http);

/** bench_http_begin: the head of a request with ${len} bytes to follow. */
bool bench_http_begin(struct bench_http *http, const char *method,
                      const char *path, const char *type, uint64_t len);

/** bench_http_write(http, bytes, len): (more of) the body. */
bool bench_http_write(struct bench_http *http, const void *bytes, size_t len);

/** bench_http_receive(http): the answer's status; 0: the connection failed. */
unsigned bench_http_receive(struct bench_http *http);

/** bench_http_call: all of it; ${body} may be NULL. */
unsigned bench_http_call(struct bench_http *http, const char *method,
                         const char *path, const char *type, const char *body);

#endif /* ROUSE_BENCH_BENCH_HTTP_H */
