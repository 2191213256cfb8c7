/* SPDX-License-Identifier: MIT */

/*
 * One wave through most of what APNs can answer: the counts add up, what the
 * simulator says is what the daemon says, and each enrollment is in the state
 * that its answer calls for.
 */

#include <stdlib.h>
#include <string.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/unit.h"

#define N_FLEET    20000
#define N_EACH     20 /* tokens with an answer of their own, of each kind */
#define FAR_FUTURE "4102444800000" /* ms: newer than any TokenUpdate */
#define LONG_AGO   "1577836800000" /* older */

/* The tokens of N_EACH from FIRST_SLOW on. */
#define SLOW_ONES "tokens 0000012c..0000013f"

/* What devices get, by their number. */
enum {
    FIRST_DEAD = 100,   /* 410 after the TokenUpdate */
    FIRST_STALE = 200,  /* 410 from before it */
    FIRST_SLOW = 300,   /* 429 once */
    FIRST_WRONG = 1000, /* 400 BadDeviceToken, far apart */
    WRONG_STEP = 40,
};

static int
set_up(void **state)
{
    static const char *const options[] = {"--seed", "7", "--max-streams", "50",
                                          NULL};

    *state = e2e_stage_new(options, NULL);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

static void
answer_each(struct e2e_stage *stage, size_t first, size_t step,
            const char *answer)
{
    for (size_t i = 0; i < N_EACH; i++) {
        char hex[2 * FLEET_TOKEN_LEN + 1];

        e2e_stage_token_hex(first + i * step, hex);
        sim_proc_tell(stage->sim, "token %s answer %s", hex, answer);
    }
}

/* An import does not say how old the tokens are, so that any 410 would count
 * against them. */
static void
note_tokens(struct e2e_stage *stage)
{
    char code[32];

    for (size_t i = 0; i < N_EACH; i++)
        assert_int_equal(e2e_stage_check_in(stage, FIRST_STALE + i, code), 200);
}

/* The last rule that fits wins, so general ones come first. */
static void
make_trouble(struct e2e_stage *stage)
{
    sim_proc_tell(stage->sim, "rate 0.01 answer 503 ServiceUnavailable");
    sim_proc_tell(stage->sim, "every 300 refuse");
    answer_each(stage, FIRST_DEAD, 1, "410 Unregistered timestamp=" FAR_FUTURE);
    answer_each(stage, FIRST_STALE, 1, "410 Unregistered timestamp=" LONG_AGO);
    answer_each(stage, FIRST_SLOW, 1, "429 TooManyRequests retry-after=1");
    answer_each(stage, FIRST_WRONG, WRONG_STEP, "400 BadDeviceToken");
    sim_proc_tell(stage->sim, "after %d hold", (int)stage->fleet.n / 4);
    sim_proc_tell(stage->sim, SLOW_ONES " hold");
}

/* APNs takes back nearly all streams in mid-wave and gives them again. It
 * answers nothing meanwhile, so that the wave stays there; those that are to
 * slow down learn it when their next push would be taken. */
static void
squeeze(struct e2e_stage *stage, int64_t n)
{
    int64_t seen = e2e_stage_await_sim(stage, "pushes", n / 4 + 1);

    assert_true(seen < n - (int64_t)e2e_stage_scaled(200));
    sim_proc_tell(stage->sim, "max-streams 1");
    /* The first takes their rule away, and one in a hundred would get 503
     * then; the second makes them an exception to that. */
    answer_each(stage, FIRST_SLOW, 1, "200 -");
    answer_each(stage, FIRST_SLOW, 1, "200 -");
    sim_proc_tell(stage->sim, "after %d latency 0", (int)n / 4);
    sim_proc_tell(stage->sim, SLOW_ONES " latency 0");
    sim_proc_tell(stage->sim, "release");
    e2e_stage_await_sim(stage, "pushes", seen + (int64_t)e2e_stage_scaled(200));
    sim_proc_tell(stage->sim, "max-streams 1000");
}

/* All but what waits for a later try has got its answer. */
static void
await_settled(struct e2e_stage *stage, int64_t wave)
{
    int64_t since_ms = e2e_stage_now();
    int64_t n = (int64_t)stage->fleet.n;
    int64_t waiting;

    for (;;) {
        int64_t troubled = (int64_t)e2e_stage_metric(
            stage, "rouse_pushes_total{class=\"trouble\"}");

        waiting = e2e_stage_count(stage, wave, "waiting");
        if (waiting == troubled &&
            e2e_stage_count(stage, wave, "accepted") + waiting ==
                n - 3 * N_EACH)
            break;
        e2e_stage_pause(since_ms, "answers to all pushes");
    }
}

static void
assert_state(struct e2e_stage *stage, size_t first, size_t step,
             const char *state, int status)
{
    for (size_t i = 0; i < N_EACH; i++) {
        json_t *json = e2e_stage_get_enrollment(stage, first + i * step);
        json_t *push = json_object_get(json, "last_push");

        assert_string_equal(json_string_value(json_object_get(json, "state")),
                            state);
        assert_int_equal(json_integer_value(json_object_get(push, "status")),
                         status);
        assert_true(json_is_null(json_object_get(json, "wake")));
        json_decref(json);
    }
}

/* Pushed again after 15 minutes, as Apple asks for, and its state is as it
 * was; counts those enrollments. */
static void
check_waiting(const json_t *json, int64_t *n)
{
    const json_t *wake = json_object_get(json, "wake");
    const json_t *push = json_object_get(json, "last_push");

    if (!json_is_object(wake))
        return;
    ++*n;
    assert_string_equal(json_string_value(json_object_get(json, "state")),
                        "enabled");
    assert_int_equal(json_integer_value(json_object_get(push, "status")), 503);
    assert_string_equal(json_string_value(json_object_get(push, "reason")),
                        "ServiceUnavailable");
    assert_int_equal(json_integer_value(json_object_get(wake, "attempt")), 1);
}

static int64_t
count_waiting(struct e2e_stage *stage)
{
    static const char *const headers[] = {"Accept: application/x-ndjson", NULL};
    struct http_call call = {
        .socket = stage->daemon->socket,
        .method = "GET",
        .path = "/v1/enrollments",
        .headers = headers,
    };
    struct http_answer answer;
    char *line, *rest;
    int64_t n = 0;

    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 200);
    for (line = strtok_r(answer.body, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        json_t *json = json_loads(line, 0, NULL);

        assert_non_null(json);
        check_waiting(json, &n);
        json_decref(json);
    }
    http_call_free(&answer);
    return n;
}

/* Both sides counted the same. */
static void
compare_metrics(struct e2e_stage *stage, int64_t n_waiting)
{
    static const struct {
        const char *name;
        int n;
    } classes[] = {
        {"rouse_pushes_total{class=\"dead_token\"}", 3 * N_EACH},
        {"rouse_pushes_total{class=\"slow_down\"}", N_EACH},
        {"rouse_pushes_total{class=\"suspect\"}", N_EACH},
        {"rouse_pushes_total{class=\"no_answer\"}", 0},
        {"rouse_pushes_total{class=\"identity\"}", 0},
        {"rouse_pushes_total{class=\"ours\"}", 0},
    };

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        assert_int_equal((int)e2e_stage_metric(stage, classes[i].name),
                         classes[i].n);
    assert_int_equal((int64_t)e2e_stage_metric(
                         stage, "rouse_pushes_total{class=\"accepted\"}"),
                     sim_proc_stat(stage->sim, "accepted"));
    assert_int_equal(sim_proc_stat(stage->sim, "rejected"),
                     n_waiting + 5 * N_EACH);
    assert_true(e2e_stage_metric(stage, "rouse_pushes_moved_total") > 0);
}

/*
 * A stale 410 is asked about once more; if APNs says the same again it was
 * counted as dead, but the enrollment, which is newer, stays.
 */
TEST(a_wave_with_every_kind_of_answer_adds_up)
{
    struct e2e_stage *stage = *state;
    size_t n = e2e_stage_scaled(N_FLEET);
    struct fleet_tally tally;
    int64_t n_waiting;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    note_tokens(stage);
    e2e_stage_await_cert(stage, "ready");
    make_trouble(stage);
    wave = e2e_stage_ask_wave(stage, (uint32_t)n / 2);
    squeeze(stage, (int64_t)n);
    await_settled(stage, wave);

    n_waiting = e2e_stage_count(stage, wave, "waiting");
    assert_true(n_waiting > 0);
    assert_int_equal(e2e_stage_count(stage, wave, "total"), n);
    assert_int_equal(e2e_stage_count(stage, wave, "dead"), 2 * N_EACH);
    assert_int_equal(e2e_stage_count(stage, wave, "suspect"), N_EACH);
    assert_int_equal(e2e_stage_count(stage, wave, "dropped"), 0);
    assert_int_equal(e2e_stage_count(stage, wave, "expired"), 0);
    assert_int_equal(e2e_stage_count(stage, wave, "skipped"), 0);

    assert_state(stage, FIRST_DEAD, 1, "dead", 410);
    assert_state(stage, FIRST_STALE, 1, "enabled", 410);
    assert_state(stage, FIRST_SLOW, 1, "enabled", 200);
    assert_state(stage, FIRST_WRONG, WRONG_STEP, "suspect", 400);
    assert_int_equal(count_waiting(stage), n_waiting);
    compare_metrics(stage, n_waiting);

    e2e_stage_tally(stage, &tally);
    assert_int_equal(tally.n_woken, n - 3 * N_EACH - (size_t)n_waiting);
    assert_int_equal(tally.n_repeated, 0);
}
