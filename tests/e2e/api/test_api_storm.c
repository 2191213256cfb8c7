/* SPDX-License-Identifier: MIT */

/*
 * The API under load: nobody honest is reset, nobody dishonest holds it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/http_swarm.h"
#include "tests/support/unit.h"

#define N_STORM     10000 /* scaled */
#define N_DRIBBLERS 600
#define N_ADDRESSES 8
#define N_IDLE      500
#define N_TRIES     20
#define MAX_GROWTH  (64L * 1024 * 1024) /* bytes, in a storm */
#define MAX_IDLE    (80L * 1024 * 1024) /* bytes in all, with N_IDLE */
#define MAX_KEPT    (2L * 1024 * 1024)  /* bytes, behind them */
#define FILES       16384

static char *key;

static char *
make_key(struct api_stage *stage)
{
    json_t *json =
        daemon_proc_json(stage->daemon, "POST", "/v1/keys",
                         "{\"name\":\"mdm\",\"verbs\":[\"checkin\",\"wake\","
                         "\"read\",\"enrollments\"]}",
                         201);
    char *text = strdup(api_stage_text(json, "key"));

    json_decref(json);
    return text;
}

static int
set_up_with(void **state, const char *timeout_s)
{
    const char *const options[] = {"--listen", "127.0.0.1:0", "--timeout-s",
                                   timeout_s, NULL};
    struct api_stage *stage;

    http_swarm_raise_files(FILES);
    stage = api_stage_new(options);
    key = make_key(stage);
    *state = stage;
    return 0;
}

static int
set_up(void **state)
{
    return set_up_with(state, "600");
}

static int
set_up_hasty(void **state)
{
    return set_up_with(state, "4");
}

static int
tear_down(void **state)
{
    free(key);
    api_stage_free(*state);
    return 0;
}

EACH(set_up, tear_down);

/* A value of /metrics, over the unix socket. */
static double
read_metric(struct api_stage *stage, const char *name)
{
    struct http_answer answer;
    char line[128];
    const char *at;
    double value = -1;

    daemon_proc_send(stage->daemon, "GET", "/metrics", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    snprintf(line, sizeof line, "\n%s ", name);
    at = strstr(answer.body, line);
    if (at == NULL)
        fail_msg("no metric %s", name);
    else
        value = strtod(at + strlen(line), NULL);
    http_call_free(&answer);
    return value;
}

/* Connections but the one that asks. */
static void
await_connections(struct api_stage *stage, int wanted)
{
    int64_t since_ms = e2e_stage_now();

    while ((int)read_metric(stage, "rouse_api_connections") - 1 > wanted)
        e2e_stage_pause(since_ms, "connections to go");
}

/* A sanitizer has its own ideas of memory. */
static void
check_memory(double used, double max)
{
    if (e2e_stage_scaled(10) == 10 && used > max)
        fail_msg("%.0f bytes are used, not %.0f", used, max);
}

static size_t
make_check_in(void *arg, unsigned i, char *bytes)
{
    char body[1024];
    char token[65];
    int len;

    (void)arg;
    /* base64 of 48 bytes, another for each device */
    snprintf(token, sizeof token, "AAAA%08u%052d", i, 0);
    len = snprintf(body, sizeof body,
                   "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>"
                   "<key>MessageType</key><string>TokenUpdate</string>"
                   "<key>UDID</key><string>STORM-%05u</string>"
                   "<key>Topic</key><string>" API_STAGE_TOPIC "</string>"
                   "<key>Token</key><data>%s</data>"
                   "<key>PushMagic</key><string>M-%u</string></dict></plist>",
                   i, token, i);
    return (size_t)snprintf(
        bytes, HTTP_SWARM_MAX_REQUEST,
        "PUT /migration HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
        "Connection: close\r\nContent-Length: %d\r\n\r\n%s",
        key, len, body);
}

static size_t
make_push(void *arg, unsigned i, char *bytes)
{
    (void)arg;
    return (size_t)snprintf(bytes, HTTP_SWARM_MAX_REQUEST,
                            "GET /v1/push/PUSH-%u HTTP/1.1\r\nHost: x\r\n"
                            "Authorization: Bearer %s\r\n"
                            "Connection: close\r\n\r\n",
                            i, key);
}

static void
expect_all_ok(const struct http_swarm *swarm)
{
    struct http_swarm_result result;

    http_swarm_run(swarm, &result);
    if (result.n_ok != swarm->n)
        fail_msg("%u of %u ok, %u others, %u broken: %s", result.n_ok, swarm->n,
                 result.n_other, result.n_broken, result.other);
}

static void
storm(struct api_stage *stage, const char *socket)
{
    double before = read_metric(stage, "process_resident_memory_bytes");
    unsigned n = (unsigned)e2e_stage_scaled(N_STORM);
    struct http_swarm swarm = {.socket = socket,
                               .port = stage->daemon->port,
                               .n = n,
                               .make = make_check_in};
    double grown;

    expect_all_ok(&swarm);
    grown = daemon_proc_peak(stage->daemon) - before;
    printf("grown by %.1f MiB\n", grown / 1048576);
    check_memory(grown, (double)MAX_GROWTH);
    assert_int_equal(read_metric(stage,
                                 "rouse_enrollments{topic=\"" API_STAGE_TOPIC
                                 "\",state=\"enabled\"}"),
                     n);
    await_connections(stage, 0);
}

TEST(ten_thousand_check_ins_at_once_are_stored)
{
    storm(*state, NULL);
}

TEST(ten_thousand_on_the_unix_socket_are_stored)
{
    struct api_stage *stage = *state;

    storm(stage, stage->daemon->socket);
}

static void
expect_pushes(struct api_stage *stage, unsigned n)
{
    struct http_swarm swarm = {
        .port = stage->daemon->port, .n = n, .make = make_push};

    for (unsigned i = 0; i < n; i++) {
        char id[32], token[65];

        snprintf(id, sizeof id, "PUSH-%u", i);
        api_stage_token(i + 1, token);
        api_stage_enroll(stage, id, API_STAGE_TOPIC, token);
    }
    sim_proc_tell(stage->sim, "latency 300");
    expect_all_ok(&swarm);
    swarm.socket = stage->daemon->socket;
    expect_all_ok(&swarm);
}

TEST(pushes_that_wait_for_apns_are_all_answered)
{
    expect_pushes(*state, 64);
}

TEST(as_many_pushes_as_places_are_all_answered)
{
    expect_pushes(*state, 512);
}

/*
 * The dishonest.
 */

/* Connects from 127.0.0.(2 + ${i} modulo 8) without waiting for it. */
static int
dial_from(unsigned i, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i % N_ADDRESSES)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail_msg("dribbler %u cannot connect", i);
    return fd;
}

