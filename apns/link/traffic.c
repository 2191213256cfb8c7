/* SPDX-License-Identifier: MIT */
#include "traffic.h"

#include <unistd.h>

#include "apns/client.h"
#include "apns/http2/reply.h"
#include "apns/log.h"
#include "apns/push/outcome.h"

/* The TLS session is gone: what does that say of our credentials? */
static void
lose(struct conn *conn)
{
    const struct tls_fault *tls = &conn->wire.fault;
    bool is_early = conn->state < CONN_OPEN;
    struct conn_fault fault = {.why = tls->text};

    if (conn->state == CONN_HANDSHAKING && tls->is_cut) {
        setup_on_cut(conn, tls->text);
        return;
    }
    if (tls->alert >= 0) {
        if (reply_classify_tls_alert(tls->alert, is_early) ==
            APNS_CLASS_IDENTITY)
            fault.cause = reply_alert_cause(tls->alert);
        fault.why = reply_alert_name(tls->alert);
    }
    conn_fail(conn, &fault);
}

/* Writing failed. If APNs has refused our certificate, its alert is still
 * there to be read. */
static void
lose_writing(struct conn *conn)
{
    size_t len;

    if (conn->state == CONN_SETTLING) {
        for (int i = 0; i < 8; i++)
            if (wire_read(&conn->wire, conn->client->read_buf, CLIENT_READ_SIZE,
                          &len) != WIRE_DONE)
                break;
    }
    lose(conn);
}

/* One write of what is in the buffer. False: no more can be written now. */
static bool
write_out(struct conn *conn)
{
    enum wire_io io = wire_flush(&conn->wire);

    if (io == WIRE_DONE)
        return true;
    if (io == WIRE_FAILED || io == WIRE_EOF) {
        lose_writing(conn);
        return false;
    }
    conn->is_blocked = true;
    conn_watch(conn, conn->wire.fd,
               io == WIRE_WRITE ? EV_READ | EV_WRITE : EV_READ);
    return false;
}

void
traffic_fill(struct conn *conn)
{
    while (!conn->is_blocked && conn->state != CONN_DEAD) {
        size_t size, len;
        uint8_t *space = wire_space(&conn->wire, &size);

        if (space == NULL || !h2_output(conn->h2, space, size, &len)) {
            conn_fail(conn, &(struct conn_fault){.why = "out of memory"});
            return;
        }
        wire_added(&conn->wire, len);
        conn->client->stats.n_bytes_out += len;
        if (len < size || !write_out(conn))
            return;
    }
}

static void
say_goodbye(struct conn *conn)
{
    conn->has_said_bye = true;
    conn->used_at_us = conn->client->now_us;
    h2_goodbye(conn->h2);
    conn_arm(conn);
}

void
traffic_flush(struct conn *conn)
{
    if (conn->state < CONN_SETTLING || conn->state == CONN_DEAD)
        return;
    if (conn->state == CONN_DRAINING && h2_in_flight(conn->h2) == 0 &&
        !conn->has_said_bye)
        say_goodbye(conn);
    traffic_fill(conn);
    /* More answers are at hand, and more pushes will follow them: a write
     * that is not full can wait for these. */
    if (conn->is_blocked || conn->state == CONN_DEAD ||
        (conn->is_to_read && !conn->is_hurried))
        return;
    conn->is_hurried = false;
    if (!write_out(conn))
        return;
    conn_watch(conn, conn->wire.fd, EV_READ);
    if (conn->has_said_bye && h2_in_flight(conn->h2) == 0)
        conn_fail(conn, NULL);
    else if (h2_is_over(conn->h2)) /* the peer broke the protocol */
        conn_fail(conn, &(struct conn_fault){.why = "HTTP/2 error"});
}

static void
on_settings(void *arg)
{
    struct conn *conn = arg;
    uint32_t limit = h2_streams_max(conn->h2);

    if (limit > conn->best_limit)
        conn->best_limit = limit;
    log_line(&conn->client->config, APNS_LOG_DEBUG,
             EVENT_SETTINGS " topic=%s conn=%u streams_max=%u",
             conn->identity->cert.topic, conn->number, limit);
    if (conn->state == CONN_SETTLING) {
        char text[ADDRESS_MAX_TEXT];

        address_write(&conn->address, text);
        conn_move(conn, CONN_OPEN);
        log_line(&conn->client->config, APNS_LOG_NOTICE,
                 EVENT_CONN_OPEN " topic=%s conn=%u address=%s tls=%s "
                                 "streams_max=%u",
                 conn->identity->cert.topic, conn->number, text,
                 SSL_get_version(conn->wire.ssl), limit);
        identity_on_open(conn->identity, conn);
    }
    identity_wake(conn->identity);
}

static void
on_goaway(void *arg, const struct h2_goaway *goaway)
{
    struct conn *conn = arg;
    struct reply_body body;

    (void)reply_body_read(goaway->text, goaway->text_len, &body);
    conn->client->stats.n_goaways++;
    log_line(&conn->client->config, APNS_LOG_NOTICE,
             EVENT_GOAWAY " topic=%s conn=%u reason=%s code=%u last=%d "
                          "in_flight=%u",
             conn->identity->cert.topic, conn->number,
             body.reason[0] != '\0' ? body.reason : "-", goaway->code,
             goaway->last_stream_id, conn_in_flight(conn));
    conn->is_on_trial = conn->n_answered == 0 && conn_in_flight(conn) > 0 &&
                        goaway->last_stream_id > 0;
    identity_on_goaway(conn->identity, conn, body.reason);
    conn_drain(conn, "goaway");
    identity_fill_place(conn->identity);
}

static void
on_ping_ack(void *arg)
{
    struct conn *conn = arg;

    conn->ping_at_us = 0;
}

