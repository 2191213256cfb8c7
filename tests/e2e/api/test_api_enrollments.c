/* SPDX-License-Identifier: MIT */

/*
 * /v1/enrollments of the real daemon.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

EACH(api_stage_set_up, api_stage_tear_down);
ALL(api_stage_set_up, api_stage_tear_down);

TEST(an_enrollment_is_put_shown_and_removed)
{
    struct api_stage *stage = *state;
    char token[65];
    json_t *json;

    api_stage_token(1, token);
    api_stage_enroll(stage, "DEV-1", API_STAGE_TOPIC, token);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL,
                            200);
    assert_string_equal(api_stage_text(json, "id"), "DEV-1");
    assert_string_equal(api_stage_text(json, "state"), "enabled");
    assert_string_equal(api_stage_text(json, "kind"), "Device");
    assert_int_equal(strlen(api_stage_text(json, "token_prefix")), 8);
    assert_null(json_object_get(json, "token"));
    assert_true(json_is_null(json_object_get(json, "last_push")));
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET",
                            "/v1/enrollments/DEV-1?secrets=1", NULL, 200);
    assert_string_equal(api_stage_text(json, "token"), token);
    assert_string_equal(api_stage_text(json, "push_magic"), "M-DEV-1");
    json_decref(json);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/enrollments/DEV-1", NULL, 204);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/enrollments/DEV-1", NULL, 404);
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/DEV-1", NULL, 404);
}

TEST(ids_are_percent_decoded)
{
    struct api_stage *stage = *state;
    json_t *json;

    daemon_proc_do(stage->daemon, "PUT", "/v1/enrollments/D%20%C3%A4%2Fx",
                   "{\"state\":\"disabled\"}", 200);
    json = daemon_proc_json(stage->daemon, "GET",
                            "/v1/enrollments/D%20%C3%A4%2Fx", NULL, 200);
    assert_string_equal(api_stage_text(json, "id"), "D \xc3\xa4/x");
    json_decref(json);
}

TEST(wrong_fields_are_named)
{
    struct api_stage *stage = *state;
    char id[640];

    api_stage_refuse(stage, "PUT", "/v1/enrollments/A", "{\"kind\":\"X\"}", 400,
                     "invalid", "kind");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/A", "{\"tokn\":\"ab\"}",
                     400, "invalid", "tokn");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/A", "[1]", 400, "invalid",
                     "object");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/A", "{\"id\":\"B\"}", 400,
                     "invalid", "path");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/%ff", "{}", 400, "invalid",
                     "id is not UTF-8");
    api_stage_refuse(stage, "PUT", "/v1/enrollments/%1b%5B0m", "{}", 400,
                     "invalid", "id contains a control character");
    api_stage_refuse(stage, "GET", "/v1/enrollments?limit=0", NULL, 400,
                     "invalid", "limit must be a number from 1 to 1000");
    api_stage_refuse(stage, "GET", "/v1/enrollments?limit=1001", NULL, 400,
                     "invalid", "limit");
    api_stage_refuse(stage, "GET", "/v1/enrollments?cursor=x", NULL, 400,
                     "invalid", "cursor");
    api_stage_refuse(stage, "GET", "/v1/enrollments?state=gone", NULL, 400,
                     "invalid", "state");
    api_stage_refuse(stage, "GET", "/v1/enrollments?frob=1", NULL, 400,
                     "invalid", "frob");
    memset(id, 'x', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    memcpy(id, "/v1/enrollments/", 16);
    api_stage_refuse(stage, "PUT", id, "{}", 400, "invalid", "511");
}

/* An enrollment that could never be woken is a mistake, unless it says so. */
TEST(what_a_push_needs_is_not_missing)
{
    static const struct {
        const char *rest;
        const char *what;
    } cases[] = {
        {"", "topic is missing"},
        {",\"topic\":\"t\"", "token is missing"},
        {",\"topic\":\"t\",\"push_magic\":\"M\"", "token is missing"},
        {",\"topic\":\"t\",\"token\":\"aabb\"", "push_magic is missing"},
        {",\"token\":\"aabb\",\"push_magic\":\"M\"", "topic is missing"},
        {",\"state\":\"dead\"", "topic is missing"},
        {",\"state\":\"enabled\",\"topic\":\"t\"", "token is missing"},
    };
    struct api_stage *stage = *state;
    struct http_answer answer;
    char body[256];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(body, sizeof body, "{\"id\":\"A\"%s}", cases[i].rest);
        api_stage_refuse(stage, "PUT", "/v1/enrollments/A", body, 400,
                         "invalid", cases[i].what);
        daemon_proc_send(stage->daemon, "POST", "/v1/enrollments",
                         "application/x-ndjson", body, &answer);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, "\"imported\":0,\"rejected\":1"));
        assert_non_null(strstr(answer.body, cases[i].what));
        http_call_free(&answer);
    }
    api_stage_refuse(
        stage, "PUT", "/v1/enrollments/A", "{}", 400, "invalid",
        "only an enrollment with \"state\":\"disabled\" may lack it");
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/A", NULL, 404);
    daemon_proc_do(stage->daemon, "PUT", "/v1/enrollments/A",
                   "{\"state\":\"disabled\"}", 200);
}

