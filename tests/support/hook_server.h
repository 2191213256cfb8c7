/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_HOOK_SERVER_H
#define ROUSE_TESTS_HOOK_SERVER_H

/*
 * An HTTPS receiver of webhooks in a thread of its own, good or bad, on a
 * port of 127.0.0.1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_SERVER_MAX 128 /* requests that are remembered */

enum hook_server_mood {
    HOOK_SERVER_TAKES,     /* 204 */
    HOOK_SERVER_FAILS,     /* 500 */
    HOOK_SERVER_REDIRECTS, /* 302 to hook_server_redirect's address */
    HOOK_SERVER_HANGS,     /* reads and never answers */
    HOOK_SERVER_DRIBBLES,  /* a byte of an endless header now and then */
};

struct hook_server;

/** hook_server_new(pki_dir): server.pem and server.key are in it. */
struct hook_server *hook_server_new(const char *pki_dir);
void hook_server_free(struct hook_server *server);

uint16_t hook_server_port(const struct hook_server *server);
void hook_server_set(struct hook_server *server, enum hook_server_mood mood);
void hook_server_redirect(struct hook_server *server, const char *address);

/** hook_server_count(server): requests that were read to their end. */
size_t hook_server_count(struct hook_server *server);

/** hook_server_await(server, n): until it has read ${n} requests. */
void hook_server_await(struct hook_server *server, size_t n);

/** hook_server_body(server, i): without its head; borrowed. */
const char *hook_server_body(struct hook_server *server, size_t i);

/** hook_server_is_signed(server, i, key): its X-Rouse-Signature is the
 *  HMAC-SHA256 of its body under ${key}. */
bool hook_server_is_signed(struct hook_server *server, size_t i,
                           const char *key);

/** hook_server_request(server, i): head and body; borrowed. */
const char *hook_server_request(struct hook_server *server, size_t i);

#endif /* ROUSE_TESTS_HOOK_SERVER_H */
