/* SPDX-License-Identifier: MIT */
#ifndef API_API_H
#define API_API_H

/*
 * The HTTP API: HTTP/1.1 on a unix socket and, when asked for, on TCP with
 * API keys, all on the caller's loop. It joins HTTP with the engine and knows
 * no APNs and no SQL. Speaks plain HTTP; a TLS proxy goes in front of it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/apns.h"

struct api;
struct ev_loop;
struct rouse;

/* Limits. Each is enforced where the value enters, and named in the error. */
#define API_MAX_JSON      (1024 * 1024)         /* bytes of a JSON body */
#define API_MAX_EVENT     (3 * 1024 * 1024 / 2) /* of a webhook's: base64 */
#define API_MAX_FILES     (3 * 1024 * 1024 / 2) /* of files, in base64 */
#define API_MAX_LINE      (16 * 1024)           /* of a line of an import */
#define API_MAX_SWALLOW   (4 * 1024 * 1024)  /* of a body that nobody wants */
#define API_MAX_SILENT_S  (20 * 366 * 86400) /* of silent_for_s */
#define API_MAX_CONNS     65536 /* upper bound of max_connections */
#define API_MAX_TIMEOUT_S 3600
#define API_MAX_WAIT_S    300 /* of an answer that waits for pushes */
#define API_WHY           256 /* bytes of a reason, with its NUL */

struct api_config {
    const char *socket;           /* path of the unix socket; required */
    uint32_t socket_mode;         /* its permissions */
    const char *listen;           /* "host:port" or NULL: no TCP */
    bool is_behind_tls_proxy;     /* a listen address that is not loopback is
                                  refused without this */
    uint32_t max_conns;           /* open at a time, of each listener: 512 */
    uint32_t max_conns_per_ip;    /* of TCP; others wait. 0: no own limit */
    uint32_t timeout_s;           /* for a request's head: 30 */
    uint32_t push_wait_s;         /* /v1/push answers after it at most: 30 */
    const char *webhook_hmac_key; /* of the signature that a webhook event
                                     must bear, as NanoMDM makes it; or */
    const char *webhook_hmac_key_file; /* a file whose first line it is. Both
                                          NULL: it is not looked at */
    apns_log_fn *log;                  /* NULL: silent */
    void *log_arg;
};

/** api_config_init(config): the defaults above; socket_mode 0600. */
void api_config_init(struct api_config *config);

/**
 * api_new(loop, rouse, config, api, why):
 * Listen and serve. ${rouse} must outlive the serving: see api_close.
 *
 *   owns     copies ${config}'s strings; the caller frees ${*api}
 *   why      API_WHY bytes; on failure, one line that says what to do next
 *   returns  false on failure, with nothing left behind
 */
bool api_new(struct ev_loop *loop, struct rouse *rouse,
             const struct api_config *config, struct api **api, char *why);

/** api_port(api): the TCP port; 0 without TCP. */
uint16_t api_port(const struct api *api);

/** api_reload(api, config): take over push_wait_s while running; make the unix
 *  socket's file again if it was removed. */
void api_reload(struct api *api, const struct api_config *config);

#define API_DRAIN_S 5.0 /* for requests that are underway */

/**
 * api_drain(api, on_drained, arg):
 * Accept no new connections. Requests underway are served, such as an import,
 * an export or a backup.
 *
 *   calls    ${on_drained} once, later: when the last has its answer, or after
 *            API_DRAIN_S; not after api_close
 */
void api_drain(struct api *api, void (*on_drained)(void *arg), void *arg);

/**
 * api_close(api):
 * From now on every request is answered 503 and ${rouse} is not touched any
 * more; to be called right before rouse_free, whose owed completions still
 * come to their requests.
 */
void api_close(struct api *api);

/** api_free(api): after rouse_free. Flushes what can be; NULL is fine. */
void api_free(struct api *api);

#endif /* API_API_H */