/* Lines "DEV-0000" and so on, with every hundredth of them broken. */
static char *
make_lines(unsigned n)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    for (unsigned i = 1; i <= n; i++) {
        char token[65];

        api_stage_token(i, token);
        if (i % 100 == 0)
            fprintf(out, "{\"id\":\"DEV-%04u\",\"token\":\"zz\"}\n", i);
        else
            fprintf(out,
                    "{\"id\":\"DEV-%04u\",\"topic\":\"%s\",\"token\":\"%s\","
                    "\"push_magic\":\"M\",\"serial_number\":\"S%04u\"}\n",
                    i, API_STAGE_TOPIC, token, i);
    }
    fclose(out);
    return text;
}

#define N_LINES 2500

TEST_WITH(a_bulk_import_tells_each_bad_line, NULL, NULL)
{
    struct api_stage *stage = *state;
    struct http_answer answer;
    char *lines = make_lines(N_LINES);
    json_t *json;

    daemon_proc_send(stage->daemon, "POST", "/v1/enrollments",
                     "application/x-ndjson", lines, &answer);
    assert_int_equal(answer.status, 200);
    json = json_loads(answer.body, 0, NULL);
    assert_int_equal(api_stage_number(json, "imported"),
                     N_LINES - N_LINES / 100);
    assert_int_equal(api_stage_number(json, "rejected"), N_LINES / 100);
    assert_int_equal(api_stage_number(json, "errors.0.line"), 100);
    assert_non_null(strstr(api_stage_text(json, "errors.1.error"), "token"));
    json_decref(json);
    http_call_free(&answer);
    free(lines);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/status", NULL, 200);
    assert_int_equal(api_stage_number(json, "enrollments.enabled"),
                     N_LINES - N_LINES / 100);
    json_decref(json);
}

TEST_WITH(an_export_streams_every_line_once, NULL, NULL)
{
    struct api_stage *stage = *state;
    const char *const headers[] = {"Accept: application/x-ndjson", NULL};
    struct http_call call = {.socket = stage->daemon->socket,
                             .method = "GET",
                             .path = "/v1/enrollments?secrets=1",
                             .headers = headers};
    struct http_answer answer;
    unsigned n = 0;
    char last[16] = "";

    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 200);
    for (char *at = answer.body; *at != '\0'; n++) {
        char *end = strchr(at, '\n');
        json_t *json;

        assert_non_null(end);
        *end = '\0';
        json = json_loads(at, 0, NULL);
        assert_true(strcmp(api_stage_text(json, "id"), last) > 0);
        snprintf(last, sizeof last, "%s", api_stage_text(json, "id"));
        assert_int_equal(strlen(api_stage_text(json, "token")), 64);
        json_decref(json);
        at = end + 1;
    }
    assert_int_equal(n, N_LINES - N_LINES / 100);
    http_call_free(&answer);
}

