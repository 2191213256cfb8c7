/* SPDX-License-Identifier: MIT */
#ifndef API_FRONT_H
#define API_FRONT_H

/*
 * Accepts connections and looks at their first bytes before anything is
 * allocated for them; see httpd.h for why.
 */

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct front;

#define FRONT_PEEK 16 /* bytes that are looked at; all that decide */

/* A connection has spoken; ${fd} goes to the callee. Silent ones are closed
   when their time is over. */
typedef void front_fn(void *arg, int fd, const struct sockaddr *peer,
                      socklen_t peer_len, bool is_wide);

struct front_limits {
    uint32_t max_waiting; /* accepted, nothing said yet */
    uint32_t timeout_s;   /* to say something */
};

/**
 * front_new(loop, fd, limits, on_spoken, arg):
 *
 *   owns     ${fd}, closed with it; not on failure
 *   returns  NULL: out of memory
 */
struct front *front_new(struct ev_loop *loop, int fd,
                        const struct front_limits *limits, front_fn *on_spoken,
                        void *arg);
void front_free(struct front *front);

/** front_pause, front_go_on: leave new connections in the backlog, or not. */
void front_pause(struct front *front);
void front_go_on(struct front *front);

/** front_waiting(front): accepted and silent. */
uint32_t front_waiting(const struct front *front);

/** front_is_wide(bytes, len): a request line that begins so may be long. */
bool front_is_wide(const char *bytes, size_t len);

#endif /* API_FRONT_H */
