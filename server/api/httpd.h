/* SPDX-License-Identifier: MIT */
#ifndef API_HTTPD_H
#define API_HTTPD_H

/*
 * libmicrohttpd on libev: one listening socket and the two engines that
 * serve its connections.
 *
 * libmicrohttpd gives each connection one block of memory for its headers,
 * and zeroes all of it between two requests on a kept-alive connection. A
 * block that holds a path of API_MAX_URL would so cost every idle connection
 * two megabytes and every request their zeroing. Therefore connections are
 * accepted here, their first bytes are looked at, and those that begin with a
 * list of ids in the path go to the wide engine, whose connections end after
 * one answer; all others to the narrow one.
 */

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;
struct httpd;
struct httpd_engine;

#define HTTPD_POOL_NARROW (32 * 1024) /* bytes of headers per connection */

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

/** httpd_close(httpd): accept nothing more. */
void httpd_close(struct httpd *httpd);

/** httpd_free(httpd): end all connections; none may be suspended. */
void httpd_free(struct httpd *httpd);

/** httpd_flush(httpd): write what can be written without waiting. */
void httpd_flush(struct httpd *httpd);

/** httpd_count(httpd): open connections. */
uint32_t httpd_count(const struct httpd *httpd);

/** httpd_api, httpd_is_local, httpd_is_wide: of a connection's engine. */
struct api *httpd_api(const struct httpd_engine *engine);
bool httpd_is_local(const struct httpd_engine *engine);
bool httpd_is_wide(const struct httpd_engine *engine);

/** httpd_kick(engine): something can go on; run in the loop's next pass. */
void httpd_kick(struct httpd_engine *engine);

#endif /* API_HTTPD_H */
