/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

TEST(every_push_is_accepted_once)
{
    rig_begin(&rig, NULL);
    rig_add(&rig, 5000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 5000);
    assert_int_equal(rig.n_moved, 0);
    assert_int_equal(strlen(rig.pushes[0].apns_id), 36);
    assert_int_equal(rig.pushes[0].status, 200);
    assert_string_equal(rig.pushes[0].reason, "");
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(full_queue_says_busy_and_tells_when_it_has_drained)
{
    rig_start(&rig, NULL);
    rig.config.queue_max = 64;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    assert_int_equal(apns_room(rig.client), 64);
    rig.stops_filling = true;
    rig_add(&rig, 200);
    rig.stops_filling = false;
    /* Only on_drain submits from here on. */
    rig_add(&rig, 0);
    assert_int_equal(rig.n_submitted, 64);
    assert_int_equal(apns_room(rig.client), 0);
    assert_true(rig.n_busy > 0);
    rig_finish(&rig);
    assert_true(rig.n_drains > 0);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 200);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(broken_pushes_are_refused_by_name)
{
    uint8_t token[APNS_MAX_TOKEN + 1] = {1};
    char magic[APNS_MAX_MAGIC + 2];
    struct apns_push good = {.topic = RIG_TOPIC,
                             .token = token,
                             .token_len = 32,
                             .magic = "m",
                             .expires_unix = APNS_EXPIRES_DEFAULT};
    struct apns_push push = good;
    apns_result_fn *never = (apns_result_fn *)(uintptr_t)1;

    rig_begin(&rig, NULL);
    push.topic = "com.apple.mgmt.External.other";
    assert_int_equal(apns_submit(rig.client, &push, never, NULL),
                     APNS_ENOTOPIC);
    push = good;
    push.token_len = 0;
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    push.token_len = APNS_MAX_TOKEN + 1;
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    push = good;
    push.magic = "";
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    push.magic = "\xff";
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    memset(magic, 'm', sizeof magic);
    magic[APNS_MAX_MAGIC + 1] = '\0';
    push.magic = magic;
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    push = good;
    push.expires_unix = -1;
    assert_int_equal(apns_submit(rig.client, &push, never, NULL), APNS_EINVAL);
    assert_int_equal(apns_room(rig.client), rig.config.queue_max);
    rig_end(&rig);
}

TEST(answers_come_back_as_apns_wrote_them)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "first 1 answer 410 Unregistered "
                           "timestamp=1700000000123");
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].outcome, APNS_REJECTED);
    assert_int_equal(rig.pushes[0].class_, APNS_CLASS_DEAD_TOKEN);
    assert_int_equal(rig.pushes[0].status, 410);
    assert_string_equal(rig.pushes[0].reason, "Unregistered");
    assert_int_equal(rig.pushes[0].timestamp_ms, 1700000000123);
    sim_proc_tell(rig.sim, "reset-faults");
    sim_proc_tell(rig.sim, "first 1 answer 429 TooManyRequests retry-after=7");
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[1].class_, APNS_CLASS_SLOW_DOWN);
    assert_int_equal(rig.pushes[1].retry_after_s, 7);
    sim_proc_tell(rig.sim, "reset-faults");
    sim_proc_tell(rig.sim, "first 1 answer 503 ServiceUnavailable");
    rig_add(&rig, 1);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[2].class_, APNS_CLASS_TROUBLE);
    assert_int_equal(rig.pushes[2].retry_after_s, 0);
    assert_int_equal(rig_status(&rig).state, APNS_IDENTITY_READY);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(reset_stream_is_no_answer)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "every 10 reset 2");
    rig_add(&rig, 500);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 50);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 450);
    assert_string_equal(rig.pushes[9].reason, "stream reset");
    assert_int_equal(rig.pushes[9].status, 0);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(refused_streams_are_sent_again)
{
    struct apns_stats stats;

    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "every 7 refuse");
    rig_add(&rig, 2000);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 2000);
    assert_true(rig.n_moved >= 250);
    assert_int_equal(rig.n_resent, 0);
    stats = rig_stats(&rig);
    assert_true(stats.n_moved >= rig.n_moved);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

