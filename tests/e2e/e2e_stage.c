/* SPDX-License-Identifier: MIT */
#include "e2e_stage.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "apns/base/hex.h"
#include "tests/support/pki_make.h"
#include "tests/support/sanitized.h"
#include "tests/support/temp_dir.h"

#define MAX_OPTIONS   24
#define IDS_A_REQUEST 1000
#define LOOK_MS       3 /* between two looks */
#define SHARE         (SANITIZED ? 10 : 1)

size_t
e2e_stage_scaled(size_t n)
{
    return n / SHARE;
}

int64_t
e2e_stage_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
e2e_stage_pause(int64_t since_ms, const char *what)
{
    struct timespec span = {.tv_nsec = LOOK_MS * 1000000};

    if (e2e_stage_now() - since_ms > E2E_STAGE_PATIENCE_MS)
        fail_msg("waited too long for %s", what);
    nanosleep(&span, NULL);
}

/* A ledger for each start, so that none overwrites an earlier one. */
static void
start_sim(struct e2e_stage *stage, const char *const more[])
{
    const char *options[MAX_OPTIONS] = {"--ledger"};
    char *ledger;
    size_t n = 2;

    assert_true(stage->n_ledgers < E2E_STAGE_MAX_LEDGERS);
    ledger = temp_dir_path(stage->dir, "ledger.%zu", stage->n_ledgers);
    stage->ledgers[stage->n_ledgers++] = ledger;
    options[1] = ledger;
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        assert_true(n + 1 < MAX_OPTIONS);
        options[n++] = more[i];
    }
    stage->sim = sim_proc_start(SIM_PROC_PROGRAM, stage->dir, options);
}

struct e2e_stage *
e2e_stage_new(const char *const sim_options[],
              const char *const daemon_options[])
{
    struct e2e_stage *stage = calloc(1, sizeof *stage);

    assert_non_null(stage);
    stage->dir = temp_dir_new();
    stage->fleet.topic = E2E_STAGE_TOPIC;
    stage->cert = pki_make(SIM_PROC_PROGRAM, stage->dir, E2E_STAGE_TOPIC, NULL);
    stage->ca_file = temp_dir_path(stage->dir, "ca.pem");
    start_sim(stage, sim_options);
    stage->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, stage->sim->port,
                                      stage->ca_file, daemon_options);
    daemon_proc_import_cert(stage->daemon, stage->cert);
    return stage;
}

void
e2e_stage_free(struct e2e_stage *stage)
{
    if (stage == NULL)
        return;
    daemon_proc_free(stage->daemon);
    if (stage->sim != NULL)
        sim_proc_stop(stage->sim);
    for (size_t i = 0; i < stage->n_ledgers; i++)
        free(stage->ledgers[i]);
    temp_dir_free(stage->dir);
    free(stage->cert);
    free(stage->ca_file);
    free(stage);
}

void
e2e_stage_enroll(struct e2e_stage *stage, size_t n)
{
    char *path = temp_dir_path(stage->dir, "fleet.ndjson");
    struct http_answer answer;
    char expected[64];
    char *lines;

    stage->fleet.n = n;
    fleet_write(&stage->fleet, path);
    lines = temp_dir_read(path, NULL);
    daemon_proc_send(stage->daemon, "POST", "/v1/enrollments",
                     "application/x-ndjson", lines, &answer);
    snprintf(expected, sizeof expected, "{\"imported\":%zu,\"rejected\":0,", n);
    if (strncmp(answer.body, expected, strlen(expected)) != 0)
        fail_msg("import: %ld %s", answer.status, answer.body);
    http_call_free(&answer);
    free(lines);
    free(path);
}

void
e2e_stage_end_sim(struct e2e_stage *stage)
{
    struct sim_proc *sim = stage->sim;

    stage->sim = NULL;
    sim_proc_stop(sim);
}

void
e2e_stage_sim_again(struct e2e_stage *stage, const char *script)
{
    char port[8];
    const char *const options[] = {"--port", port, "--script", script, NULL};

    snprintf(port, sizeof port, "%s",
             stage->daemon->argv[10]); /* that the daemon dials */
    start_sim(stage, options);
}

