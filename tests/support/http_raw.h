/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_HTTP_RAW_H
#define ROUSE_TESTS_HTTP_RAW_H

/*
 * HTTP byte by byte, for requests that no proper client would make: broken,
 * slow, or larger than client libraries send.
 */

#include <stddef.h>
#include <stdint.h>

#define HTTP_RAW_TIMEOUT_MS 120000 /* no wait is longer */

/** http_raw_open(socket, port): connect to a unix socket, or when ${socket}
 *  is NULL to 127.0.0.1:${port}. */
int http_raw_open(const char *socket, uint16_t port);

/** http_raw_write(fd, bytes, len): all of them, or as many as the peer takes
 *  before it closes. */
void http_raw_write(int fd, const char *bytes, size_t len);

/** http_raw_say(fd, text): the same with a string. */
void http_raw_say(int fd, const char *text);

/** http_raw_read(fd): all until the peer closes, to free(); closes ${fd}. */
char *http_raw_read(int fd);

#endif /* ROUSE_TESTS_HTTP_RAW_H */
