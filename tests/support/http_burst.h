/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_HTTP_BURST_H
#define ROUSE_TESTS_HTTP_BURST_H

/*
 * Many POSTs of JSON to a unix socket, each on a connection of its own, as a
 * program sends them that starts a thread for each.
 */

#include <stddef.h>

#define HTTP_BURST_MAX_OPEN 128 /* at a time */

struct http_burst {
    const char *body;
    long at_ms;  /* when to send it, counted from the first one */
    long status; /* the answer's; 0: none came */
};

/** http_burst_send(socket, path, burst, n): ${burst} by at_ms ascending; sets
 *  each status. */
void http_burst_send(const char *socket, const char *path,
                     struct http_burst *burst, size_t n);

#endif /* ROUSE_TESTS_HTTP_BURST_H */
