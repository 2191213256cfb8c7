/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_RAW_CLIENT_H
#define ROUSE_TESTS_RAW_CLIENT_H

/*
 * A client of bare nghttp2 and OpenSSL, blocking, for one connection. It does
 * what it is told and notes what it gets; it repairs nothing, so that the
 * simulator's faults are seen as they are.
 */

#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#define RAW_CLIENT_MAX_ANSWERS 64 /* streams of a connection, by id / 2 */
#define RAW_CLIENT_TIMEOUT_MS  120000

struct raw_answer {
    int status;           /* 0: none came */
    char apns_id[64];     /* "": none came */
    char retry_after[16]; /* "": none came */
    char body[256];
    size_t body_len;
    uint32_t error_code; /* once is_closed */
    bool is_closed;
};

struct raw_client {
    SSL_CTX *tls;
    SSL *ssl;
    int fd;
    nghttp2_session *session;
    bool is_gone;    /* the connection has ended */
    bool is_reset;   /* by a TCP reset */
    int alert;       /* TLS alert received; 0: none */
    bool is_settled; /* SETTINGS received */
    uint32_t n_settings;
    uint32_t n_ping_acks;
    bool has_goaway;
    int32_t goaway_last;
    uint32_t goaway_code;
    char goaway_text[256];
    struct raw_answer answers[RAW_CLIENT_MAX_ANSWERS];
};

/**
 * raw_client_open(port, ca, cert, tls_version):
 * Connect to 127.0.0.1 and shake hands, with ${cert} (a file with certificate
 * and key; NULL: without). A refusal is noted, not a failure.
 *
 *   owns     the caller gives it to raw_client_close
 */
struct raw_client *raw_client_open(uint16_t port, const char *ca,
                                   const char *cert, int tls_version);

/** raw_client_close(client). */
void raw_client_close(struct raw_client *client);

/**
 * raw_client_push(client, topic, token_hex):
 * Submit a good push; send it with raw_client_run. Without ${topic} it has
 * none of APNs' own headers.
 *
 *   returns  its answer's place, filled in by raw_client_run
 */
struct raw_answer *raw_client_push(struct raw_client *client, const char *topic,
                                   const char *token_hex);

/** raw_client_until_fn(client): true ends raw_client_run. */
typedef bool raw_client_until_fn(const struct raw_client *client);

/**
 * raw_client_run(client, until):
 * Send and receive until ${until} is true or the connection has ended. The
 * test fails after RAW_CLIENT_TIMEOUT_MS.
 */
void raw_client_run(struct raw_client *client, raw_client_until_fn *until);

/* Common ends. */
raw_client_until_fn raw_client_is_settled;     /* SETTINGS came */
raw_client_until_fn raw_client_is_idle;        /* no stream is open */
raw_client_until_fn raw_client_is_over;        /* never: until it has ended */
raw_client_until_fn raw_client_wants_no_write; /* all is written */

#endif /* ROUSE_TESTS_RAW_CLIENT_H */
