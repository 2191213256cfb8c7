/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_CONNS_H
#define API_HTTP_CONNS_H

/*
 * The connections of one listening socket: their lists, turns and deadlines.
 */

#include "http_conn.h"

void http_conns_init(struct http_conns *conns, struct api *api, bool is_local,
                     void (*on_room)(void *arg), void *arg);

/** http_conns_fini(conns): end all; no request may wait. */
void http_conns_fini(struct http_conns *conns);

/**
 * http_conns_add(conns, fd, peer, is_parked):
 * A client has connected.
 *
 *   owns     ${fd}, also on failure
 *   returns  false without memory
 */
bool http_conns_add(struct http_conns *conns, int fd,
                    const struct sockaddr_storage *peer, bool is_parked);

/** http_conns_note_arrival(conn): it was read; it goes on when all that
 *  became readable with it have been. */
void http_conns_note_arrival(struct http_conn *conn);

/** http_conns_open(conns): those that hold a place. */
uint32_t http_conns_open(const struct http_conns *conns);

/** http_conns_of(conns, peer): those of them from the same address. */
uint32_t http_conns_of(const struct http_conns *conns,
                       const struct sockaddr_storage *peer);

/** http_conns_victim(conns): which one to end first when all places are taken
 *  and somebody waits; NULL: all are used well. */
struct http_conn *http_conns_victim(const struct http_conns *conns);

/** http_conns_end(conn, end): close it. */
void http_conns_end(struct http_conn *conn, enum http_conn_end end);

/** http_conns_unpark(conns, max_per_ip, max): let those in whose address has
 *  less than ${max_per_ip}, until there are ${max} of all. */
void http_conns_unpark(struct http_conns *conns, uint32_t max_per_ip,
                       uint32_t max);

/** http_conns_sweep(conns): end those whose time is over. */
void http_conns_sweep(struct http_conns *conns);

/** http_conns_revoke(conns, key): end what this key is doing. */
void http_conns_revoke(struct http_conns *conns, int64_t key);

/** http_conns_end_idle(conns): close those between two requests. */
void http_conns_end_idle(struct http_conns *conns);

/** http_conns_flush(conns): write what can be written without waiting. */
void http_conns_flush(struct http_conns *conns);

/** http_conns_each(conns, state, do_to): run ${do_to} for each in ${state}; it
 *  may move or end them. */
void http_conns_each(struct http_conns *conns, enum http_conn_state state,
                     void (*do_to)(struct http_conn *conn, ev_tstamp now));

/** http_conns_bury(conns): free the dead; last in a callback of the loop. */
void http_conns_bury(struct http_conns *conns);

#endif /* API_HTTP_CONNS_H */