char *
e2e_stage_renew_cert(struct e2e_stage *stage)
{
    char *made = pki_make(SIM_PROC_PROGRAM, stage->dir, E2E_STAGE_TOPIC, NULL);
    char *pem = temp_dir_read(made, NULL);
    char *path =
        temp_dir_path(stage->dir, "renewed-%zu.pem", stage->n_renewed++);

    temp_dir_write(path, pem);
    free(made);
    free(pem);
    return path;
}

int64_t
e2e_stage_ask_wave(struct e2e_stage *stage, uint32_t pace)
{
    char body[160];
    json_t *wave;
    int64_t id;

    snprintf(body, sizeof body,
             "{\"filter\":{\"topic\":\"" E2E_STAGE_TOPIC "\"},"
             "\"pace\":%" PRIu32 "}",
             pace);
    wave = daemon_proc_json(stage->daemon, "POST", "/v1/waves", body, 202);
    id = json_integer_value(json_object_get(wave, "id"));
    assert_true(id > 0);
    json_decref(wave);
    return id;
}

/* 202 means that these wakes are durable. */
static void
ask_some(struct e2e_stage *stage, size_t first, size_t n)
{
    json_t *ids = json_array();
    json_t *body = json_pack("{s:o}", "ids", ids);
    json_t *answer;
    char *text;

    for (size_t i = first; i < first + n; i++) {
        char id[37];

        fleet_id(i, id);
        json_array_append_new(ids, json_string(id));
    }
    text = json_dumps(body, JSON_COMPACT);
    answer = daemon_proc_json(stage->daemon, "POST", "/v1/wakes", text, 202);
    assert_int_equal(json_array_size(json_object_get(answer, "wakes")), n);
    json_decref(answer);
    json_decref(body);
    free(text);
}

void
e2e_stage_ask_wakes(struct e2e_stage *stage, size_t first, size_t n)
{
    for (size_t done = 0; done < n; done += IDS_A_REQUEST)
        ask_some(stage, first + done,
                 n - done < IDS_A_REQUEST ? n - done : IDS_A_REQUEST);
}

long
e2e_stage_check_in(struct e2e_stage *stage, size_t i, char code[32])
{
    unsigned char base64[2 * FLEET_TOKEN_LEN];
    uint8_t token[FLEET_TOKEN_LEN];
    struct http_answer answer;
    char plist[1024];
    json_t *error;
    long status;
    char id[37];

    fleet_id(i, id);
    fleet_token(i, token);
    EVP_EncodeBlock(base64, token, sizeof token);
    snprintf(plist, sizeof plist,
             "<plist version=\"1.0\"><dict><key>MessageType</key>"
             "<string>TokenUpdate</string><key>Topic</key>"
             "<string>" E2E_STAGE_TOPIC "</string><key>UDID</key>"
             "<string>%s</string><key>PushMagic</key><string>M-%zu</string>"
             "<key>Token</key><data>%s</data></dict></plist>",
             id, i, (const char *)base64);
    daemon_proc_send(stage->daemon, "PUT", "/v1/checkin", NULL, plist, &answer);
    error = json_loads(answer.body, 0, NULL);
    snprintf(code, 32, "%s",
             json_is_string(json_object_get(error, "code"))
                 ? json_string_value(json_object_get(error, "code"))
                 : "");
    json_decref(error);
    status = answer.status;
    http_call_free(&answer);
    return status;
}

void
e2e_stage_token_hex(size_t i, char hex[2 * FLEET_TOKEN_LEN + 1])
{
    uint8_t token[FLEET_TOKEN_LEN];

    fleet_token(i, token);
    hex_write(token, sizeof token, hex);
}

json_t *
e2e_stage_get_enrollment(struct e2e_stage *stage, size_t i)
{
    char path[64] = "/v1/enrollments/";
    size_t len = strlen(path);

    fleet_id(i, path + len);
    if (e2e_stage_status(stage, path) == 404)
        return NULL;
    return daemon_proc_json(stage->daemon, "GET", path, NULL, 200);
}

long
e2e_stage_status(struct e2e_stage *stage, const char *path)
{
    struct http_answer answer;
    long status;

    daemon_proc_send(stage->daemon, "GET", path, NULL, NULL, &answer);
    status = answer.status;
    http_call_free(&answer);
    return status;
}

