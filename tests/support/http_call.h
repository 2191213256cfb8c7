/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_HTTP_CALL_H
#define ROUSE_TESTS_HTTP_CALL_H

/*
 * One HTTP request of a test, over a unix socket or TCP. That no answer comes
 * at all fails the running cmocka test, unless it is asked for.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CALL_TIMEOUT_MS 120000

struct http_call {
    const char *socket; /* path of a unix socket; or NULL and */
    uint16_t port;      /* on 127.0.0.1 */
    const char *method;
    const char *user;           /* "name:password" for Basic; or NULL */
    const char *path;           /* as it goes out: encoded, with its query */
    const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
    const char *body;           /* NULL: none */
    size_t body_len;            /* 0: up to the NUL */
    bool may_break; /* a connection that breaks is an answer with status 0 */
};

struct http_answer {
    long status;
    char *body; /* NUL-terminated */
    size_t body_len;
    char *headers; /* as they came, NUL-terminated */
};

/** http_call_send(call, answer): ${answer} goes to http_call_free. */
void http_call_send(const struct http_call *call, struct http_answer *answer);

/** http_call_header(answer, name): a header's value, to free(); or NULL. */
char *http_call_header(const struct http_answer *answer, const char *name);

void http_call_free(struct http_answer *answer);

#endif /* ROUSE_TESTS_HTTP_CALL_H */
