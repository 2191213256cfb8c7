/* SPDX-License-Identifier: MIT */
/*
 * The running simulator, seen by a bare client: pushes, the ledger, null mode,
 * the control socket and the command line.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sim_fixture.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

EACH(NULL, sim_fixture_mend);
ALL(sim_fixture_start, sim_fixture_stop);

TEST(a_push_is_accepted_and_counted)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer = sim_fixture_push(client);

    assert_int_equal(answer->status, 200);
    assert_int_equal(strlen(answer->apns_id), 36);
    assert_int_equal(strspn(answer->apns_id, "0123456789ABCDEF-"), 36);
    assert_int_equal(answer->body_len, 0);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 1);
    raw_client_close(client);
}

/*
 * More records than are read in one go, and all there at once, so that no
 * further one brings the simulator to read on.
 */
TEST(many_records_at_once_are_all_read)
{
    struct raw_client *client = sim_fixture_open();
    int on = 1;

    setsockopt(client->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    for (int i = 0; i < RAW_CLIENT_MAX_ANSWERS; i++)
        raw_client_push(client, TOPIC, TOKEN);
    raw_client_run(client, raw_client_wants_no_write);
    on = 0;
    setsockopt(client->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN),
                     RAW_CLIENT_MAX_ANSWERS);
    raw_client_close(client);
}

TEST(the_first_settings_are_apples)
{
    struct raw_client *client = sim_fixture_open();
    nghttp2_session *session = client->session;

    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
                     1000);
    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_HEADER_TABLE_SIZE),
                     4096);
    assert_int_equal(nghttp2_session_get_remote_settings(
                         session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE),
                     8000);
    raw_client_close(client);
}

TEST(a_wrong_topic_is_told)
{
    struct raw_client *client = sim_fixture_open();
    struct raw_answer *answer = raw_client_push(client, TOPIC "x", TOKEN);

    raw_client_run(client, raw_client_is_idle);
    assert_int_equal(answer->status, 400);
    assert_string_equal(answer->body, "{\"reason\":\"TopicDisallowed\"}");
    assert_int_equal(sim_proc_accepted(fixture.sim, TOKEN), 0);
    raw_client_close(client);
}

TEST(the_ledger_knows_each_token)
{
    struct raw_client *client = sim_fixture_open();
    char *path = temp_dir_path(fixture.dir, "ledger"), *text;
    json_t *answer;

    sim_proc_tell(fixture.sim, "every 2 answer 500 InternalServerError");
    for (int i = 0; i < 5; i++)
        sim_fixture_push(client);
    answer = sim_proc_ask(fixture.sim, "token " TOKEN);
    assert_int_equal(json_integer_value(json_object_get(answer, "accepted")),
                     3);
    assert_int_equal(json_integer_value(json_object_get(answer, "rejected")),
                     2);
    assert_string_equal(
        json_string_value(json_object_get(answer, "last_reason")),
        "InternalServerError");
    json_decref(answer);
    sim_proc_tell(fixture.sim, "ledger %s", path);
    text = temp_dir_read(path, NULL);
    assert_string_equal(text, TOKEN " 3 2\n");
    free(text);
    free(path);
    raw_client_close(client);
}

TEST(bad_directives_are_answered_with_an_error)
{
    json_t *answer = sim_proc_try(fixture.sim, "every now stall");

    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_non_null(
        strstr(json_string_value(json_object_get(answer, "error")), "now"));
    json_decref(answer);
}

TEST(the_ledger_is_written_at_the_end)
{
    char *path = temp_dir_path(fixture.dir, "end"), *text;
    const char *const more[] = {"--ledger", path, NULL};
    struct sim_proc *short_lived =
        sim_proc_start(SIM_PROC_PROGRAM, fixture.dir, more);
    struct raw_client *client = raw_client_open(short_lived->port, fixture.ca,
                                                fixture.cert, TLS1_3_VERSION);

    assert_int_equal(sim_fixture_push(client)->status, 200);
    sim_proc_stop(short_lived);
    text = temp_dir_read(path, NULL);
    assert_string_equal(text, TOKEN " 1 0\n");
    raw_client_close(client);
    free(text);
    free(path);
}

