/* SPDX-License-Identifier: MIT */
#include "setup.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apns/base/must.h"
#include "apns/link/dial.h"
#include "apns/link/resolver.h"
#include "apns/link/traffic.h"
#include "client.h"
#include "log.h"

uint16_t
setup_pick_port(const struct setup_ports *ports,
                const struct apns_config *config, uint64_t now_us)
{
    return now_us < ports->fallback_until_us ? config->fallback_port
                                             : config->port;
}

void
setup_note_port(struct setup_ports *ports, const struct apns_config *config,
                uint16_t port, uint64_t now_us)
{
    if (port == config->port)
        ports->fallback_until_us = 0;
    else if (ports->fallback_until_us <= now_us)
        ports->fallback_until_us = now_us + SETUP_PORT_MEMORY_MS * 1000ULL;
}

static void on_dialled(void *arg, int fd, const struct address *address,
                       const char *why);

static bool
has_proxy(const struct conn *conn)
{
    return conn->client->config.proxy != NULL;
}

static void
fail(struct conn *conn, const char *why)
{
    conn_fail(conn, &(struct conn_fault){.why = why});
}

/* The host that is dialled was not reached: with a proxy, it is that. */
static void
fail_on_the_way(struct conn *conn, const char *why)
{
    char text[160];

    snprintf(text, sizeof text, "%s%s",
             has_proxy(conn) && conn->state <= CONN_CONNECTING ? "proxy: " : "",
             why);
    fail(conn, text);
}

/* An address that another connection of the pool uses leads to the same
 * machine; APNs asks its clients to spread. */
static bool
is_in_use(const struct conn *conn, const struct address *address)
{
    const struct conn *other;

    TAILQ_FOREACH (other, &conn->identity->pool.conns, link)
        if (other != conn && address_is_same_host(&other->address, address))
            return true;
    return false;
}

static void
dial_now(struct conn *conn)
{
    struct address order[ADDRESS_MAX];
    bool is_used[ADDRESS_MAX];

    for (size_t i = 0; i < conn->n_addresses; i++) {
        struct address *address = &conn->addresses[i];

        is_used[i] = is_in_use(conn, address);
        address_set_port(address, has_proxy(conn) ? conn->client->proxy.port
                                                  : conn->port);
    }
    address_spread(conn->addresses, conn->n_addresses, is_used, order);
    conn->dial = dial_start(conn->client->loop, order, conn->n_addresses,
                            on_dialled, conn);
    if (conn->dial == NULL)
        fail(conn, "out of memory");
}

static bool
can_switch_port(const struct conn *conn)
{
    return conn->client->config.fallback_port != 0 &&
           !conn->has_switched_port &&
           (conn->state == CONN_CONNECTING || conn->state == CONN_PROXY ||
            conn->state == CONN_HANDSHAKING);
}

static void
leave_handshake(struct conn *conn)
{
    conn_watch(conn, -1, 0);
    wire_close(&conn->wire);
    wire_init(&conn->wire, &conn->client->buffers);
}

/* The port leads nowhere: the other one, or give up. */
static void
switch_port(struct conn *conn, const char *why)
{
    const struct apns_config *config = &conn->client->config;

    if (!can_switch_port(conn)) {
        fail_on_the_way(conn, why);
        return;
    }
    conn->has_switched_port = true;
    conn->port =
        conn->port == config->port ? config->fallback_port : config->port;
    log_line(config, APNS_LOG_NOTICE,
             EVENT_PORT_SWITCH " topic=%s conn=%u port=%u why=\"%s\"",
             conn->identity->cert.topic, conn->number, conn->port, why);
    if (conn->state == CONN_HANDSHAKING)
        leave_handshake(conn);
    if (conn->state == CONN_CONNECTING)
        setup_end(conn);
    else
        conn_move(conn, CONN_CONNECTING);
    conn_arm(conn);
    dial_now(conn);
}

static void
on_resolved(void *arg, struct address *addresses, size_t n, const char *why)
{
    struct conn *conn = arg;
    char text[128];

    client_tick(conn->client);
    if (n == 0) {
        snprintf(text, sizeof text, "resolve: %s", why);
        fail_on_the_way(conn, text);
        return;
    }
    memcpy(conn->addresses, addresses, n * sizeof *addresses);
    conn->n_addresses = n;
    conn_move(conn, CONN_CONNECTING);
    dial_now(conn);
}

void
setup_begin(struct conn *conn)
{
    struct apns_client *client = conn->client;
    const char *host =
        has_proxy(conn) ? client->proxy.host : client->config.host;

    conn->port =
        setup_pick_port(&client->ports, &client->config, client->now_us);
    if (address_read(&conn->addresses[0], host, 0)) {
        conn->n_addresses = 1;
        conn_move(conn, CONN_CONNECTING);
        dial_now(conn);
        return;
    }
    conn->resolver = resolver_start(client->loop, client->config.dns_servers,
                                    host, on_resolved, conn);
    if (conn->resolver == NULL)
        fail_on_the_way(conn, "resolve: cannot ask");
    else
        conn_arm(conn);
}

