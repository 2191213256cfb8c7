/* SPDX-License-Identifier: MIT */

/*
 * A session against OpenSSL's own server side, over a pair of sockets, and
 * what it holds in between.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "apns/link/wire.h"
#include "cert_make.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define HOST "wire.test"

struct line {
    char *dir;
    struct tls tls;
    struct cert_pair *pair;
    struct buffers buffers;
    struct wire wire;
    SSL_CTX *context;
    SSL *server;
    int fd; /* the server's */
};

static size_t n_held; /* bytes that OpenSSL has */
static int n_interrupts;

/* What the linker gives for the client's calls. */
ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);

static bool
is_interrupted(void)
{
    if (n_interrupts == 0)
        return false;
    n_interrupts--;
    errno = EINTR;
    return true;
}

ssize_t
__wrap_send(int fd, const void *bytes, size_t len, int flags)
{
    return is_interrupted() ? -1 : __real_send(fd, bytes, len, flags);
}

ssize_t
__wrap_recv(int fd, void *bytes, size_t len, int flags)
{
    return is_interrupted() ? -1 : __real_recv(fd, bytes, len, flags);
}

/* In front of each block of OpenSSL's. */
struct held {
    _Alignas(max_align_t) size_t size;
};

static void *
on_malloc(size_t size, const char *file, int line)
{
    struct held *held = malloc(sizeof *held + size);

    (void)file, (void)line;
    if (held == NULL)
        return NULL;
    held->size = size;
    n_held += size;
    return held + 1;
}

static void
on_free(void *ptr, const char *file, int line)
{
    struct held *held = ptr;

    (void)file, (void)line;
    if (ptr == NULL)
        return;
    n_held -= held[-1].size;
    free(held - 1);
}

static void *
on_realloc(void *ptr, size_t size, const char *file, int line)
{
    const struct held *held = ptr;
    void *moved = on_malloc(size, file, line);

    if (ptr == NULL || moved == NULL)
        return moved;
    memcpy(moved, ptr, held[-1].size < size ? held[-1].size : size);
    on_free(ptr, file, line);
    return moved;
}

static X509 *
read_cert(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    assert_non_null(x509);
    BIO_free(bio);
    return x509;
}

static int
on_verify(int is_ok, X509_STORE_CTX *context)
{
    (void)is_ok, (void)context;
    return 1;
}

static void
open_server(struct line *line, X509 *leaf)
{
    line->context = SSL_CTX_new(TLS_server_method());
    assert_non_null(line->context);
    SSL_CTX_set_num_tickets(line->context, 0);
    SSL_CTX_set_verify(line->context, SSL_VERIFY_PEER, on_verify);
    assert_int_equal(SSL_CTX_use_certificate(line->context, leaf), 1);
    assert_int_equal(
        SSL_CTX_use_PrivateKey(line->context, cert_make_key(CERT_MAKE_RSA)), 1);
    line->server = SSL_new(line->context);
    assert_non_null(line->server);
    assert_int_equal(SSL_set_fd(line->server, line->fd), 1);
    SSL_set_accept_state(line->server);
}

/* One certificate is the server's, the client's, and the one it trusts. */
static int
set_up(void **state)
{
    const struct cert_make make = {
        .uid = "com.apple.mgmt.wire",
        .cn = HOST,
        .key = CERT_MAKE_RSA,
        .from_s = -3600,
        .to_s = INT64_C(30) * 365 * 86400,
    };
    struct line *line = calloc(1, sizeof *line);
    char *pem = cert_make_pem(&make);
    X509 *leaf = read_cert(pem);
    char *path;
    int fds[2];

    assert_non_null(line);
    line->dir = temp_dir_new();
    path = temp_dir_path(line->dir, "ca.pem");
    temp_dir_write(path, pem);
    assert_int_equal(tls_init(&line->tls, path), APNS_OK);
    assert_int_equal(
        cert_pair_new(leaf, cert_make_key(CERT_MAKE_RSA), &line->pair),
        APNS_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    line->fd = fds[1];
    open_server(line, leaf);
    wire_init(&line->wire, &line->buffers);
    wire_open(&line->wire, fds[0],
              tls_open(&line->tls, line->pair, fds[0], HOST));
    assert_non_null(line->wire.ssl);
    X509_free(leaf);
    free(path);
    free(pem);
    *state = line;
    return 0;
}

static int
tear_down(void **state)
{
    struct line *line = *state;

    wire_close(&line->wire);
    buffers_fini(&line->buffers);
    cert_pair_free(line->pair);
    tls_fini(&line->tls);
    SSL_free(line->server);
    SSL_CTX_free(line->context);
    close(line->fd);
    temp_dir_free(line->dir);
    free(line);
    return 0;
}

static void
shake_hands(struct line *line)
{
    enum wire_io io;

    while ((io = wire_handshake(&line->wire)) != WIRE_DONE) {
        assert_int_equal(io, WIRE_READ);
        (void)SSL_do_handshake(line->server);
    }
    while (SSL_do_handshake(line->server) != 1)
        continue;
}

static void
put(struct line *line, uint8_t byte, size_t len)
{
    size_t size;
    uint8_t *space = wire_space(&line->wire, &size);

    assert_non_null(space);
    assert_true(len <= size);
    memset(space, byte, len);
    wire_added(&line->wire, len);
}

TEST(a_closed_session_says_goodbye)
{
    struct line *line = *state;
    char byte;

    shake_hands(line);
    wire_close(&line->wire);
    assert_int_equal(SSL_read(line->server, &byte, 1), 0);
    assert_int_equal(SSL_get_error(line->server, 0), SSL_ERROR_ZERO_RETURN);
}

TEST(the_peers_end_is_told)
{
    struct line *line = *state;
    uint8_t byte;
    size_t len;

    shake_hands(line);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_READ);
    assert_true(SSL_shutdown(line->server) >= 0);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_EOF);
    assert_int_equal(line->wire.fault.alert, -1);
    assert_false(line->wire.fault.is_cut);
    assert_string_equal(line->wire.fault.text, "connection closed");
}

