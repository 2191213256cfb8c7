/* SPDX-License-Identifier: MIT */
/*
 * Answers that wait: for their latency, or until they are released.
 */
#include <stdlib.h>
#include <time.h>

#include "sim_fixture.h"
#include "tests/support/unit.h"

static bool
second_is_closed(const struct raw_client *client)
{
    return client->answers[1].is_closed;
}

static bool
has_ping_ack(const struct raw_client *client)
{
    return client->n_ping_acks == 1;
}

static int64_t
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

EACH(NULL, sim_fixture_mend);
ALL(sim_fixture_start, sim_fixture_stop);

TEST(no_answer_comes_before_its_latency)
{
    struct raw_client *client = sim_fixture_open();
    int64_t start = now_ms();

    sim_proc_tell(fixture.sim, "latency 100..120");
    assert_int_equal(sim_fixture_push(client)->status, 200);
    /* The wheel's clock and this one may be a millisecond apart. */
    assert_true(now_ms() - start >= 98);
    raw_client_close(client);
}

TEST(one_push_is_held_until_it_is_released_and_not_the_other)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *first;

    sim_proc_tell(fixture.sim, "release"); /* none waits */
    sim_proc_tell(fixture.sim, "first 1 hold");
    first = raw_client_push(client, TOPIC, TOKEN);
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, second_is_closed);
    assert_false(first->is_closed);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 1);
    sim_proc_tell(fixture.sim, "release");
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(first->status, 200);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 2);
    raw_client_close(client);
}

/* Send what there is; then read until all of it has been taken. */
static void
run_until_taken(struct raw_client *client, int64_t pushes)
{
    raw_client_run(client, raw_client_wants_no_write);
    while (sim_proc_stat(fixture.sim, "pushes") < pushes)
        ; /* each question is a turn of the simulator's loop */
}

TEST(the_first_one_can_be_released_alone)
{
    static const char other[] = "00112233";
    struct raw_client *client = sim_fixture_open();
    int64_t pushes = sim_proc_stat(fixture.sim, "pushes");
    struct raw_answer *late;

    sim_proc_tell(fixture.sim, "latency 3000000");
    late = raw_client_push(client, TOPIC, other);
    run_until_taken(client, pushes + 1);
    sim_proc_tell(fixture.sim, "latency 2000000");
    raw_client_push(client, TOPIC, TOKEN);
    run_until_taken(client, pushes + 2);
    sim_proc_tell(fixture.sim, "release 1");
    raw_client_run(client, second_is_closed);
    assert_false(late->is_closed);
    assert_int_equal(sim_proc_accepted(fixture.sim, other), 0);
    sim_proc_tell(fixture.sim, "release 7");
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(sim_proc_accepted(fixture.sim, other), 1);
    raw_client_close(client);
}

TEST(release_answers_each_of_many_and_none_that_comes_later)
{
    struct raw_client *client = sim_fixture_open();
    int64_t pushes = sim_proc_stat(fixture.sim, "pushes");

    sim_proc_tell(fixture.sim, "hold");
    for (int i = 0; i < 30; i++)
        raw_client_push(client, TOPIC, TOKEN);
    run_until_taken(client, pushes + 30);
    sim_proc_tell(fixture.sim, "release");
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 30);
    raw_client_push(client, TOPIC, TOKEN);
    run_until_taken(client, pushes + 31);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 30);
    raw_client_close(client);
}

TEST(a_push_cancelled_while_held_is_not_accepted)
{
    struct raw_client *client = sim_fixture_open();
    int64_t pushes = sim_proc_stat(fixture.sim, "pushes");

    sim_proc_tell(fixture.sim, "hold");
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_push(client, TOPIC, TOKEN);
    run_until_taken(client, pushes + 2);
    nghttp2_submit_rst_stream(client->session, NGHTTP2_FLAG_NONE, 1,
                              NGHTTP2_CANCEL);
    raw_client_run(client, raw_client_wants_no_write);
    /* A PING would pass it; its ACK says that it has come. */
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    raw_client_run(client, has_ping_ack);
    sim_proc_tell(fixture.sim, "release");
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(client->answers[1].status, 200);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 1);
    raw_client_close(client);
}
