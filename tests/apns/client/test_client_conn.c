/* SPDX-License-Identifier: MIT */
/*
 * What a connection comes to in hours: its streams run out, it grows old. The
 * tests reach into the client to be there at once.
 */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "apns/http2/h2arrival.h"
#include "apns/push/outcome.h"
#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

static void
begin(void)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
}

static void
push_all(uint32_t n)
{
    rig_add(&rig, n);
    rig_finish(&rig);
}

/* HTTP/2 has 2^30 of them for a client; the last one is left. */
TEST(connection_without_streams_left_is_replaced)
{
    begin();
    assert_int_equal(nghttp2_session_set_next_stream_id(
                         rig_conn(&rig)->h2->session, INT32_MAX),
                     0);
    push_all(100);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 100);
    assert_int_equal(rig_stats(&rig).n_dials, 2);
    assert_int_equal(rig_stats(&rig).n_conns_lost, 0);
    assert_int_equal(rig.n_moved, 0);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* ${line} is answered on a connection of this age: how many dials then? */
static uint64_t
count_dials(const char *line, uint32_t age_ms)
{
    uint64_t n_dials;

    begin();
    rig_conn(&rig)->phase_at_us -= age_ms * UINT64_C(1000);
    sim_proc_tell(rig.sim, "first 1 %s", line);
    push_all(1);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 0);
    push_all(10);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 10);
    n_dials = rig_stats(&rig).n_dials;
    rig_end(&rig);
    return n_dials;
}

TEST(trouble_replaces_an_old_connection_only)
{
    const uint32_t old_ms = OUTCOME_REFRESH_MS + 1000;
    const uint32_t young_ms = OUTCOME_REFRESH_MS / 2;

    assert_int_equal(count_dials("answer 500 InternalServerError", old_ms), 2);
    assert_int_equal(count_dials("answer 503 ServiceUnavailable", old_ms), 2);
    assert_int_equal(count_dials("answer 503 ServiceUnavailable", young_ms), 1);
    assert_int_equal(count_dials("answer 429 TooManyRequests", old_ms), 1);
    assert_int_equal(count_dials("answer 400 BadPath", old_ms), 1);
    assert_int_equal(count_dials("answer 410 Unregistered", old_ms), 1);
}

static bool
is_blocked(struct rig *r)
{
    return rig_conn(r)->is_blocked;
}

static int
watched(void)
{
    return rig_conn(&rig)->io.events & (EV_READ | EV_WRITE);
}

/* And only then: a socket that can be written would keep the loop awake. */
TEST(a_full_socket_is_waited_for)
{
    int size = 4096;

    rig_start(&rig, NULL);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    assert_int_equal(setsockopt(rig_conn(&rig)->wire.fd, SOL_SOCKET, SO_SNDBUF,
                                &size, sizeof size),
                     0);
    assert_int_equal(kill(rig.sim->child.pid, SIGSTOP), 0);
    rig_add(&rig, 3000);
    rig_until(&rig, is_blocked);
    assert_int_equal(watched(), EV_READ | EV_WRITE);
    assert_int_equal(kill(rig.sim->child.pid, SIGCONT), 0);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 3000);
    assert_int_equal(rig.n_moved, 0);
    assert_int_equal(watched(), EV_READ);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(latencies_are_counted_by_powers_of_two)
{
    assert_int_equal(outcome_latency_bucket(0), 0);
    assert_int_equal(outcome_latency_bucket(1000), 0);
    assert_int_equal(outcome_latency_bucket(1001), 1);
    assert_int_equal(outcome_latency_bucket(2000), 1);
    assert_int_equal(outcome_latency_bucket(2001), 2);
    assert_int_equal(outcome_latency_bucket(UINT64_C(1000) << 14), 14);
    assert_int_equal(outcome_latency_bucket((UINT64_C(1000) << 14) + 1), 15);
    assert_int_equal(outcome_latency_bucket(UINT64_C(1000) << 40), 15);
    assert_int_equal(outcome_latency_bucket(UINT64_MAX), 15);
}

TEST(answers_are_counted_where_their_latency_is)
{
    struct apns_stats stats;
    uint64_t n = 0, n_slow = 0;

    begin();
    sim_proc_tell(rig.sim, "first 3 latency 20");
    push_all(8);
    stats = rig_stats(&rig);
    for (size_t i = 0; i < APNS_LATENCY_BUCKETS; i++) {
        n += stats.latency_count[i];
        n_slow += i > 4 ? stats.latency_count[i] : 0; /* above 16 ms */
    }
    assert_int_equal(n, 8);
    assert_in_range(n_slow, 3, 8);
    rig_end(&rig);
}

TEST(nobody_need_hear_of_identities)
{
    rig_start(&rig, NULL);
    rig.config.on_identity = NULL;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    push_all(10);
    sim_proc_tell(rig.sim, "answer 403 BadCertificate");
    push_all(1);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_STOPPED);
    assert_int_equal(rig.n_events, 0);
    rig_end(&rig);
}