static void
ask_proxy(struct conn *conn, int fd)
{
    conn->proxy_fd = -1;
    conn_move(conn, CONN_PROXY);
    conn->proxy_fd = fd;
    conn->ask = malloc(PROXY_MAX_REPLY);
    conn->ask_at = 0;
    if (conn->ask == NULL ||
        (conn->ask_len =
             proxy_write_ask(&conn->client->proxy, conn->client->config.host,
                             conn->port, conn->ask, PROXY_MAX_ASK)) == 0) {
        fail(conn, "out of memory");
        return;
    }
    conn_watch(conn, fd, EV_WRITE);
}

static void
on_dialled(void *arg, int fd, const struct address *address, const char *why)
{
    struct conn *conn = arg;
    struct apns_client *client = conn->client;

    client_tick(client);
    if (fd == -1) {
        switch_port(conn, why);
        return;
    }
    conn->address = *address;
    if (has_proxy(conn)) {
        ask_proxy(conn, fd);
        return;
    }
    traffic_begin(conn, fd);
}

static void
write_ask(struct conn *conn)
{
    ssize_t n = send(conn->proxy_fd, conn->ask + conn->ask_at,
                     conn->ask_len - conn->ask_at, MSG_NOSIGNAL);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            switch_port(conn, "proxy: connection lost");
        return;
    }
    conn->ask_at += (size_t)n;
    if (conn->ask_at < conn->ask_len)
        return;
    OPENSSL_cleanse(conn->ask, conn->ask_len);
    conn->ask_at = conn->ask_len = 0;
    conn_watch(conn, conn->proxy_fd, EV_READ);
}

static void
enter_tunnel(struct conn *conn)
{
    int fd = conn->proxy_fd;

    conn->proxy_fd = -1;
    conn_watch(conn, -1, 0);
    traffic_begin(conn, fd);
}

static void
refuse(struct conn *conn, unsigned status)
{
    char why[64];

    snprintf(why, sizeof why, "proxy: refused with status %u", status);
    if (status == 407)
        fail(conn, "proxy: authentication required");
    else
        switch_port(conn, why);
}

/* Look before taking: what follows the proxy's head belongs to TLS. */
static void
read_reply(struct conn *conn)
{
    ssize_t n = recv(conn->proxy_fd, conn->ask + conn->ask_at,
                     PROXY_MAX_REPLY - conn->ask_at, MSG_PEEK);
    enum proxy_reply reply;
    size_t head_len, take;
    unsigned status;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        switch_port(conn, "proxy: connection lost");
        return;
    }
    reply = proxy_read_reply(conn->ask, conn->ask_at + (size_t)n, &head_len,
                             &status);
    take = reply == PROXY_OK ? head_len - conn->ask_at : (size_t)n;
    if (recv(conn->proxy_fd, conn->ask + conn->ask_at, take, 0) !=
        (ssize_t)take) {
        switch_port(conn, "proxy: connection lost");
        return;
    }
    conn->ask_at += take;
    if (reply == PROXY_OK)
        enter_tunnel(conn);
    else if (reply == PROXY_REFUSED)
        refuse(conn, status);
    else if (reply == PROXY_BROKEN)
        fail(conn, "proxy: not an HTTP answer");
}

void
setup_on_io(struct conn *conn, int revents)
{
    if ((revents & EV_WRITE) != 0)
        write_ask(conn);
    else
        read_reply(conn);
}

uint64_t
setup_due_at(const struct conn *conn)
{
    uint64_t span_us = conn->client->config.connect_ms * UINT64_C(1000);

    /* The first port gets half the time, so that the other has a chance. */
    return conn->started_at_us +
           (can_switch_port(conn) ? span_us / 2 : span_us);
}

void
setup_on_due(struct conn *conn)
{
    switch (conn->state) {
    case CONN_RESOLVING:
        fail_on_the_way(conn, "resolve: timeout");
        break;
    case CONN_CONNECTING:
        switch_port(conn, "connect timeout");
        break;
    case CONN_PROXY:
        switch_port(conn, "proxy: timeout");
        break;
    case CONN_HANDSHAKING:
        switch_port(conn, "TLS: handshake timeout");
        break;
    default:
        fail(conn, "no SETTINGS in time");
        break;
    }
}

void
setup_on_cut(struct conn *conn, const char *why)
{
    char text[sizeof conn->wire.fault.text];

    /* It may be the wire's, which is closed on the way. */
    snprintf(text, sizeof text, "%s", why);
    switch_port(conn, text);
}

void
setup_end(struct conn *conn)
{
    resolver_free(conn->resolver);
    conn->resolver = NULL;
    dial_free(conn->dial);
    conn->dial = NULL;
    if (conn->proxy_fd != -1) {
        conn_watch(conn, -1, 0);
        close(conn->proxy_fd);
        conn->proxy_fd = -1;
    }
    if (conn->ask != NULL)
        OPENSSL_cleanse(conn->ask, PROXY_MAX_REPLY);
    free(conn->ask);
    conn->ask = NULL;
}