static void
dribble(int *fds, unsigned n, uint16_t port)
{
    for (unsigned i = 0; i < n; i++) {
        char gone;

        if (send(fds[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 &&
            recv(fds[i], &gone, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
            continue;
        close(fds[i]);
        fds[i] = dial_from(i, port);
        http_raw_say(fds[i], "GET /v1/push/a HTTP/1.1\r\nX: ");
    }
}

static void
expect_served(struct api_stage *stage)
{
    char header[256];
    const char *const headers[] = {header, NULL};
    struct http_call call = {.port = stage->daemon->port,
                             .method = "GET",
                             .path = "/v1/status",
                             .headers = headers,
                             .may_break = true};
    struct http_answer answer;

    snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 200);
    http_call_free(&answer);
}

/* They come again as soon as they are thrown out, and would otherwise hold
 * their places for longer than anybody waits here. */
TEST(dribblers_keep_nobody_out)
{
    struct api_stage *stage = *state;
    int fds[N_DRIBBLERS];

    for (unsigned i = 0; i < N_DRIBBLERS; i++) {
        fds[i] = dial_from(i, stage->daemon->port);
        http_raw_say(fds[i], "GET /v1/push/a HTTP/1.1\r\nX: ");
    }
    for (int i = 0; i < N_TRIES; i++) {
        expect_served(stage);
        dribble(fds, N_DRIBBLERS, stage->daemon->port);
    }
    assert_true(
        read_metric(stage, "rouse_api_closed_total{reason=\"crowded\"}") > 0);
    daemon_proc_await(stage->daemon, "event=api_closed reason=crowded addr=");
    for (unsigned i = 0; i < N_DRIBBLERS; i++)
        close(fds[i]);
    await_connections(stage, 0);
}

/* Without others that wait, a head has timeout_s, whatever drips. */
TEST_WITH(a_head_that_never_ends_is_told_so, set_up_hasty, tear_down)
{
    struct api_stage *stage = *state;
    int fd = http_raw_open(NULL, stage->daemon->port);
    int64_t began_ms = e2e_stage_now();
    char *answer;

    http_raw_say(fd, "GET /version HTTP/1.1\r\nX: ");
    answer = http_raw_read(fd);
    assert_memory_equal(answer, "HTTP/1.1 408 ", 13);
    assert_non_null(strstr(answer, "\"code\":\"timeout\""));
    assert_true(e2e_stage_now() - began_ms >= 3000);
    free(answer);
}

/*
 * Those that have gone.
 */

TEST(those_that_leave_in_the_middle_are_noticed)
{
    static const char *const halves[] = {
        "G",
        "GET /version HTTP/1.1\r\nHost",
        "POST /v1/wakes HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        "Authorization: Bearer %s\r\n\r\n{\"ids\"",
        "POST /v1/enrollments HTTP/1.1\r\nHost: x\r\n"
        "Authorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\n{\"id",
    };
    struct api_stage *stage = *state;

    for (unsigned i = 0; i < 400; i++) {
        int fd = http_raw_open(i % 2 == 0 ? NULL : stage->daemon->socket,
                               stage->daemon->port);
        char text[512];
        const char *brace = strstr(halves[i % 4], "%s");

        snprintf(text, sizeof text, "%s", halves[i % 4]);
        if (brace != NULL)
            snprintf(text, sizeof text, "%.*s%s%s",
                     (int)(brace - halves[i % 4]), halves[i % 4], key,
                     brace + 2);
        http_raw_say(fd, text);
        close(fd);
    }
    await_connections(stage, 0);
    assert_true(read_metric(stage, "rouse_api_closed_total{reason=\"left\"}") >=
                400);
}

/* Its push goes on; its place is free. By reset, by the unix socket, and by
   a FIN, which a client that only shuts its side sends as well. */
TEST(one_that_leaves_while_it_waits_is_noticed)
{
    static const struct linger reset = {.l_onoff = 1};
    struct api_stage *stage = *state;

    sim_proc_tell(stage->sim, "hold");
    for (int i = 0; i < 3; i++) {
        int fd = http_raw_open(i == 1 ? stage->daemon->socket : NULL,
                               stage->daemon->port);
        char token[65], id[32], text[256];

        snprintf(id, sizeof id, "LEFT-%d", i);
        api_stage_token((unsigned)i + 1, token);
        api_stage_enroll(stage, id, API_STAGE_TOPIC, token);
        snprintf(text, sizeof text,
                 "GET /v1/push/%s HTTP/1.1\r\nHost: x\r\n"
                 "Authorization: Bearer %s\r\n\r\n",
                 id, key);
        http_raw_say(fd, text);
        api_stage_await_flight(stage, i + 1);
        if (i < 2)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
        await_connections(stage, 0);
    }
    api_stage_await_flight(stage, 3); /* none of them has been answered */
    api_stage_await_sim(stage, "pushes", 3);
    sim_proc_tell(stage->sim, "release");
}

static void
await_memory(struct api_stage *stage, double wanted)
{
    int64_t since_ms = e2e_stage_now();

    /* A sanitizer has its own ideas of memory. */
    while (e2e_stage_scaled(10) == 10 &&
           read_metric(stage, "process_resident_memory_bytes") > wanted)
        e2e_stage_pause(since_ms, "memory to be given back");
}

TEST(idle_connections_cost_little_and_give_it_back)
{
    struct api_stage *stage = *state;
    double before = read_metric(stage, "process_resident_memory_bytes");
    double with;
    int fds[N_IDLE];
    char text[256];

    snprintf(text, sizeof text,
             "GET /v1/status HTTP/1.1\r\nHost: x\r\n"
             "Authorization: Bearer %s\r\n\r\n",
             key);
    for (int i = 0; i < N_IDLE; i++) {
        char answer[64];

        fds[i] = http_raw_open(NULL, stage->daemon->port);
        http_raw_say(fds[i], text);
        assert_int_equal(recv(fds[i], answer, sizeof answer, MSG_WAITALL),
                         sizeof answer);
        assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
    }
    with = read_metric(stage, "process_resident_memory_bytes");
    check_memory(with, (double)MAX_IDLE);
    for (int i = 0; i < N_IDLE; i++)
        close(fds[i]);
    await_connections(stage, 0);
    await_memory(stage, before + (double)MAX_KEPT);
    printf("idle %.1f MiB, with %d connections %.1f MiB, after %.1f MiB\n",
           before / 1048576, N_IDLE, with / 1048576,
           read_metric(stage, "process_resident_memory_bytes") / 1048576);
}
