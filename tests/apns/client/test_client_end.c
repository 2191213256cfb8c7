/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "rig_clock.h"
#include "tests/support/unit.h"

static struct rig rig;

static void
on_drained(void *arg)
{
    struct rig *r = arg;

    assert_false(r->is_drained);
    r->is_drained = true;
}

static bool
has_twenty(struct rig *r)
{
    return r->n_ended == 20;
}

TEST(drain_finishes_what_was_accepted)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "latency 1..10");
    rig_add(&rig, 2000);
    apns_client_drain(rig.client, on_drained, &rig);
    assert_int_equal(rig_submit(&rig, 0), APNS_ECLOSED);
    assert_int_equal(apns_room(rig.client), 0);
    assert_int_equal(rig_put(&rig), APNS_ECLOSED);
    assert_false(rig.is_drained);
    rig_until(&rig, rig_is_drained);
    assert_int_equal(rig.n_ended, 2000);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 2000);
    assert_int_equal(rig_status(&rig).n_conns, 0);
    rig_check_ledger(&rig);
    rig_end(&rig);
}

TEST(drain_of_an_unreachable_server_ends_with_the_deadlines)
{
    rig_start(&rig, NULL);
    rig.config.deadline_ms = 200;
    rig_open(&rig);
    sim_proc_tell(rig.sim, "accept off");
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_add(&rig, 20);
    apns_client_drain(rig.client, on_drained, &rig);
    rig_until(&rig, rig_is_drained);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 20);
    rig_end(&rig);
}

/* Queued ones at once, those in flight after a second: not at their own
 * deadlines. */
TEST(recall_waits_for_what_is_in_flight_only)
{
    static const char *const options[] = {"--max-streams", "10", NULL};
    rig_start(&rig, options);
    rig.config.conns_max = 1;
    rig_open(&rig);
    assert_int_equal(rig_put(&rig), APNS_OK);
    rig_until(&rig, rig_is_open);
    sim_proc_tell(rig.sim, "mute");
    rig_add(&rig, 100);
    rig_until(&rig, rig_is_flying);
    apns_client_recall(rig.client, 1000);
    assert_int_equal(rig_submit(&rig, 0), APNS_ECLOSED);
    assert_int_equal(rig.n_ended, 0);
    apns_client_drain(rig.client, on_drained, &rig);
    rig_until(&rig, rig_is_drained);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 100);
    for (uint32_t i = 0; i < 10; i++) {
        assert_string_equal(rig.pushes[i].reason, "deadline");
        assert_true(rig.pushes[i].latency_us >= 1000000);
    }
    /* Submitted later, and ended earlier. */
    for (uint32_t i = 10; i < 100; i++) {
        assert_string_equal(rig.pushes[i].reason, "recalled");
        assert_true(rig.pushes[i].latency_us <= rig.pushes[0].latency_us);
    }
    assert_int_equal(rig_stats(&rig).n_dials, 1);
    rig_end(&rig);
}

TEST(recall_takes_answers_and_sends_nothing_again)
{
    rig_begin(&rig, NULL);
    sim_proc_tell(rig.sim, "first 20 latency 200");
    sim_proc_tell(rig.sim, "after 20 stall");
    rig_add(&rig, 40);
    rig_until(&rig, rig_is_flying);
    apns_client_recall(rig.client, RIG_NEVER_MS);
    apns_client_drain(rig.client, on_drained, &rig);
    rig_until(&rig, has_twenty);
    assert_int_equal(rig.n_class[APNS_CLASS_ACCEPTED], 20);
    /* Lost for the first time, and yet not sent again. */
    sim_proc_tell(rig.sim, "close");
    rig_until(&rig, rig_is_drained);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 20);
    assert_string_equal(rig.pushes[39].reason, "recalled");
    assert_int_equal(sim_proc_stat(rig.sim, "pushes"), 40);
    rig_end(&rig);
}

TEST(drain_of_an_idle_client_is_not_immediate_but_soon)
{
    rig_begin(&rig, NULL);
    apns_client_drain(rig.client, on_drained, &rig);
    assert_false(rig.is_drained);
    rig_until(&rig, rig_is_drained);
    rig_end(&rig);
}

TEST(free_ends_queued_and_flying_pushes)
{
    static const char *const options[] = {"--max-streams", "10", NULL};

    rig_begin(&rig, options);
    sim_proc_tell(rig.sim, "stall");
    rig_add(&rig, 100);
    rig_until(&rig, rig_is_flying);
    assert_int_equal(rig.n_ended, 0);
    rig.stops_filling = true;
    apns_client_free(rig.client);
    rig.client = NULL;
    assert_int_equal(rig.n_ended, 100);
    assert_int_equal(rig.n_class[APNS_CLASS_NO_ANSWER], 100);
    assert_string_equal(rig.pushes[0].reason, "client freed");
    assert_int_equal(rig.pushes[0].outcome, APNS_FAILED);
    rig_end(&rig);
}

TEST(free_before_the_loop_ever_ran)
{
    rig_begin(&rig, NULL);
    rig_add(&rig, 10);
    assert_int_equal(rig.n_ended, 0);
    rig.stops_filling = true;
    apns_client_free(rig.client);
    rig.client = NULL;
    assert_int_equal(rig.n_ended, 10);
    rig_end(&rig);
}

static struct apns_client *to_free;
static uint32_t n_freed;

static void
on_result_free(void *arg, const struct apns_result *result)
{
    struct apns_client *client = to_free;

    (void)arg;
    (void)result;
    to_free = NULL;
    n_freed++;
    apns_client_free(client);
}

static bool
has_freed(struct rig *r)
{
    (void)r;
    return n_freed == 20;
}

TEST(free_from_inside_a_result_is_fine)
{
    uint8_t token[32] = {7};
    struct apns_push push = {.topic = RIG_TOPIC,
                             .token = token,
                             .token_len = sizeof token,
                             .magic = "m",
                             .expires_unix = 0};

    rig_begin(&rig, NULL);
    n_freed = 0;
    for (int i = 0; i < 20; i++) {
        token[1] = (uint8_t)i;
        assert_int_equal(apns_submit(rig.client, &push, on_result_free, NULL),
                         APNS_OK);
    }
    to_free = rig.client;
    rig.client = NULL;
    rig_until(&rig, has_freed);
    rig_end(&rig);
}

TEST(broken_configuration_is_refused)
{
    struct apns_config config;
    struct apns_client *client;
    struct ev_loop *loop = ev_loop_new(0);

    apns_config_init(&config);
    config.conns_min = 9;
    assert_int_equal(apns_client_new(loop, &config, &client), APNS_EINVAL);
    assert_null(client);
    apns_config_init(&config);
    config.queue_max = 0;
    assert_int_equal(apns_client_new(loop, &config, &client), APNS_EINVAL);
    apns_config_init(&config);
    config.proxy = "socks5://localhost";
    assert_int_equal(apns_client_new(loop, &config, &client), APNS_EINVAL);
    apns_config_init(&config);
    config.dns_servers = "127.0.0.1,not an address";
    assert_int_equal(apns_client_new(loop, &config, &client), APNS_EINVAL);
    apns_config_init(&config);
    config.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(apns_client_new(loop, &config, &client), APNS_ECAFILE);
    apns_client_free(NULL);
    ev_loop_destroy(loop);
}
