/* SPDX-License-Identifier: MIT */

/*
 * What a scenario may expect.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine.h"
#include "server/engine/engine_core.h"
#include "tests/scenario/fake_apns.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"

struct found {
    bool is_back;
    bool is_there;
    enum store_state state;
    struct store_wake_state wake;
    struct store_last_push last_push;
    char reason[64];
};

static void
on_enrollment(void *arg, enum store_err err,
              const struct store_enrollment *enrollments, size_t n,
              int64_t next)
{
    struct found *found = arg;

    (void)next;
    found->is_back = true;
    found->is_there = err == STORE_OK && n == 1;
    if (!found->is_there)
        return;
    found->state = enrollments[0].state;
    found->wake = enrollments[0].wake;
    found->last_push = enrollments[0].last_push;
    snprintf(found->reason, sizeof found->reason, "%s",
             enrollments[0].last_push.reason);
}

static bool
look_up(struct world *world, const char *id, struct found *found)
{
    struct store *store = engine_store(world->rouse);

    memset(found, 0, sizeof *found);
    if (store_enrollment_get(store, &id, 1, on_enrollment, found) != STORE_OK)
        return false;
    while (!found->is_back)
        ev_run(world->loop, EVRUN_ONCE);
    return found->is_there;
}

/* expect pushes TOKEN…|none: all since the last such line, in any order */
static bool
expect_pushes(struct world *world, struct words *words)
{
    char wanted[2048] = "";
    char got[2048];
    size_t at = 0;

    (void)world;
    for (int i = 2; i < words->n && strcmp(words->word[i], "none") != 0; i++)
        at += (size_t)snprintf(wanted + at, sizeof wanted - at, "%s%s",
                               i > 2 ? " " : "", words->word[i]);
    fake_apns_pushes(got, sizeof got);
    return strcmp(wanted, got) == 0 ||
           scenario_fail(words, "pushes: wanted \"%s\", got \"%s\"", wanted,
                         got);
}

/* expect count N: pushes since the last such line */
static bool
expect_count(struct world *world, struct words *words)
{
    uint32_t wanted = (uint32_t)strtoul(words->word[2], NULL, 10);
    char got[64];
    uint32_t n = fake_apns_pushes(got, sizeof got);

    (void)world;
    return n == wanted ||
           scenario_fail(words, "wanted %u pushes, got %u", wanted, n);
}

/* expect state ID STATE */
static bool
expect_state(struct world *world, struct words *words)
{
    struct found found;

    if (words->n < 4 || !look_up(world, words->word[2], &found))
        return scenario_fail(words, "no such enrollment");
    return strcmp(store_state_text(found.state), words->word[3]) == 0 ||
           scenario_fail(words, "state is %s", store_state_text(found.state));
}

/* expect last ID STATUS [REASON] */
static bool
expect_last(struct world *world, struct words *words)
{
    struct found found;

    if (words->n < 4 || !look_up(world, words->word[2], &found))
        return scenario_fail(words, "no such enrollment");
    if (found.last_push.status != strtoul(words->word[3], NULL, 10) ||
        (words->n > 4 && strcmp(words->word[4], found.reason) != 0))
        return scenario_fail(words, "last push: %u %s",
                             (unsigned)found.last_push.status, found.reason);
    return true;
}

static bool
is_within(const char *range, int64_t span_ms)
{
    const char *most = strstr(range, "..");

    return span_ms >= scenario_span(range) &&
           span_ms <= scenario_span(most != NULL ? most + 2 : range);
}

/* expect wake ID none | expect wake ID [due=A..B] [attempt=N] */
static bool
expect_wake(struct world *world, struct words *words)
{
    const char *due = scenario_value(words, "due");
    const char *attempt = scenario_value(words, "attempt");
    struct found found;
    int64_t span_ms;

    if (words->n < 4 || !look_up(world, words->word[2], &found))
        return scenario_fail(words, "no such enrollment");
    span_ms = found.wake.due_ms - world->now_ms;
    if (strcmp(words->word[3], "none") == 0)
        return !found.wake.exists ||
               scenario_fail(words, "a wake waits, due in %" PRId64 " ms",
                             span_ms);
    if (!found.wake.exists)
        return scenario_fail(words, "no wake waits");
    if (due != NULL && !is_within(due, span_ms))
        return scenario_fail(words, "due in %" PRId64 " ms", span_ms);
    if (attempt != NULL && found.wake.attempt != strtoul(attempt, NULL, 10))
        return scenario_fail(words, "attempt is %u", found.wake.attempt);
    return true;
}