static void
on_end(void *arg, struct slot *slot, enum h2_end end)
{
    struct conn *conn = arg;

    slot->conn = NULL;
    conn->used_at_us = conn->client->now_us;
    conn->n_expired = 0;
    conn->n_resent -= slot->is_resent;
    switch (end) {
    case H2_ANSWERED:
        conn->n_answered++;
        throttle_on_answer(&conn->throttle, h2_streams_max(conn->h2));
        outcome_answer(conn->identity, conn, slot);
        break;
    case H2_UNPROCESSED:
        throttle_on_refusal(&conn->throttle, conn->client->now_us,
                            rng_unit(&conn->client->rng));
        outcome_requeue(conn->identity, slot);
        break;
    case H2_RESET:
        outcome_reset(conn->identity, slot);
        break;
    }
    if (conn->state == CONN_DRAINING) {
        conn_want_flush(conn);
        identity_fill_place(conn->identity);
    }
}

static void
settle(struct conn *conn)
{
    static const struct h2_hooks hooks = {
        .on_settings = on_settings,
        .on_goaway = on_goaway,
        .on_ping_ack = on_ping_ack,
        .on_end = on_end,
    };
    struct apns_client *client = conn->client;
    struct h2_config config = {
        .authority = client->authority,
        .topic = conn->identity->cert.topic,
        .streams_max = client->config.streams_max,
        .mem = &client->h2mem,
        .slots = &client->slots,
    };

    setup_note_port(&client->ports, &client->config, conn->port,
                    client->now_us);
    if (!tls_has_h2(conn->wire.ssl)) {
        conn_fail(conn, &(struct conn_fault){.why = "no HTTP/2 in ALPN"});
        return;
    }
    if ((conn->h2 = h2_new(&config, &hooks, conn)) == NULL) {
        conn_fail(conn, &(struct conn_fault){.why = "out of memory"});
        return;
    }
    conn->received_at_us = client->now_us;
    conn_move(conn, CONN_SETTLING);
    conn_watch(conn, conn->wire.fd, EV_READ);
    conn_want_flush(conn);
}

static void receive(struct conn *conn);

static void
shake(struct conn *conn)
{
    switch (wire_handshake(&conn->wire)) {
    case WIRE_DONE:
        settle(conn);
        /* SETTINGS may be in the same read, and no further event comes. */
        if (conn->state == CONN_SETTLING)
            receive(conn);
        break;
    case WIRE_READ:
        conn_watch(conn, conn->wire.fd, EV_READ);
        break;
    case WIRE_WRITE:
        conn_watch(conn, conn->wire.fd, EV_WRITE);
        break;
    case WIRE_EOF:
    case WIRE_FAILED:
        lose(conn);
        break;
    }
}

void
traffic_begin(struct conn *conn, int fd)
{
    struct apns_client *client = conn->client;
    SSL *ssl =
        tls_open(&client->tls, conn->identity->pair, fd, client->config.host);

    conn_move(conn, CONN_HANDSHAKING);
    if (ssl == NULL) {
        close(fd);
        conn_fail(conn, &(struct conn_fault){.why = "TLS: out of memory"});
        return;
    }
    wire_open(&conn->wire, fd, ssl);
    shake(conn);
}

/* OpenSSL may hold more, for which no event comes. It is read in the next turn:
 * one that takes all there is keeps others waiting. */
static void
want_read(struct conn *conn, bool is_wanted)
{
    struct apns_client *client = conn->client;

    if (conn->is_to_read == is_wanted)
        return;
    conn->is_to_read = is_wanted;
    if (is_wanted)
        TAILQ_INSERT_TAIL(&client->unread, conn, read_link);
    else
        TAILQ_REMOVE(&client->unread, conn, read_link);
}

static void
receive(struct conn *conn)
{
    struct apns_client *client = conn->client;
    const char *what = NULL;
    enum wire_io io = WIRE_DONE;
    size_t n_bytes = 0;
    size_t len;

    for (int i = 0; i < TRAFFIC_MAX_READS && n_bytes < TRAFFIC_MAX_BYTES; i++) {
        io = wire_read(&conn->wire, client->read_buf, CLIENT_READ_SIZE, &len);
        if (io != WIRE_DONE)
            break;
        conn->received_at_us = client->now_us;
        n_bytes += len;
        client->stats.n_bytes_in += len;
        if (!h2_receive(conn->h2, client->read_buf, len, &what)) {
            conn_fail(conn, &(struct conn_fault){.why = what});
            return;
        }
    }
    if (io == WIRE_EOF || io == WIRE_FAILED) {
        lose(conn);
        return;
    }
    want_read(conn, io == WIRE_DONE);
    conn_want_flush(conn);
    identity_wake(conn->identity);
}

void
traffic_read_on(struct apns_client *client)
{
    struct conn *conn;

    TAILQ_FOREACH (conn, &client->unread, read_link)
        ev_feed_event(client->loop, &conn->io, EV_READ);
}

void
traffic_on_io(struct ev_loop *loop, ev_io *io, int revents)
{
    struct conn *conn = io->data;

    (void)loop;
    client_tick(conn->client);
    if (conn->state == CONN_PROXY) {
        setup_on_io(conn, revents);
        return;
    }
    if (conn->state == CONN_HANDSHAKING) {
        shake(conn);
        return;
    }
    /* What is submitted must be encoded before the next push: see h2.h. */
    conn->is_blocked = false;
    traffic_fill(conn);
    if (conn->state == CONN_DEAD)
        return;
    conn_want_flush(conn);
    if ((revents & EV_READ) != 0)
        receive(conn);
    else
        identity_wake(conn->identity);
}
