/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apns/base/must.h"

void
wire_init(struct wire *wire, struct buffers *buffers)
{
    memset(wire, 0, sizeof *wire);
    wire->fd = -1;
    wire->buffers = buffers;
    wire->fault.alert = -1;
}

void
wire_open(struct wire *wire, int fd, SSL *ssl)
{
    must(wire->fd == -1 && wire->ssl == NULL);
    wire->fd = fd;
    wire->ssl = ssl;
}

void
wire_close(struct wire *wire)
{
    if (wire->ssl != NULL) {
        /* Not after a failure: OpenSSL forbids it. */
        if (!wire->is_broken && SSL_is_init_finished(wire->ssl))
            (void)SSL_shutdown(wire->ssl);
        ERR_clear_error();
        SSL_free(wire->ssl);
        wire->ssl = NULL;
    }
    if (wire->fd != -1)
        close(wire->fd);
    wire->fd = -1;
    buffers_give(wire->buffers, wire->out);
    wire->out = NULL;
    wire->out_at = wire->out_len = 0;
}

static enum wire_io
explain(struct wire *wire, int rv)
{
    switch (SSL_get_error(wire->ssl, rv)) {
    case SSL_ERROR_WANT_READ:
        return WIRE_READ;
    case SSL_ERROR_WANT_WRITE:
        return WIRE_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        tls_fault_read(wire->ssl, rv, &wire->fault);
        return WIRE_EOF;
    default:
        wire->is_broken = true;
        tls_fault_read(wire->ssl, rv, &wire->fault);
        return WIRE_FAILED;
    }
}

/* OpenSSL makes them again when it needs them. It refuses while a record is
 * half read or half written; then they go the next time. */
static void
drop_buffers(struct wire *wire)
{
    if (wire->is_working)
        return;
    (void)SSL_free_buffers(wire->ssl);
    ERR_clear_error();
}

/* Why OpenSSL did not go on. Nothing more to read is where most connections
 * spend their time: while hundreds shake hands at once, 20 KiB each are
 * memory that malloc does not give back afterwards. */
static enum wire_io
stop_short(struct wire *wire, int rv)
{
    enum wire_io io = explain(wire, rv);

    if (io == WIRE_READ)
        drop_buffers(wire);
    return io;
}

enum wire_io
wire_handshake(struct wire *wire)
{
    int rv;

    ERR_clear_error();
    rv = SSL_do_handshake(wire->ssl);
    if (rv != 1)
        return stop_short(wire, rv);
    /* Our certificate and key were for the handshake only. */
    SSL_certs_clear(wire->ssl);
    return WIRE_DONE;
}

enum wire_io
wire_read(struct wire *wire, uint8_t *buf, size_t size, size_t *len)
{
    int rv;

    *len = 0;
    ERR_clear_error();
    rv = SSL_read(wire->ssl, buf, size > INT_MAX ? INT_MAX : (int)size);
    if (rv <= 0)
        return stop_short(wire, rv);
    *len = (size_t)rv;
    return WIRE_DONE;
}

uint8_t *
wire_space(struct wire *wire, size_t *size)
{
    if (wire->out == NULL) {
        if ((wire->out = buffers_take(wire->buffers)) == NULL)
            return NULL;
        wire->out_at = wire->out_len = 0;
    }
    *size = BUFFERS_SIZE - wire->out_len;
    return wire->out + wire->out_len;
}

void
wire_added(struct wire *wire, size_t len)
{
    wire->out_len += len;
    must(wire->out_len <= BUFFERS_SIZE);
}

enum wire_io
wire_flush(struct wire *wire)
{
    while (wire->out_at < wire->out_len) {
        int rv;

        ERR_clear_error();
        /* What was not taken stays and only grows, so a repeated call never
         * offers less than before, as OpenSSL asks. */
        rv = SSL_write(wire->ssl, wire->out + wire->out_at,
                       (int)(wire->out_len - wire->out_at));
        if (rv <= 0)
            return explain(wire, rv);
        wire->out_at += (size_t)rv;
    }
    buffers_give(wire->buffers, wire->out);
    wire->out = NULL;
    wire->out_at = wire->out_len = 0;
    drop_buffers(wire);
    return WIRE_DONE;
}

void
wire_work(struct wire *wire)
{
    wire->is_working = true;
}

void
wire_rest(struct wire *wire)
{
    wire->is_working = false;
    drop_buffers(wire);
}
