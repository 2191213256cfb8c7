/* SPDX-License-Identifier: MIT */
#ifndef API_HTTPD_H
#define API_HTTPD_H

/*
 * An HTTP/1.1 server on a listening socket: it accepts, keeps the limits and
 * the time. Connections are in http_conn.h.
 *
 * When all places are taken, further clients wait in the socket's backlog.
 * A connection without a whole head, or one that lingers after a refusal,
 * then gives its place to them after a moment, so that nobody can hold the
 * places by doing nothing with them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;
struct httpd;

/**
 * httpd_new(api, fd, is_local):
 * Serve what connects to the listening socket ${fd}.
 *
 *   owns     ${fd}, also on failure
 *   returns  NULL when it cannot be set up
 */
struct httpd *httpd_new(struct api *api, int fd, bool is_local);

/** httpd_hold, httpd_let_in: leave connections in the backlog until keys can
 *  be checked. */
void httpd_hold(struct httpd *httpd);
void httpd_let_in(struct httpd *httpd);

/** httpd_listen(httpd, fd): accept from ${fd} from now on, which it owns. */
void httpd_listen(struct httpd *httpd, int fd);

/** httpd_close(httpd): accept nothing more; end idle connections. */
void httpd_close(struct httpd *httpd);

/** httpd_free(httpd): end all connections; no request may wait. */
void httpd_free(struct httpd *httpd);

/** httpd_flush(httpd): write what can be written without waiting. */
void httpd_flush(struct httpd *httpd);

/** httpd_revoke(httpd, key): end what this key is doing. */
void httpd_revoke(struct httpd *httpd, int64_t key);

/** httpd_count(httpd): open connections. */
uint32_t httpd_count(const struct httpd *httpd);

/** httpd_busy(httpd): of them those whose request has come, in whole or with
 *  its head, and that have not got all of the answer. */
uint32_t httpd_busy(const struct httpd *httpd);

/** httpd_ended(httpd, end): connections closed by us so far, for the reason
 *  numbered ${end} (enum http_conn_end). */
uint64_t httpd_ended(const struct httpd *httpd, unsigned end);

#endif /* API_HTTPD_H */
