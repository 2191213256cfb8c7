/* SPDX-License-Identifier: MIT */

/*
 * Keys that are revoked in the middle of something, and wrong ones.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"

#include <signal.h>
#include <sys/socket.h>

#include "raw_check.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

#define HOST "Host: x\r\n"

EACH(api_stage_set_up_tcp, api_stage_tear_down);

struct holder {
    char key[128];
    char path[64]; /* of the key */
};

static void
make_holder(struct api_stage *stage, struct holder *holder)
{
    json_t *json = daemon_proc_json(
        stage->daemon, "POST", "/v1/keys",
        "{\"name\":\"k\",\"verbs\":[\"wake\",\"read\",\"enrollments\"]}", 201);

    snprintf(holder->key, sizeof holder->key, "%s",
             api_stage_text(json, "key"));
    snprintf(holder->path, sizeof holder->path, "/v1/keys/%lld",
             (long long)api_stage_number(json, "id"));
    json_decref(json);
}

/* A request over TCP, its head up to the empty line. */
static int
begin(struct api_stage *stage, const struct holder *holder, const char *line,
      const char *more)
{
    int fd = http_raw_open(NULL, stage->daemon->port);

    http_raw_say(fd, line);
    http_raw_say(fd, " HTTP/1.1\r\n" HOST "Authorization: Bearer ");
    http_raw_say(fd, holder->key);
    http_raw_say(fd, "\r\n");
    http_raw_say(fd, more);
    http_raw_say(fd, "\r\n");
    return fd;
}

static void
revoke_key(struct api_stage *stage, const struct holder *holder)
{
    daemon_proc_do(stage->daemon, "DELETE", holder->path, NULL, 204);
}

TEST(a_revoked_keys_upload_ends)
{
    struct api_stage *stage = *state;
    struct holder holder;
    char go[25];
    char *answer;
    int fd;

    make_holder(stage, &holder);
    fd = begin(stage, &holder, "POST /v1/enrollments",
               "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n");
    assert_int_equal(recv(fd, go, sizeof go, MSG_WAITALL), sizeof go);
    revoke_key(stage, &holder);
    http_raw_say(fd,
                 "43\r\n{\"id\":\"UP-1\",\"topic\":\"t\",\"token\":\"aabb\","
                 "\"push_magic\":\"Magic-1234\"}\n\r\n0\r\n\r\n");
    answer = http_raw_read(fd);
    raw_check_error(answer, 401, "revoked");
    free(answer);
    daemon_proc_do(stage->daemon, "GET", "/v1/enrollments/UP-1", NULL, 404);
}

TEST(a_revoked_keys_wait_ends)
{
    struct api_stage *stage = *state;
    struct holder holder;
    char token[65];
    char *answer;
    int fd;

    api_stage_token(1, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    make_holder(stage, &holder);
    sim_proc_tell(stage->sim, "hold");
    fd = begin(stage, &holder, "GET /v1/push/A", "");
    api_stage_await_sim(stage, "pushes", 1);
    revoke_key(stage, &holder);
    answer = http_raw_read(fd);
    raw_check_error(answer, 401, "revoked");
    free(answer);
    sim_proc_tell(stage->sim, "release");
}

#define N_EXPORTED 20000

static void
import_many(struct api_stage *stage)
{
    char *body = malloc(N_EXPORTED * 160);
    size_t len = 0;
    struct http_answer answer;

    assert_non_null(body);
    for (int i = 0; i < N_EXPORTED; i++)
        len += (size_t)snprintf(
            body + len, 160,
            "{\"id\":\"E-%05d\",\"topic\":\"t\",\"token\":\"aabb\","
            "\"push_magic\":\"M\"}\n",
            i);
    daemon_proc_send(stage->daemon, "POST", "/v1/enrollments",
                     "application/x-ndjson", body, &answer);
    assert_int_equal(answer.status, 200);
    http_call_free(&answer);
    free(body);
}

/* One that reads slowly must not get what the key may see no more. */
TEST(a_revoked_keys_export_ends)
{
    struct api_stage *stage = *state;
    int small = 4096;
    struct holder holder;
    char *answer;
    char first[12];
    int fd;

    import_many(stage);
    make_holder(stage, &holder);
    fd = begin(stage, &holder, "GET /v1/enrollments",
               "Accept: application/x-ndjson\r\n");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_int_equal(recv(fd, first, sizeof first, MSG_WAITALL), sizeof first);
    assert_memory_equal(first, "HTTP/1.1 200", sizeof first);
    revoke_key(stage, &holder);
    answer = http_raw_read(fd);
    assert_null(strstr(answer, "E-19999"));
    assert_null(strstr(answer, "\r\n0\r\n\r\n"));
    free(answer);
}

TEST(a_refused_key_is_logged_with_its_address)
{
    struct api_stage *stage = *state;
    struct holder holder = {.key = "rouse_1_wrong"};
    const char *line;

    for (int i = 0; i < 3; i++) {
        char *answer = http_raw_read(
            begin(stage, &holder, "GET /v1/status", "Connection: close\r\n"));

        raw_check_error(answer, 401, "not valid");
        free(answer);
    }
    child_signal(&stage->daemon->child, SIGHUP);
    daemon_proc_await(stage->daemon, "event=reload_done");
    line = strstr(stage->daemon->log, "event=key_refused addr=127.0.0.1 n=1");
    assert_non_null(line);
    assert_null(strstr(line + 1, "event=key_refused"));
}