static const struct world_result *
result_of(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->n_results; i++)
        if (strcmp(world->results[i].id, id) == 0)
            return &world->results[i];
    return NULL;
}

/* expect result ID accepted|rejected|failed|unanswered [REASON…]
   expect result pending: the request is not completed */
static bool
expect_result(struct world *world, struct words *words)
{
    static const char *const outcomes[] = {"accepted", "rejected", "failed"};
    const struct world_result *result;
    const char *outcome;
    char reason[128] = "";
    size_t at = 0;

    if (strcmp(words->word[2], "pending") == 0)
        return !world->is_asked || scenario_fail(words, "it is completed");
    result = result_of(world, words->word[2]);
    if (!world->is_asked || result == NULL || words->n < 4)
        return scenario_fail(words, "no result");
    outcome = result->is_answered ? outcomes[result->outcome] : "unanswered";
    for (int i = 4; i < words->n; i++)
        at += (size_t)snprintf(reason + at, sizeof reason - at, "%s%s",
                               i > 4 ? " " : "", words->word[i]);
    if (strcmp(outcome, words->word[3]) != 0 ||
        strcmp(reason, result->reason) != 0)
        return scenario_fail(words, "result is %s \"%s\"", outcome,
                             result->reason);
    return true;
}

/* expect asked ID new|merged|undecided|unknown|unpushable [STATE]
   [pause=A..B] */
static bool
expect_asked(struct world *world, struct words *words)
{
    static const char *const asked[] = {"unknown", "unpushable", "new",
                                        "merged", "undecided"};
    const struct world_result *result = result_of(world, words->word[2]);
    const char *pause = scenario_value(words, "pause");
    int64_t pause_ms;

    if (!world->is_asked || result == NULL || words->n < 4)
        return scenario_fail(words, "no answer: %s",
                             rouse_err_name(world->err));
    pause_ms =
        result->not_before_ms == 0 ? 0 : result->not_before_ms - world->now_ms;
    if (strcmp(asked[result->asked], words->word[3]) != 0 ||
        (words->n > 4 && pause == NULL &&
         strcmp(words->word[4], result->state) != 0))
        return scenario_fail(words, "asked is %s, state %s",
                             asked[result->asked], result->state);
    if (pause != NULL && !is_within(pause, pause_ms))
        return scenario_fail(words, "pause of %" PRId64 " ms", pause_ms);
    return true;
}

/* expect error NAME: of the last request */
static bool
expect_error(struct world *world, struct words *words)
{
    return strcmp(rouse_err_name(world->err), words->word[2]) == 0 ||
           scenario_fail(words, "error is %s", rouse_err_name(world->err));
}

struct seen_wave {
    bool is_back;
    enum rouse_err err;
    struct rouse_wave wave;
    char text[256];
};

static void
on_wave(void *arg, enum rouse_err err, const struct rouse_wave *waves, size_t n,
        int64_t next)
{
    struct seen_wave *seen = arg;
    int64_t counts[8];
    static const char *const names[] = {"accepted", "dead",    "suspect",
                                        "dropped",  "expired", "cancelled",
                                        "skipped",  "waiting"};
    size_t at;

    (void)next;
    seen->is_back = true;
    seen->err = err;
    if (n != 1)
        return;
    counts[0] = waves[0].n_accepted;
    counts[1] = waves[0].n_dead;
    counts[2] = waves[0].n_suspect;
    counts[3] = waves[0].n_dropped;
    counts[4] = waves[0].n_expired;
    counts[5] = waves[0].n_cancelled;
    counts[6] = waves[0].n_skipped;
    counts[7] = waves[0].n_waiting;
    at = (size_t)snprintf(seen->text, sizeof seen->text, "%s total=%" PRId64,
                          waves[0].state, waves[0].n_total);
    for (size_t i = 0; i < 8; i++)
        if (counts[i] != 0)
            at += (size_t)snprintf(seen->text + at, sizeof seen->text - at,
                                   " %s=%" PRId64, names[i], counts[i]);
}