/* A pause each, after which a few are tried: two seconds of it are some
 * dozens of pushes beyond those of the first round. */
TEST(refused_streams_do_not_circle)
{
    rig_start(&rig, NULL);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "refuse");
    rig_add(&rig, 500);
    rig_await_sim(&rig, "pushes", 5);
    rig_pass(&rig, 2000);
    assert_int_equal(rig.n_ended, 0);
    assert_in_range(sim_proc_stat(rig.sim, "pushes"), 5, 600);
    sim_proc_tell(rig.sim, "reset-faults");
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 500);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(stalled_push_ends_at_its_deadline_and_frees_its_stream)
{
    static const char *const options[] = {"--max-streams", "2", NULL};

    rig_start(&rig, options);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "first 2 stall");
    rig_add(&rig, 2);
    rig_await_sim(&rig, "pushes", 2);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 2);
    assert_string_equal(rig.pushes[0].reason, "deadline");
    /* Both streams were taken; they must be free again. */
    rig_add(&rig, 20);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 20);
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

static bool
have_both_ended(struct rig *r)
{
    return r->n_ended == 2;
}

TEST(each_push_keeps_its_own_deadline)
{
    rig_begin(&rig, NULL);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "stall");
    rig_add(&rig, 1); /* in an hour */
    rig.deadline_ms = 200;
    rig_add(&rig, 1);
    rig.deadline_ms = 50;
    rig_add(&rig, 1);
    rig_until(&rig, have_both_ended);
    assert_int_equal(rig.pushes[0].n_results, 0);
    assert_true(rig.pushes[1].latency_us >= 200000);
    assert_true(rig.pushes[2].latency_us >= 50000);
    assert_true(rig.pushes[2].latency_us <= rig.pushes[1].latency_us);
    rig_end_deadlines(&rig);
    rig_finish(&rig);
    rig_end(&rig);
}

TEST(long_tokens_and_magics_arrive_whole)
{
    uint8_t token[APNS_MAX_TOKEN];
    char magic[APNS_MAX_MAGIC + 1];
    char hex[2 * APNS_MAX_TOKEN + 1];
    struct apns_push push = {.topic = RIG_TOPIC,
                             .token = token,
                             .token_len = 100,
                             .magic = magic,
                             .expires_unix = APNS_EXPIRES_DEFAULT};

    memset(token, 0xab, sizeof token);
    memset(magic, '"', APNS_MAX_MAGIC);
    magic[APNS_MAX_MAGIC] = '\0';
    apns_token_hex(token, 100, hex);
    rig_begin(&rig, NULL);
    rig.pushes = calloc(1, sizeof *rig.pushes);
    assert_non_null(rig.pushes);
    rig.n_pushes = rig.n_submitted = 1;
    assert_int_equal(rig_submit_raw(&rig, 0, &push), APNS_OK);
    rig_finish(&rig);
    assert_int_equal(rig.pushes[0].status, 200);
    assert_int_equal(sim_proc_accepted(rig.sim, hex), 1);
    rig_end(&rig);
}

#define N_WAITING 50 /* pushes in front of an urgent one */

static bool
has_urgent(struct rig *r)
{
    return r->pushes[N_WAITING].n_results > 0;
}

TEST(urgent_push_passes_those_that_wait)
{
    static const char *const one_at_a_time[] = {"--max-streams", "1", NULL};
    uint8_t token[32] = {9};
    struct apns_push push = {.topic = RIG_TOPIC,
                             .token = token,
                             .token_len = sizeof token,
                             .magic = "m",
                             .expires_unix = APNS_EXPIRES_DEFAULT,
                             .is_urgent = true};

    rig_start(&rig, one_at_a_time);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    rig_add(&rig, N_WAITING);
    rig.stops_filling = true;
    rig_add(&rig, 1);
    rig.n_submitted++;
    assert_int_equal(rig_submit_raw(&rig, N_WAITING, &push), APNS_OK);
    rig_until(&rig, has_urgent);
    /* At most what had a stream already, and what the same pass brought. */
    assert_in_range(rig.n_ended, 1, 3);
    rig_finish(&rig);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], N_WAITING + 1);
    rig_end(&rig);
}
