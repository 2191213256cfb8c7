/* SPDX-License-Identifier: MIT */
#include "rig_clock.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct conn *
rig_conn(struct rig *rig)
{
    struct conn *conn =
        TAILQ_FIRST(&client_find(rig->client, RIG_TOPIC)->pool.conns);

    assert_non_null(conn);
    assert_null(TAILQ_NEXT(conn, link));
    return conn;
}

bool
rig_conn_is(struct rig *rig, enum conn_state state)
{
    return rig_status(rig).n_conns == 1 && rig_conn(rig)->state == state;
}

void
rig_await_sim(struct rig *rig, const char *key, int64_t n)
{
    for (uint32_t ms = 0; sim_proc_stat(rig->sim, key) < n; ms++) {
        if (ms == RIG_TIMEOUT_MS)
            fail_msg("the simulator's %s did not come to %lld", key,
                     (long long)n);
        rig_pass(rig, 1);
    }
}

void
rig_end_deadlines(struct rig *rig)
{
    struct apns_client *client = rig->client;
    struct slot *slot;

    for (size_t i = 0; i < DEADLINE_LANES; i++) {
        TAILQ_FOREACH (slot, &client->deadlines.lanes[i].slots, due_link) {
            slot->due_at_us = 1;
            client_watch_deadline(client, slot);
        }
    }
}

static void
arm_conns(struct rig *rig)
{
    struct conn *conn;

    TAILQ_FOREACH (conn, &client_find(rig->client, RIG_TOPIC)->pool.conns, link)
        conn_arm(conn);
}

void
rig_expire(struct rig *rig, uint32_t *span_ms, bool (*is_done)(struct rig *rig))
{
    *span_ms = 1;
    arm_conns(rig);
    rig_until(rig, is_done);
    *span_ms = RIG_NEVER_MS;
    arm_conns(rig);
}
