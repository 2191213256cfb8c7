/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

TEST(killed_connections_lose_nothing)
{
    rig_start(&rig, NULL);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        sim_proc_tell(rig.sim, "after 250 close"); /* once */
        rig_add(&rig, 500);
        rig_finish(&rig);
        assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], i * 500);
        assert_int_equal(rig_stats(&rig).n_conns_lost, i);
        assert_int_equal(rig_stats(&rig).n_dials, i + 1);
        sim_proc_tell(rig.sim, "reset-faults");
    }
    assert_true(rig.n_resent >= 3);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(killed_connection_in_mid_flight_is_said_to_be_resent)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "hold");
    rig_add(&rig, 50);
    rig_await_sim(&rig, "pushes", 50);
    sim_proc_tell(rig.sim, "latency 0");
    sim_proc_tell(rig.sim, "close");
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 50);
    assert_int_equal(rig.n_resent, 50);
    assert_int_equal(rig.pushes[0].n_moves, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* The peer is gone, and writing tells it first. */
TEST(connection_that_cannot_be_written_is_lost_once)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "close");
    rig_add(&rig, 50);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 50);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 1);
    assert_true(rig.n_moved > 0);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* PINGs whose ACK came. */
static uint64_t n_acks;

static bool
has_more_acks(struct rig *r)
{
    return rig_stats(r).n_pings > n_acks && rig_conn(r)->ping_at_us == 0;
}

static bool
has_lost_one(struct rig *r)
{
    return rig_stats(r).n_pings == n_acks + 1 && rig_stats(r).n_dials == 2;
}

/* It is silent for ${silent_ms}, and gets an ACK for its PING. */
static void
await_ack(uint32_t *silent_ms)
{
    n_acks = rig_stats(&rig).n_pings;
    rig_expire(&rig, silent_ms, has_more_acks);
}

/* The same, and there is no ACK: another connection takes its place. */
static void
await_loss(uint32_t *silent_ms)
{
    n_acks = rig_stats(&rig).n_pings;
    rig.client->config.ping_ack_ms = 1;
    rig_expire(&rig, silent_ms, has_lost_one);
    rig.client->config.ping_ack_ms = RIG_NEVER_MS;
}

TEST(silent_connection_is_found_by_ping_and_replaced)
{
    rig_begin(&rig, NULL);
    rig_add(&rig, 1);
    rig_finish(&rig);
    sim_proc_tell(rig.sim, "first 1 stall");
    sim_proc_tell(rig.sim, "no-ping-ack on");
    rig_add(&rig, 1);
    rig_await_sim(&rig, "pushes", 2);
    await_loss(&rig.client->config.ping_stall_ms);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[1].class_, APNS_CLASS_ACCEPTED);
    assert_true(rig.pushes[1].is_resent);
    assert_int_equal(rig_stats(&rig).n_pings, 1);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 1);
    rig_end(&rig);
}

TEST(answered_ping_keeps_a_stalled_connection)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "hold");
    rig_add(&rig, 3);
    rig_await_sim(&rig, "pushes", 3);
    await_ack(&rig.client->config.ping_stall_ms);
    await_ack(&rig.client->config.ping_stall_ms);
    sim_proc_tell(rig.sim, "release");
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3);
    assert_int_equal(rig.n_moved, 0);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_end(&rig);
}

TEST(idle_connection_is_pinged)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    await_ack(&rig.client->config.ping_idle_ms);
    await_ack(&rig.client->config.ping_idle_ms);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    sim_proc_tell(rig.sim, "no-ping-ack on");
    await_loss(&rig.client->config.ping_idle_ms);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 0);
    rig_end(&rig);
}

static bool
is_settling(struct rig *r)
{
    return rig_conn_is(r, CONN_SETTLING);
}

TEST(missing_settings_end_the_dial)
{
    rig_start(&rig, NULL);
    rig_open(&rig);
    sim_proc_tell(rig.sim, "no-settings on");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 5);
    rig_until(&rig, is_settling);
    rig_expire(&rig, &rig.client->config.connect_ms, rig_is_backed_off);
    assert_int_equal(rig.n_ended, 0);
    assert_string_equal(rig.event.why, "no SETTINGS in time");
    assert_int_equal(rig.event.state, APNS_IDENTITY_BACKOFF);
    sim_proc_tell(rig.sim, "no-settings off");
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 5);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* A port on which nobody listens. */
static uint16_t
find_closed_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd != -1);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

TEST(other_port_is_used_when_the_first_is_closed)
{
    rig_start(&rig, NULL);
    rig.config.fallback_port = rig.config.port;
    rig.config.port = find_closed_port();
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 10);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_end(&rig);
}

/* A push that nobody takes until its deadline. */
static void
await_backoff(void)
{
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 1);
    rig_until(&rig, rig_is_backed_off);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_NO_ANSWER);
    assert_string_equal(rig.pushes[0].reason, "deadline");
}

static bool
has_dialled_often(struct rig *r)
{
    return rig_stats(r).n_dials >= 5 && rig_is_backed_off(r);
}

TEST(unreachable_server_backs_off_until_the_deadline)
{
    ev_tstamp began;

    rig_start(&rig, NULL);
    rig.config.port = find_closed_port();
    rig.config.backoff_min_ms = 50;
    rig_open(&rig);
    began = ev_time();
    await_backoff();
    assert_string_equal(rig.event.why, "connect refused");
    assert_true(rig.event.next_try_unix > 0);
    rig_add(&rig, 10);
    rig_until(&rig, has_dialled_often);
    /* Each after half of its pause at least. */
    assert_true(ev_time() - began >=
                (double)(rig_stats(&rig).n_dials - 1) * 0.025);
    assert_int_equal(rig.n_ended, 1);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 11);
    rig_end(&rig);
}

TEST(name_is_resolved_and_verified)
{
    rig_start(&rig, NULL);
    rig.config.host = "localhost";
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3);
    rig_end(&rig);
}

TEST(server_of_another_name_is_not_trusted)
{
    rig_start(&rig, NULL);
    rig.config.host = "127.0.0.2";
    rig_open(&rig);
    await_backoff();
    assert_int_equal(sim_proc_stat(rig.sim, "pushes"), 0);
    rig_end(&rig);
}

TEST(server_of_another_ca_is_not_trusted)
{
    rig_start(&rig, NULL);
    rig.config.ca_file = NULL;
    assert_int_equal(apns_client_new(rig.loop, &rig.config, &rig.client),
                     APNS_OK);
    await_backoff();
    assert_non_null(strstr(rig.event.why, "server certificate"));
    assert_int_equal(sim_proc_stat(rig.sim, "pushes"), 0);
    rig_end(&rig);
}
