/* SPDX-License-Identifier: MIT */
#ifndef APNS_PROXY_H
#define APNS_PROXY_H

/*
 * HTTP CONNECT, as text: the proxy's URL, what to ask it, what it says. No
 * sockets.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/apns.h"
#include "apns/base/base64.h"

#define PROXY_MAX_HOST  255  /* bytes of the proxy's name */
#define PROXY_MAX_LOGIN 512  /* bytes of user:password */
#define PROXY_MAX_REPLY 8192 /* bytes of the reply's head */
#define PROXY_MAX_ASK   2048 /* bytes of our request */

struct proxy {
    char host[PROXY_MAX_HOST + 1];
    uint16_t port;
    char login[BASE64_SIZE(PROXY_MAX_LOGIN)]; /* base64; "": none */
};

/**
 * proxy_read_url(url, proxy):
 * Read "http://[user:password@]host[:port]", port 3128 unless given. User and
 * password may be percent-encoded; an IPv6 address stands in brackets.
 *
 *   errors   APNS_EINVAL
 */
APNS_MUST_USE enum apns_err proxy_read_url(const char *url,
                                           struct proxy *proxy);

/**
 * proxy_write_ask(proxy, host, port, out, size):
 * Write the CONNECT request; its length, or 0 when it does not fit.
 */
size_t proxy_write_ask(const struct proxy *proxy, const char *host,
                       uint16_t port, char *out, size_t size);

enum proxy_reply {
    PROXY_MORE,    /* not all of the head is there */
    PROXY_OK,      /* the tunnel stands behind the head */
    PROXY_REFUSED, /* ${*status} says why */
    PROXY_BROKEN,  /* not HTTP, or too long */
};

/**
 * proxy_read_reply(text, len, head_len, status):
 * Judge what has come so far. With PROXY_OK ${*head_len} bytes belong to the
 * proxy, all after them to the tunnel.
 */
enum proxy_reply proxy_read_reply(const char *text, size_t len,
                                  size_t *head_len, unsigned *status);

#endif /* APNS_PROXY_H */