TEST(null_mode_answers_and_takes_faults)
{
    const char *const more[] = {"--mode", "null", NULL};
    struct sim_proc *fast = sim_proc_start(SIM_PROC_PROGRAM, fixture.dir, more);
    struct raw_client *client =
        raw_client_open(fast->port, fixture.ca, fixture.cert, TLS1_3_VERSION);
    struct raw_answer *answer;
    json_t *refused;

    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 200);
    assert_int_equal(strlen(answer->apns_id), 36);
    sim_proc_tell(fast, "first 1 answer 503 ServiceUnavailable");
    answer = sim_fixture_push(client);
    assert_int_equal(answer->status, 503);
    assert_string_equal(answer->body, "{\"reason\":\"ServiceUnavailable\"}");
    sim_proc_tell(fast, "first 1 refuse");
    assert_int_equal(sim_fixture_push(client)->error_code,
                     NGHTTP2_REFUSED_STREAM);
    sim_proc_tell(fast, "latency 30");
    assert_int_equal(sim_fixture_push(client)->status, 200);
    nghttp2_submit_ping(client->session, NGHTTP2_FLAG_NONE, NULL);
    sim_fixture_push(client);
    assert_int_equal(client->n_ping_acks, 1);
    assert_int_equal(sim_proc_stat(fast, "pushes"), 5);
    assert_int_equal(sim_proc_stat(fast, "accepted"), 3);
    refused = sim_proc_try(fast, "token " TOKEN " stall");
    assert_true(json_is_false(json_object_get(refused, "ok")));
    json_decref(refused);
    sim_proc_tell(fast, "goaway reason=Shutdown");
    raw_client_run(client, raw_client_is_over);
    assert_string_equal(client->goaway_text, "{\"reason\":\"Shutdown\"}");
    raw_client_close(client);
    sim_proc_stop(fast);
}

/* The exit code and what it said on stderr. */
static int
run_program(char **err, const char *a, const char *b, const char *c)
{
    const char *const argv[] = {SIM_PROC_PROGRAM, a, b, c, NULL};
    char *out;
    int code = child_run(argv, &out, err);

    free(out);
    return code;
}

TEST(wrong_usage_is_2_and_named)
{
    static const char *const cases[][2] = {
        {"--mode", "loose"}, {"--port", "65536"},     {"--tls", "1.1"},
        {"--seed", "x"},     {"--max-streams", "-1"},
    };
    char *err;

    assert_int_equal(run_program(&err, NULL, NULL, NULL), 2);
    assert_non_null(strstr(err, "--pki"));
    free(err);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(run_program(&err, cases[i][0], cases[i][1], NULL), 2);
        assert_non_null(strstr(err, cases[i][0]));
        assert_non_null(strstr(err, cases[i][1]));
        free(err);
    }
    assert_int_equal(run_program(&err, "pki", NULL, NULL), 2);
    free(err);
    assert_int_equal(run_program(&err, "tell", NULL, NULL), 2);
    free(err);
}

TEST(every_command_tells_about_itself)
{
    static const char *const commands[] = {"--help", "pki", "tell"};
    char *err;

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        assert_int_equal(
            run_program(&err, commands[i], i == 0 ? NULL : "--help", NULL), 0);
        assert_string_equal(err, "");
        free(err);
    }
}

TEST(what_cannot_be_used_is_1_and_named)
{
    char *script = temp_dir_path(fixture.dir, "script"), *err;
    const char *const argv[] = {SIM_PROC_PROGRAM, "--pki", fixture.dir,
                                "--script",       script,  NULL};

    assert_int_equal(run_program(&err, "--pki", "/nonexistent", NULL), 1);
    assert_non_null(strstr(err, "cannot read /nonexistent/server.pem"));
    assert_non_null(strstr(err, "rouse-sim pki"));
    free(err);
    temp_dir_write(script, "# comment\n\nlatency 5\nevery day stall\n");
    assert_int_equal(child_run(argv, NULL, &err), 1);
    assert_non_null(strstr(err, "line 4"));
    free(err);
    free(script);
}
