/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_STEP_H
#define API_HTTP_STEP_H

/*
 * What a connection does in each of its states.
 */

#include "http_conn.h"

/** http_step_go_on(conn): do what can be done now. */
void http_step_go_on(struct http_conn *conn);

/** http_step_on_io: of its watcher. */
void http_step_on_io(struct ev_loop *loop, ev_io *io, int revents);

#endif /* API_HTTP_STEP_H */
