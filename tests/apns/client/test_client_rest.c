/* SPDX-License-Identifier: MIT */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

#define RECORD 16384 /* a buffer of records is longer than this */
#define LESS   4096  /* what may come and go beside buffers */
#define BURST  3000

/*
 * OpenSSL's memory, counted. In front of each block is its size.
 */

#define HEAD sizeof(max_align_t)

static size_t n_live;    /* bytes */
static size_t n_buffers; /* blocks longer than RECORD, made so far */

static void *
on_malloc(size_t size, const char *file, int line)
{
    char *block = malloc(HEAD + size);

    (void)file, (void)line;
    if (block == NULL)
        return NULL;
    *(size_t *)(void *)block = size;
    n_live += size;
    n_buffers += size > RECORD;
    return block + HEAD;
}

static void
on_free(void *ptr, const char *file, int line)
{
    char *block = ptr;

    (void)file, (void)line;
    if (ptr == NULL)
        return;
    block -= HEAD;
    n_live -= *(size_t *)(void *)block;
    free(block);
}

static void *
on_realloc(void *ptr, size_t size, const char *file, int line)
{
    size_t before = ptr == NULL ? 0 : *(size_t *)(void *)((char *)ptr - HEAD);
    char *block = on_malloc(size, file, line);

    if (block == NULL)
        return NULL;
    for (size_t i = 0; i < before && i < size; i++)
        block[i] = ((const char *)ptr)[i];
    on_free(ptr, file, line);
    return block;
}

/*
 * Scenes.
 */

static struct rig rig;

static bool
is_resting(struct rig *r)
{
    return rig_conn(r)->n_since_rest == 0;
}

/* Time passes in which nothing happens. */
static void
rest(void)
{
    struct conn *conn = rig_conn(&rig);

    conn->received_at_us -= CONN_REST_MS * 1000;
    conn->flight_at_us -= CONN_REST_MS * 1000;
    conn_arm(conn);
    rig_until(&rig, is_resting);
}

static void
push(uint32_t n)
{
    rig_add(&rig, n);
    rig_finish(&rig);
}

/* What OpenSSL keeps for records beside what the session needs. */
static size_t
count_kept(void)
{
    size_t before = n_live;

    assert_int_equal(SSL_free_buffers(rig_conn(&rig)->wire.ssl), 1);
    return before - n_live;
}

static void
begin(const char *const options[])
{
    rig_start(&rig, options);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
}

static void
end(void)
{
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], rig.n_pushes);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* Before OpenSSL has anything. */
static int
count_memory(__attribute__((unused)) void **state)
{
    return CRYPTO_set_mem_functions(on_malloc, on_realloc, on_free) == 1 ? 0
                                                                         : -1;
}

static int
tls_12(void **state)
{
    static const char *options[] = {"--tls", "1.2", NULL};

    *state = options;
    return 0;
}

static int
tls_13(void **state)
{
    static const char *options[] = {"--tls", "1.3", NULL};

    *state = options;
    return 0;
}

EACH(tls_12, NULL);
ALL(count_memory, NULL);

TEST(idle_connection_keeps_no_buffers)
{
    begin(*state);
    assert_int_equal(count_kept(), 0);
    push(CONN_BUSY - 1); /* few pushes are not worth them */
    assert_int_equal(count_kept(), 0);
    assert_null(rig_conn(&rig)->wire.out);
    end();
}
AGAIN(idle_connection_keeps_no_buffers, tls_13, NULL);

TEST(busy_connection_keeps_buffers_until_it_rests)
{
    begin(*state);
    push(BURST);
    assert_true(count_kept() > 4 * RECORD);
    push(BURST);
    rest();
    assert_int_equal(count_kept(), 0);
    assert_null(rig_conn(&rig)->wire.out);
    end();
}
AGAIN(busy_connection_keeps_buffers_until_it_rests, tls_13, NULL);

TEST(burst_after_a_rest_arrives)
{
    size_t idle;

    begin(*state);
    push(BURST);
    rest();
    idle = n_live;
    push(BURST);
    rest();
    push(1);
    push(BURST);
    rest();
    assert_true(n_live < idle + LESS);
    end();
}
AGAIN(burst_after_a_rest_arrives, tls_13, NULL);

TEST(busy_connection_makes_no_buffers_anew)
{
    size_t before;

    begin(*state);
    push(BURST);
    before = n_buffers;
    push(BURST);
    assert_int_equal(n_buffers, before);
    end();
}
AGAIN(busy_connection_makes_no_buffers_anew, tls_13, NULL);

/* Certificate and key are for the handshake. */
TEST(open_session_holds_no_key)
{
    begin(*state);
    assert_null(SSL_get_certificate(rig_conn(&rig)->wire.ssl));
    assert_null(SSL_get_privatekey(rig_conn(&rig)->wire.ssl));
    push(1);
    end();
}
AGAIN(open_session_holds_no_key, tls_13, NULL);

/* Of many that are dialled at once each waits for its server: what OpenSSL
   takes for the while, malloc would not give back to the system. */
TEST_WITH(handshake_that_waits_keeps_no_buffers, NULL, NULL)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    struct wire wire;
    size_t before;
    int fds[2];

    assert_non_null(ssl);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    assert_int_equal(SSL_set_fd(ssl, fds[0]), 1);
    SSL_set_connect_state(ssl);
    wire_init(&wire, NULL);
    wire_open(&wire, fds[0], ssl);
    assert_int_equal(wire_handshake(&wire), WIRE_READ);
    before = n_live;
    assert_int_equal(SSL_free_buffers(ssl), 1);
    assert_int_equal(before - n_live, 0);
    wire_close(&wire);
    close(fds[1]);
    SSL_CTX_free(context);
}
