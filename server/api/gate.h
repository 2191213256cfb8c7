/* SPDX-License-Identifier: MIT */
#ifndef API_GATE_H
#define API_GATE_H

/*
 * The way of every request through routing, keys and limits to its handler,
 * as its connection reads it: gate_new, gate_begin with the head, gate_take
 * with each part of the body, gate_end, gate_free. It may be answered
 * (request->status) after each of these.
 */

#include <stddef.h>

struct http_conn;
struct request;

/** gate_new(conn): NULL without memory. */
struct request *gate_new(struct http_conn *conn);

/** gate_begin(request): its head has been read. */
void gate_begin(struct request *request);

/** gate_take(request, bytes, len): of the body, len > 0. Returns how many it
 *  took; fewer only when the request is suspended or answered then. */
size_t gate_take(struct request *request, const char *bytes, size_t len);

/** gate_end(request): it is whole; the handler runs now. Afterwards it is
 *  either answered or suspended. */
void gate_end(struct request *request);

/** gate_free(request): it must not be suspended. NULL is fine. */
void gate_free(struct request *request);

/** gate_unescape: decode %XX in place; %00 and broken ones stay as they are,
 *  so that no string ends early. Returns the new length. */
size_t gate_unescape(char *text);

#endif /* API_GATE_H */
