/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_HTTP_SWARM_H
#define ROUSE_TESTS_HTTP_SWARM_H

/*
 * Thousands of HTTP clients at once, each with a connection and a request of
 * its own, from one thread: as an MDM server behaves after a wave.
 */

#include <stddef.h>
#include <stdint.h>

#define HTTP_SWARM_TIMEOUT_MS  240000 /* for all of them */
#define HTTP_SWARM_MAX_REQUEST 8192

/** Writes the request of client ${i}, which must ask for Connection: close.
 *  Returns its length. */
typedef size_t http_swarm_make_fn(void *arg, unsigned i, char *bytes);

struct http_swarm {
    const char *socket; /* path of a unix socket; or NULL and */
    uint16_t port;      /* on 127.0.0.1 */
    unsigned n;         /* clients */
    http_swarm_make_fn *make;
    void *arg;
};

struct http_swarm_result {
    unsigned n_ok;     /* whole answers with 200 */
    unsigned n_other;  /* with another status */
    unsigned n_broken; /* reset, or closed without an answer */
    char other[512];   /* the beginning of one of the others */
};

/** http_swarm_raise_files(n): let this process and those it starts have ${n}
 *  descriptors; not being allowed to fails the running cmocka test. */
void http_swarm_raise_files(unsigned n);

/** http_swarm_run(swarm, result): all connect at once; returns when each has
 *  ended. */
void http_swarm_run(const struct http_swarm *swarm,
                    struct http_swarm_result *result);

#endif /* ROUSE_TESTS_HTTP_SWARM_H */