/* It pipelines, or shuts its side, while the store still reads the page. */
TEST_WITH(an_export_goes_on_while_the_client_says_more, NULL, NULL)
{
    struct api_stage *stage = *state;

    for (int i = 0; i < 2; i++) {
        int fd = http_raw_open(stage->daemon->socket, 0);
        char text[8192] = "GET /v1/enrollments HTTP/1.1\r\nHost: x\r\n"
                          "Accept: application/x-ndjson\r\n\r\n";
        size_t len = strlen(text);
        char *answer;

        while (i == 1 && len < 6000)
            len += (size_t)snprintf(text + len, sizeof text - len,
                                    "GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
        http_raw_write(fd, text, len);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        answer = http_raw_read(fd);
        assert_memory_equal(answer, "HTTP/1.1 200 OK", 15);
        assert_non_null(strstr(answer, "\r\n0\r\n\r\n"));
        free(answer);
    }
}

TEST_WITH(pages_follow_the_cursor, NULL, NULL)
{
    struct api_stage *stage = *state;
    char path[128] = "/v1/enrollments?limit=1000";
    unsigned n = 0;

    for (int page = 0; page < 4; page++) {
        json_t *json = daemon_proc_json(stage->daemon, "GET", path, NULL, 200);
        const json_t *next = json_object_get(json, "next_cursor");

        n += (unsigned)json_array_size(json_object_get(json, "enrollments"));
        if (json_is_null(next)) {
            json_decref(json);
            break;
        }
        snprintf(path, sizeof path, "/v1/enrollments?limit=1000&cursor=%s",
                 json_string_value(next));
        json_decref(json);
    }
    assert_int_equal(n, N_LINES - N_LINES / 100);
}

TEST_WITH(filters_narrow_the_list, NULL, NULL)
{
    struct api_stage *stage = *state;
    json_t *json = daemon_proc_json(
        stage->daemon, "GET", "/v1/enrollments?serial_number=S0007", NULL, 200);

    assert_int_equal(json_array_size(json_object_get(json, "enrollments")), 1);
    assert_string_equal(api_stage_text(json, "enrollments.0.id"), "DEV-0007");
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET",
                            "/v1/enrollments?topic=com.apple.mgmt.none", NULL,
                            200);
    assert_int_equal(json_array_size(json_object_get(json, "enrollments")), 0);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET",
                            "/v1/enrollments?state=dead&kind=User", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "enrollments")), 0);
    json_decref(json);
}

TEST_WITH(an_import_takes_a_last_line_without_its_end_and_no_long_one, NULL,
          NULL)
{
    struct api_stage *stage = *state;
    size_t len = 20000;
    char *lines = malloc(len + 64);
    struct http_answer answer;
    json_t *json;

    memset(lines, 'x', len);
    snprintf(lines + len, 64,
             "\n\n  \n{\"id\":\"LAST\",\"state\":\"disabled\"}");
    daemon_proc_send(stage->daemon, "POST", "/v1/enrollments",
                     "application/x-ndjson", lines, &answer);
    assert_int_equal(answer.status, 200);
    json = json_loads(answer.body, 0, NULL);
    assert_int_equal(api_stage_number(json, "imported"), 1);
    assert_int_equal(api_stage_number(json, "rejected"), 1);
    assert_non_null(strstr(api_stage_text(json, "errors.0.error"), "16384"));
    json_decref(json);
    http_call_free(&answer);
    free(lines);
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/LAST", NULL, 200);
}

/* Any 410 counts against it, however old. */
TEST(an_imported_token_without_its_time_has_none)
{
    struct api_stage *stage = *state;
    json_t *json;

    api_stage_expect(stage, "POST", "/v1/enrollments", "application/x-ndjson",
                     "{\"id\":\"A\",\"topic\":\"" API_STAGE_TOPIC
                     "\",\"token\":\"00ff\",\"push_magic\":\"m\"}\n",
                     200, NULL);
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/A", NULL, 200);
    assert_true(json_is_null(json_object_get(json, "token_updated_at")));
    json_decref(json);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, "00ff");
    json =
        daemon_proc_json(stage->daemon, "GET", "/v1/enrollments/A", NULL, 200);
    assert_true(json_is_string(json_object_get(json, "token_updated_at")));
    json_decref(json);
}

TEST(an_import_of_another_type_is_refused)
{
    struct api_stage *stage = *state;

    api_stage_refuse(stage, "POST", "/v1/enrollments", "{}", 415,
                     "unsupported_media_type", "application/x-ndjson");
}

/* Batches are underway in the store when the client goes; the drain at the
   end of the test must find them all finished. */
TEST(a_client_that_leaves_during_its_import_hurts_nobody)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);
    char line[160], token[65];
    json_t *json;

    http_raw_say(fd, "POST /v1/enrollments HTTP/1.1\r\nHost: x\r\n"
                     "Content-Type: application/x-ndjson\r\n"
                     "Content-Length: 99999999\r\n\r\n");
    for (unsigned i = 0; i < 3000; i++) {
        api_stage_token(i, token);
        snprintf(line, sizeof line,
                 "{\"id\":\"L-%u\",\"topic\":\"t\",\"token\":\"%s\","
                 "\"push_magic\":\"m\"}\n",
                 i, token);
        http_raw_say(fd, line);
    }
    (void)close(fd);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/enrollments?limit=1",
                            NULL, 200);
    json_decref(json);
}
