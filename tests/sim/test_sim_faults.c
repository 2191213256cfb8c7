/* SPDX-License-Identifier: MIT */
/*
 * Every fault of pushes and connections that the control socket offers,
 * provoked in a running simulator and seen by a bare client.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_fixture.h"
#include "tests/support/unit.h"

EACH(NULL, sim_fixture_mend);
ALL(sim_fixture_start, sim_fixture_stop);

TEST(answers_come_as_told)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer;

    sim_proc_tell(fixture.sim,
                  "answer 410 Unregistered timestamp=1700000000123");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 410);
    assert_string_equal(
        answer->body,
        "{\"reason\":\"Unregistered\",\"timestamp\":1700000000123}");
    sim_proc_tell(fixture.sim, "answer 429 TooManyRequests retry-after=77");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 429);
    assert_string_equal(answer->retry_after, "77");
    sim_proc_tell(fixture.sim, "answer 503 -");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 503);
    assert_int_equal(answer->body_len, 0);
    sim_proc_tell(fixture.sim, "answer 200 -");
    assert_int_equal(sim_fixture_push(client)->status, 200);
    raw_client_close(client);
}

TEST(a_410_has_a_timestamp_of_itself)
{
    struct raw_client *client = sim_fixture_open();

    sim_proc_tell(fixture.sim, "token " TOKEN " answer 410 ExpiredToken");
    assert_non_null(strstr(sim_fixture_push(client)->body, "\"timestamp\":1"));
    raw_client_close(client);
}

static struct raw_answer *
push_bare(struct raw_client *client)
{
    struct raw_answer *answer = raw_client_push(client, NULL, TOKEN);

    raw_client_run(client, raw_client_is_idle);
    return answer;
}

TEST(a_push_without_apns_headers_is_taken_unless_they_are_needed)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer;

    assert_int_equal(push_bare(client)->status, 200);
    sim_proc_tell(fixture.sim, "need-headers on");
    answer = push_bare(client);
    assert_int_equal(answer->status, 400);
    assert_string_equal(answer->body, "{\"reason\":\"MissingTopic\"}");
    assert_int_equal(sim_fixture_push(client)->status, 200);
    sim_proc_tell(fixture.sim, "reset-faults");
    assert_int_equal(push_bare(client)->status, 200);
    raw_client_close(client);
}

TEST(refused_and_reset_streams_are_not_accepted)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer;

    sim_proc_tell(fixture.sim, "first 1 refuse");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->error_code, NGHTTP2_REFUSED_STREAM);
    sim_proc_tell(fixture.sim, "first 1 reset 8");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->error_code, NGHTTP2_CANCEL);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 0);
    assert_int_equal(sim_fixture_push(client)->status, 200);
    raw_client_close(client);
}

static bool
second_is_closed(const struct raw_client *client)
{
    return client->answers[1].is_closed;
}

TEST(a_stalled_push_is_never_answered)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *first, *second;

    sim_proc_tell(fixture.sim, "first 1 stall");
    first = raw_client_push(client, TOPIC, TOKEN);
    second = raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, second_is_closed);
    assert_int_equal(second->status, 200);
    assert_false(first->is_closed);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 1);
    raw_client_close(client);
}

static bool
has_ping_ack(const struct raw_client *client)
{
    return client->n_ping_acks == 1;
}

TEST(a_mute_connection_acknowledges_pings_only)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_client *other;
    struct raw_answer *answer;

    sim_proc_tell(fixture.sim, "nth 2 mute");
    assert_int_equal(sim_fixture_push(client)->status, 200);
    answer = raw_client_push(client, TOPIC, TOKEN);
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    raw_client_run(client, has_ping_ack);
    assert_false(answer->is_closed);
    other = sim_fixture_open();
    assert_int_equal(sim_fixture_push(other)->status, 200);
    sim_proc_tell(fixture.sim, "reset-faults");
    assert_int_equal(sim_fixture_push(other)->status, 200);
    raw_client_close(other);
    raw_client_close(client);
}

TEST(a_token_that_kills_takes_its_connection_along)
{
    struct raw_client *client = sim_fixture_open();

    sim_proc_tell(fixture.sim, "token " TOKEN " close");
    for (int i = 0; i < 2; i++) {
        raw_client_push(client, TOPIC, TOKEN);
        raw_client_run(client, raw_client_is_idle);
        assert_true(client->is_reset);
        raw_client_close(client);
        client = sim_fixture_open();
    }
    raw_client_close(client);
}

TEST(a_goaway_for_all_lets_the_push_finish)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer;

    sim_proc_tell(fixture.sim, "after 0 goaway reason=Shutdown");
    answer = sim_fixture_push(client);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_string_equal(client->goaway_text, "{\"reason\":\"Shutdown\"}");
    assert_int_equal(client->goaway_last, 1);
    assert_int_equal(client->goaway_code, NGHTTP2_NO_ERROR);
    assert_int_equal(answer->status, 200);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 1);
    raw_client_close(client);
}

TEST(a_goaway_for_none_processes_nothing)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer;

    sim_proc_tell(fixture.sim, "after 0 goaway last=none code=2");
    answer = raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->has_goaway);
    assert_int_equal(client->goaway_last, 0);
    assert_int_equal(client->goaway_code, NGHTTP2_INTERNAL_ERROR);
    assert_string_equal(client->goaway_text, "");
    assert_int_equal(answer->status, 0);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 0);
    raw_client_close(client);
}

static bool
has_goaway(const struct raw_client *client)
{
    return client->has_goaway;
}

TEST(a_goaway_divides_streams_where_told)
{
    struct raw_client *client = sim_fixture_open();

    sim_proc_tell(fixture.sim, "hold");
    sim_proc_tell(fixture.sim, "after 3 goaway last=3");
    for (int i = 0; i < 4; i++)
        raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, has_goaway);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 0);
    sim_proc_tell(fixture.sim, "release");
    raw_client_run(client, raw_client_is_over);
    assert_int_equal(client->goaway_last, 3);
    assert_int_equal(client->answers[0].status, 200);
    assert_int_equal(client->answers[1].status, 200);
    assert_int_equal(client->answers[2].status, 0);
    assert_int_equal(client->answers[3].status, 0);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 2);
    raw_client_close(client);
}

TEST(a_goaway_at_once_reaches_every_connection)
{
    struct raw_client *a = sim_fixture_open(), *b = sim_fixture_open();

    sim_proc_tell(fixture.sim, "goaway reason=IdleTimeout");
    raw_client_run(a, raw_client_is_over);
    raw_client_run(b, raw_client_is_over);
    assert_true(a->has_goaway);
    assert_string_equal(b->goaway_text, "{\"reason\":\"IdleTimeout\"}");
    raw_client_close(a);
    raw_client_close(b);
}

TEST(closing_is_a_tcp_reset)
{
    struct raw_client *client = sim_fixture_open();

    sim_proc_tell(fixture.sim, "after 0 close");
    raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_is_over);
    assert_true(client->is_gone);
    assert_true(client->is_reset);
    raw_client_close(client);
    client = sim_fixture_open();
    sim_proc_tell(fixture.sim, "close");
    raw_client_run(client, raw_client_is_over);
    assert_true(client->is_reset);
    raw_client_close(client);
}

static bool
has_new_settings(const struct raw_client *client)
{
    return client->n_settings >= 2;
}

TEST(the_stream_limit_changes_live)
{
    struct raw_client *client = sim_fixture_open();

    sim_proc_tell(fixture.sim, "max-streams 1");
    raw_client_run(client, has_new_settings);
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1);
    raw_client_close(client);
    client = sim_fixture_open();
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1);
    sim_proc_tell(fixture.sim, "reset-faults");
    raw_client_run(client, has_new_settings);
    assert_int_equal(
        nghttp2_session_get_remote_settings(
            client->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        1000);
    raw_client_close(client);
}

TEST(pings_are_acknowledged_unless_told)
{
    struct raw_client *client = sim_fixture_open();
    int64_t pings = sim_proc_stat(fixture.sim, "pings");

    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    sim_fixture_push(client);
    assert_int_equal(client->n_ping_acks, 1);
    sim_proc_tell(fixture.sim, "no-ping-ack on");
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    sim_fixture_push(client);
    assert_int_equal(client->n_ping_acks, 1);
    assert_int_equal(sim_proc_stat(fixture.sim, "pings"), pings + 2);
    raw_client_close(client);
}

TEST(a_mute_connection_says_nothing)
{
    struct raw_client *client, *other;
    int64_t pushes = sim_proc_stat(fixture.sim, "pushes");

    sim_proc_tell(fixture.sim, "no-settings on");
    client = raw_client_open(fixture.sim->port, fixture.ca, fixture.cert,
                             TLS1_2_VERSION);
    assert_false(client->is_gone);
    sim_proc_tell(fixture.sim, "no-settings off");
    raw_client_push(client, TOPIC, TOKEN);
    while (nghttp2_session_want_write(client->session)) {
        const uint8_t *bytes;
        ssize_t n = nghttp2_session_mem_send(client->session, &bytes);

        if (n <= 0)
            break;
        assert_int_equal(SSL_write(client->ssl, bytes, (int)n), n);
    }
    /* Another connection is served meanwhile; then it is cut. */
    other = sim_fixture_open();
    assert_int_equal(sim_fixture_push(other)->status, 200);
    sim_proc_tell(fixture.sim, "close");
    raw_client_run(client, raw_client_is_settled);
    assert_true(client->is_reset);
    assert_false(client->is_settled);
    assert_int_equal(sim_proc_stat(fixture.sim, "pushes"), pushes + 1);
    raw_client_close(other);
    raw_client_close(client);
}

static bool
none_is_open(void)
{
    return sim_proc_stat(fixture.sim, "open") == 0;
}

TEST(connections_beyond_the_cap_are_reset)
{
    struct raw_client *first, *second;

    while (!none_is_open())
        ; /* each question is a turn of the simulator's loop */
    sim_proc_tell(fixture.sim, "conn-cap 1");
    first = sim_fixture_open();
    second = raw_client_open(fixture.sim->port, fixture.ca, fixture.cert,
                             TLS1_3_VERSION);
    assert_true(second->is_gone);
    assert_int_equal(sim_fixture_push(first)->status, 200);
    raw_client_close(first);
    raw_client_close(second);
}

TEST(connections_are_refused_when_told)
{
    struct raw_client *open = sim_fixture_open(), *late;

    sim_proc_tell(fixture.sim, "accept off");
    late = raw_client_open(fixture.sim->port, fixture.ca, fixture.cert,
                           TLS1_3_VERSION);
    assert_true(late->is_gone);
    assert_int_equal(sim_fixture_push(open)->status, 200);
    raw_client_close(late);
    sim_proc_tell(fixture.sim, "accept on");
    raw_client_close(sim_fixture_open());
    raw_client_close(open);
}