void
e2e_stage_await_status(struct e2e_stage *stage, const char *path, long status)
{
    int64_t since_ms = e2e_stage_now();

    while (e2e_stage_status(stage, path) != status)
        e2e_stage_pause(since_ms, path);
}

static json_t *
get_wave(struct e2e_stage *stage, int64_t wave)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/waves/%" PRId64, wave);
    return daemon_proc_json(stage->daemon, "GET", path, NULL, 200);
}

int64_t
e2e_stage_count(struct e2e_stage *stage, int64_t wave, const char *key)
{
    json_t *json = get_wave(stage, wave);
    json_t *count = json_object_get(json_object_get(json, "counts"), key);
    int64_t n = json_integer_value(count);

    assert_true(json_is_integer(count));
    json_decref(json);
    return n;
}

static bool
is_done(struct e2e_stage *stage, int64_t wave)
{
    json_t *json = get_wave(stage, wave);
    const char *state = json_string_value(json_object_get(json, "state"));
    bool is_done;

    assert_non_null(state);
    is_done = strcmp(state, "done") == 0;
    json_decref(json);
    return is_done;
}

void
e2e_stage_await_wave(struct e2e_stage *stage, int64_t wave)
{
    int64_t since_ms = e2e_stage_now();

    while (!is_done(stage, wave))
        e2e_stage_pause(since_ms, "the end of a wave");
}

int64_t
e2e_stage_await_sim(struct e2e_stage *stage, const char *key, int64_t n)
{
    int64_t since_ms = e2e_stage_now();
    int64_t now;

    while ((now = sim_proc_stat(stage->sim, key)) < n)
        e2e_stage_pause(since_ms, key);
    return now;
}

void
e2e_stage_await_cert(struct e2e_stage *stage, const char *state)
{
    int64_t since_ms = e2e_stage_now();
    bool is_there = false;

    while (!is_there) {
        json_t *cert = daemon_proc_json(
            stage->daemon, "GET", "/v1/pushcerts/" E2E_STAGE_TOPIC, NULL, 200);
        const char *is = json_string_value(json_object_get(cert, "state"));

        assert_non_null(is);
        is_there = strcmp(is, state) == 0;
        json_decref(cert);
        if (!is_there)
            e2e_stage_pause(since_ms, state);
    }
}

double
e2e_stage_metric(struct e2e_stage *stage, const char *name)
{
    size_t len = strlen(name);
    struct http_answer answer;
    const char *line;
    double value;

    daemon_proc_send(stage->daemon, "GET", "/metrics", NULL, NULL, &answer);
    assert_int_equal(answer.status, 200);
    for (line = answer.body; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && line[len] == ' ')
            break;
    }
    if (line == NULL)
        fail_msg("no metric %s", name);
    value = strtod(line + len, NULL);
    http_call_free(&answer);
    return value;
}

void
e2e_stage_tally(struct e2e_stage *stage, struct fleet_tally *tally)
{
    if (stage->sim != NULL)
        sim_proc_tell(stage->sim, "ledger %s",
                      stage->ledgers[stage->n_ledgers - 1]);
    fleet_compare(&stage->fleet, (const char *const *)stage->ledgers, tally);
    assert_int_equal(tally->n_strange, 0);
}

void
e2e_stage_assert_all_woken(struct e2e_stage *stage, int64_t wave,
                           struct fleet_tally *tally)
{
    int64_t n = (int64_t)stage->fleet.n;

    assert_int_equal(e2e_stage_count(stage, wave, "total"), n);
    assert_int_equal(e2e_stage_count(stage, wave, "accepted"), n);
    assert_int_equal(e2e_stage_count(stage, wave, "waiting"), 0);
    e2e_stage_tally(stage, tally);
    assert_int_equal(tally->n_woken, stage->fleet.n);
    assert_int_equal(tally->n_rejected, 0);
}

int
e2e_stage_set_up(void **state)
{
    *state = e2e_stage_new(NULL, NULL);
    return 0;
}

int
e2e_stage_tear_down(void **state)
{
    e2e_stage_free(*state);
    return 0;
}