static bool
check_wave(struct world *world, struct words *words, int64_t id)
{
    struct seen_wave seen = {0};
    char wanted[256] = "";
    size_t at = 0;

    if (rouse_wave_get(world->rouse, id, on_wave, &seen) != ROUSE_OK)
        return scenario_fail(words, "rouse_wave_get");
    while (!seen.is_back)
        ev_run(world->loop, EVRUN_ONCE);
    for (int i = 2; i < words->n; i++)
        at += (size_t)snprintf(wanted + at, sizeof wanted - at, "%s%s",
                               i > 2 ? " " : "", words->word[i]);
    return strcmp(wanted, seen.text) == 0 ||
           scenario_fail(words, "wave %" PRId64 " is: %s", id, seen.text);
}

/* expect wave STATE total=N [accepted=N] …: all that are not 0, in order; of
   the last wave. expect waves …: of each */
static bool
expect_wave(struct world *world, struct words *words)
{
    if (strcmp(words->word[1], "wave") == 0)
        return check_wave(world, words, world->wave);
    for (int64_t id = 1; id <= world->wave; id++)
        if (!check_wave(world, words, id))
            return false;
    return true;
}

struct seen_event {
    bool is_back;
    const char *kind;
    bool is_there;
    int64_t last;
};

static void
on_events(void *arg, enum store_err err, const struct store_event *events,
          size_t n)
{
    struct seen_event *seen = arg;

    seen->is_back = true;
    if (err != STORE_OK)
        return;
    for (size_t i = 0; i < n && !seen->is_there; i++) {
        seen->is_there = strcmp(events[i].kind, seen->kind) == 0;
        if (seen->is_there)
            seen->last = events[i].id;
    }
}

/* expect event KIND: behind the one that was expected last */
static bool
expect_event(struct world *world, struct words *words)
{
    struct seen_event seen = {.kind = words->word[2]};

    if (store_event_list(engine_store(world->rouse), world->event, 1000,
                         on_events, &seen) != STORE_OK)
        return scenario_fail(words, "store_event_list");
    while (!seen.is_back)
        ev_run(world->loop, EVRUN_ONCE);
    if (!seen.is_there)
        return scenario_fail(words, "no such event");
    world->event = seen.last;
    return true;
}

/* expect status ready|failing|drained yes|no */
static bool
expect_status(struct world *world, struct words *words)
{
    struct rouse_status status;
    bool is;

    rouse_status_get(world->rouse, &status);
    is = strcmp(words->word[2], "ready") == 0     ? status.is_ready
         : strcmp(words->word[2], "failing") == 0 ? status.is_disk_failing
                                                  : world->is_drained;
    return (words->n > 3 && strcmp(words->word[3], is ? "yes" : "no") == 0) ||
           scenario_fail(words, "it is not so");
}

/* expect flying N: pushes in flight; expect most N: ever at once */
static bool
expect_flying(struct world *world, struct words *words)
{
    uint32_t n = strcmp(words->word[1], "most") == 0
                     ? fake_apns_max_in_flight()
                     : world->rouse->flights.n_submitted;

    return n == strtoul(words->word[2], NULL, 10) ||
           scenario_fail(words, "%u are in flight", n);
}

static const struct {
    const char *name;
    bool (*run)(struct world *world, struct words *words);
} expectations[] = {
    {"pushes", expect_pushes}, {"count", expect_count},
    {"state", expect_state},   {"last", expect_last},
    {"wake", expect_wake},     {"result", expect_result},
    {"asked", expect_asked},   {"error", expect_error},
    {"wave", expect_wave},     {"event", expect_event},
    {"waves", expect_wave},    {"status", expect_status},
    {"flying", expect_flying}, {"most", expect_flying},
};

bool
expect_run(struct world *world, struct words *words)
{
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        if (strcmp(words->word[1], expectations[i].name) == 0)
            return expectations[i].run(world, words);
    return scenario_fail(words, "cannot expect %s", words->word[1]);
}