TEST(what_is_not_tls_breaks_it)
{
    struct line *line = *state;
    uint8_t bytes[64];
    size_t len;

    shake_hands(line);
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(write(line->fd, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(wire_read(&line->wire, bytes, sizeof bytes, &len),
                     WIRE_FAILED);
    assert_false(line->wire.fault.is_cut);
    assert_int_equal(strncmp(line->wire.fault.text, "TLS: ", 5), 0);
    assert_true(line->wire.is_broken);
}

/* The socket takes a part; what is left goes out later, in order. */
TEST(all_that_was_put_arrives_once)
{
    enum {
        N_PUT = 100
    };
    struct line *line = *state;
    uint8_t bytes[BUFFERS_SIZE];
    size_t n_put = 0, n_got = 0;
    bool was_full = false;

    shake_hands(line);
    while (n_got < (size_t)N_PUT * 10000) {
        enum wire_io io = wire_flush(&line->wire);
        int rv;

        if (io == WIRE_DONE && n_put < N_PUT)
            put(line, (uint8_t)n_put++, 10000);
        if (io == WIRE_DONE && n_put < N_PUT)
            continue;
        was_full = was_full || io == WIRE_WRITE;
        while ((rv = SSL_read(line->server, bytes, sizeof bytes)) > 0)
            for (int i = 0; i < rv; i++)
                assert_int_equal(bytes[i], n_got++ / 10000);
        assert_int_equal(SSL_get_error(line->server, rv), SSL_ERROR_WANT_READ);
    }
    assert_true(was_full);
    assert_null(line->wire.out);
}

TEST(an_interrupted_call_is_made_again)
{
    struct line *line = *state;
    uint8_t byte;
    size_t len;

    shake_hands(line);
    put(line, 'a', 1);
    n_interrupts = 1;
    assert_int_equal(wire_flush(&line->wire), WIRE_WRITE);
    assert_int_equal(wire_flush(&line->wire), WIRE_DONE);
    assert_int_equal(SSL_read(line->server, &byte, 1), 1);
    assert_int_equal(SSL_write(line->server, "b", 1), 1);
    n_interrupts = 1;
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_READ);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_DONE);
    assert_int_equal(byte, 'b');
}

TEST(a_socket_that_is_gone_is_no_goodbye)
{
    struct line *line = *state;

    shake_hands(line);
    assert_int_equal(shutdown(line->fd, SHUT_RDWR), 0);
    put(line, 'a', 1);
    assert_int_equal(wire_flush(&line->wire), WIRE_FAILED);
    assert_true(line->wire.fault.is_cut);
    assert_string_equal(line->wire.fault.text, "connection reset");
}

/* Both ways, so that it has had both buffers. */
static void
talk(struct line *line)
{
    uint8_t byte;
    size_t len;

    put(line, 'a', 1);
    assert_int_equal(wire_flush(&line->wire), WIRE_DONE);
    assert_int_equal(SSL_read(line->server, &byte, 1), 1);
    assert_int_equal(SSL_write(line->server, "b", 1), 1);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_DONE);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_READ);
}

TEST(only_one_that_works_keeps_its_buffers)
{
    struct line *line = *state;
    size_t at_rest, at_work, len;
    uint8_t byte;

    shake_hands(line);
    talk(line);
    talk(line); /* the server has its own now */
    at_rest = n_held;
    wire_work(&line->wire);
    talk(line);
    at_work = n_held;
    assert_true(at_work > at_rest + 64 * 1024); /* one to read, at least */
    wire_rest(&line->wire);
    assert_int_equal(n_held, at_rest);
    /* A write gives back its own, and a read that finds no more both. */
    put(line, 'a', 1);
    assert_int_equal(wire_flush(&line->wire), WIRE_DONE);
    assert_int_equal(n_held, at_rest);
    assert_int_equal(SSL_write(line->server, "b", 1), 1);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_DONE);
    assert_true(n_held > at_rest);
    assert_int_equal(wire_read(&line->wire, &byte, 1, &len), WIRE_READ);
    assert_int_equal(n_held, at_rest);
}

/* Before OpenSSL has anything. */
static int
count_memory(__attribute__((unused)) void **state)
{
    return CRYPTO_set_mem_functions(on_malloc, on_realloc, on_free) == 1 ? 0
                                                                         : -1;
}

EACH(set_up, tear_down);
ALL(count_memory, NULL);
