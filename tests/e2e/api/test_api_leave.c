/* SPDX-License-Identifier: MIT */

/*
 * By TCP a client that has gone and one that has only shut its side look
 * alike, until something is sent: an interim answer finds out.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "api_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/unit.h"

EACH(api_stage_set_up_tcp, api_stage_tear_down);

TEST(a_client_that_shuts_its_side_and_waits_is_asked)
{
    struct api_stage *stage = *state;
    json_t *json =
        daemon_proc_json(stage->daemon, "POST", "/v1/keys",
                         "{\"name\":\"nc\",\"verbs\":[\"wake\"]}", 201);
    int fd = http_raw_open(NULL, stage->daemon->port);
    char token[65], go[25], *answer;

    api_stage_token(1, token);
    api_stage_enroll(stage, "A", API_STAGE_TOPIC, token);
    sim_proc_tell(stage->sim, "hold");
    http_raw_say(fd, "GET /v1/push/A HTTP/1.1\r\nHost: x\r\n"
                     "Authorization: Bearer ");
    http_raw_say(fd, api_stage_text(json, "key"));
    http_raw_say(fd, "\r\n\r\n");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(recv(fd, go, sizeof go, MSG_WAITALL), sizeof go);
    assert_memory_equal(go, "HTTP/1.1 100 Continue\r\n\r\n", sizeof go);
    api_stage_await_sim(stage, "pushes", 1);
    sim_proc_tell(stage->sim, "release");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
    free(answer);
    json_decref(json);
}
