/* SPDX-License-Identifier: MIT */
#ifndef API_API_PRIVATE_H
#define API_API_PRIVATE_H

/*
 * What the files of server/api/ share: the API itself.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "api.h"
#include "apns/base/event.h"
#include "apns/base/must.h"
#include "server/api/auth/audit_tally.h"
#include "server/api/http/listen_socket.h"
#include "server/api/nano/webhook_key.h"

/* A log line that may be asked for often is written seldom. */
#define API_SELDOM_S 10.0

struct api_seldom {
    double next; /* loop time */
    uint64_t n;  /* times since the last line */
};

struct httpd;
struct keyring;
struct rouse;
struct store;

struct api {
    struct ev_loop *loop;
    struct rouse *rouse; /* not to be touched once is_closed */
    struct store *store; /* the same */
    struct api_config config;
    struct keyring *keyring;
    struct webhook_key webhook_key;
    struct httpd *local;            /* the unix socket */
    struct httpd *remote;           /* TCP; NULL without */
    struct listen_socket_mark mark; /* of the unix socket's file */
    uint16_t port;                  /* of TCP */
    bool is_closed;
    bool is_draining;
    ev_timer drain; /* looks whether all is answered */
    ev_tstamp drain_until;
    void (*on_drained)(void *arg);
    void *on_drained_arg;
    struct audit_tally deletes;
    bool is_backing_up;  /* from the copy's begin until it is sent */
    uint64_t n_requests; /* since the start, for /metrics */
    uint64_t n_refused;  /* answered 401 or 403 */
    struct api_seldom told_refused;
};

/** api_private_log(api, level, format, ...): one logfmt line. */
void api_private_log(const struct api *api, enum apns_log_level level,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** api_private_is_due(seldom, now, n): a line may be written now, for ${n}
 *  times; the first at once, then one in API_SELDOM_S. */
bool api_private_is_due(struct api_seldom *seldom, double now, uint64_t *n);

#endif /* API_API_PRIVATE_H */
