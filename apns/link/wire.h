/* SPDX-License-Identifier: MIT */
#ifndef APNS_WIRE_H
#define APNS_WIRE_H

/*
 * A TLS session on a non-blocking socket, with one record's worth of output
 * in front of it. Bytes only; what they mean is the connection's affair.
 */

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/http2/buffers.h"
#include "tls.h"

enum wire_io {
    WIRE_DONE,   /* all that was asked for */
    WIRE_READ,   /* go on when the socket can be read */
    WIRE_WRITE,  /* go on when it can be written */
    WIRE_EOF,    /* the peer has closed, without an alert */
    WIRE_FAILED, /* see wire->fault */
};

struct wire {
    int fd; /* -1: none */
    SSL *ssl;
    struct buffers *buffers;
    uint8_t *out; /* NULL while there is nothing to say */
    size_t out_at;
    size_t out_len;
    bool is_broken;  /* no close_notify any more */
    bool is_working; /* keeps the buffers of records */
    struct tls_fault fault;
};

/** wire_init(wire, buffers): no socket yet. */
void wire_init(struct wire *wire, struct buffers *buffers);

/** wire_open(wire, fd, ssl): owns both from now on. */
void wire_open(struct wire *wire, int fd, SSL *ssl);

/** wire_close(wire): say close_notify if that makes sense, and close. */
void wire_close(struct wire *wire);

/** wire_handshake(wire): one step of the handshake. */
enum wire_io wire_handshake(struct wire *wire);

/**
 * wire_read(wire, buf, size, len): WIRE_DONE with ${*len} > 0 bytes, or why
 * there are none.
 */
enum wire_io wire_read(struct wire *wire, uint8_t *buf, size_t size,
                       size_t *len);

/**
 * wire_space(wire, size):
 * Where the next bytes to be sent go, and how many fit. NULL: out of memory.
 */
uint8_t *wire_space(struct wire *wire, size_t *size);

/** wire_added(wire, len): so many were put there. */
void wire_added(struct wire *wire, size_t len);

/** wire_flush(wire): send what there is; the buffer goes when it is empty. */
enum wire_io wire_flush(struct wire *wire);

/**
 * wire_work(wire): keep the buffers of records from now on, which is faster.
 * At first a session has them only while there is something in them.
 */
void wire_work(struct wire *wire);

/** wire_rest(wire): give the buffers back, and be again as at first. */
void wire_rest(struct wire *wire);

#endif /* APNS_WIRE_H */
