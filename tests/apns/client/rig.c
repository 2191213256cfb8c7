/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/fleet.h"
#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    struct rig *rig = arg;

    (void)level;
    snprintf(rig->log[rig->n_log++ % 16], sizeof rig->log[0], "%s", line);
    if (getenv("RIG_LOG") != NULL)
        fprintf(stderr, "%s\n", line);
}

/* What led to a failure. */
static void
show_log(const struct rig *rig)
{
    for (uint32_t i = rig->n_log < 16 ? 0 : rig->n_log - 16; i < rig->n_log;
         i++)
        fprintf(stderr, "log: %s\n", rig->log[i % 16]);
}

static void
on_identity(void *arg, const struct apns_identity_status *status)
{
    struct rig *rig = arg;

    rig->n_events++;
    rig->event = *status;
}

static void
fill(struct rig *rig)
{
    while (
        !rig->stops_filling && rig->n_submitted < rig->n_pushes &&
        (rig->window == 0 || rig->n_submitted - rig->n_ended < rig->window)) {
        enum apns_err err = rig_submit(rig, rig->n_submitted);

        if (err == APNS_EBUSY) {
            rig->n_busy++;
            return;
        }
        assert_int_equal(err, APNS_OK);
        rig->n_submitted++;
    }
}

static void
on_drain(void *arg)
{
    struct rig *rig = arg;

    rig->n_drains++;
    fill(rig);
}

static int64_t
on_now(void *arg)
{
    struct rig *rig = arg;

    return rig->now_unix != 0 ? rig->now_unix : (int64_t)time(NULL);
}

/* Which push a result is for: the book has one entry for each. */
struct ticket {
    struct rig *rig;
    uint32_t number;
};

static void
on_result(void *arg, const struct apns_result *result)
{
    struct ticket *ticket = arg;
    struct rig *rig = ticket->rig;
    struct rig_push *push = &rig->pushes[ticket->number];

    free(ticket);
    push->n_results++;
    push->outcome = result->outcome;
    push->class_ = result->class_;
    push->status = result->status;
    push->n_moves = result->n_moves;
    push->is_resent = result->is_resent;
    push->latency_us = result->latency_us;
    push->timestamp_ms = result->timestamp_ms;
    push->retry_after_s = result->retry_after_s;
    snprintf(push->reason, sizeof push->reason, "%s", result->reason);
    snprintf(push->apns_id, sizeof push->apns_id, "%s", result->apns_id);
    rig->n_ended++;
    rig->n_class[result->class_]++;
    rig->n_moved += result->n_moves > 0;
    rig->n_resent += result->is_resent ? result->n_moves : 0;
    if (rig->client != NULL)
        fill(rig);
}

static void
on_late(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct rig *rig = timer->data;

    (void)revents;
    rig->is_late = true;
    ev_break(loop, EVBREAK_ALL);
}

/* Keys take long to make: the tests of a program share theirs. */
static char *shared_dir;

static void
free_shared_dir(void)
{
    temp_dir_free(shared_dir);
}

static void
make_shared_dir(void)
{
    if (shared_dir != NULL)
        return;
    shared_dir = temp_dir_new();
    free(pki_make(SIM_PROC_PROGRAM, shared_dir, RIG_TOPIC, NULL));
    atexit(free_shared_dir);
}

/* Behind the client's turn, before the loop sleeps. */
static void
on_look(struct ev_loop *loop, ev_prepare *look, int revents)
{
    struct rig *rig = look->data;

    (void)revents;
    if (rig_status(rig).n_conns > rig->max_conns)
        rig->max_conns = rig_status(rig).n_conns;
    if (rig->is_done != NULL && rig->is_done(rig))
        ev_break(loop, EVBREAK_ALL);
}

void
rig_start(struct rig *rig, const char *const options[])
{
    make_shared_dir();
    memset(rig, 0, sizeof *rig);
    rig->dir = shared_dir;
    rig->sim = sim_proc_start(SIM_PROC_PROGRAM, rig->dir, options);
    rig->loop = ev_loop_new(0);
    ev_timer_init(&rig->guard, on_late, 0.0, 0.0);
    rig->guard.data = rig;
    ev_prepare_init(&rig->look, on_look);
    rig->look.data = rig;
    ev_prepare_start(rig->loop, &rig->look);
    apns_config_init(&rig->config);
    rig->config.host = "127.0.0.1";
    rig->config.port = rig->sim->port;
    rig->config.fallback_port = 0;
    rig->config.seed = 1;
    rig->config.settle_ms = 20;
    rig->config.backoff_min_ms = 10;
    rig->config.backoff_max_ms = 100;
    rig->config.queue_max = 4096;
    /* None of these ends anything unless a test says so, however slow the
     * machine is. */
    rig->config.deadline_ms = RIG_NEVER_MS;
    rig->config.connect_ms = RIG_NEVER_MS;
    rig->config.ping_idle_ms = RIG_NEVER_MS;
    rig->config.ping_stall_ms = RIG_NEVER_MS;
    rig->config.ping_ack_ms = RIG_NEVER_MS;
    rig->config.idle_close_ms = RIG_NEVER_MS;
    rig->config.now_unix = on_now;
    rig->config.now_arg = rig;
    rig->config.log = on_log;
    rig->config.log_arg = rig;
    rig->config.on_identity = on_identity;
    rig->config.on_identity_arg = rig;
    rig->config.on_drain = on_drain;
    rig->config.on_drain_arg = rig;
}

void
rig_open(struct rig *rig)
{
    char *ca = temp_dir_path(rig->dir, "ca.pem");

    rig->config.ca_file = ca;
    assert_int_equal(apns_client_new(rig->loop, &rig->config, &rig->client),
                     APNS_OK);
    free(ca);
}

static enum apns_err
put_file(struct rig *rig, const char *path)
{
    char detail[256];
    size_t len;
    char *pem = temp_dir_read(path, &len);
    enum apns_err err = apns_identity_put(rig->client, pem, len, NULL, detail);

    free(pem);
    return err;
}

enum apns_err
rig_put(struct rig *rig)
{
    char *path = temp_dir_path(rig->dir, "%s.pem", RIG_TOPIC);
    enum apns_err err = put_file(rig, path);

    free(path);
    return err;
}

enum apns_err
rig_renew(struct rig *rig, const char *fault)
{
    char *path = pki_make(SIM_PROC_PROGRAM, rig->dir, RIG_TOPIC, fault);
    enum apns_err err = put_file(rig, path);

    free(path);
    return err;
}

void
rig_begin(struct rig *rig, const char *const options[])
{
    rig_start(rig, options);
    rig_open(rig);
    assert_int_equal(rig_put(rig), APNS_OK);
}

void
rig_end(struct rig *rig)
{
    apns_client_free(rig->client);
    rig->client = NULL;
    rig_check_once(rig);
    sim_proc_stop(rig->sim);
    ev_loop_destroy(rig->loop);
    free(rig->pushes);
}

enum apns_err
rig_submit_raw(struct rig *rig, uint32_t number, const struct apns_push *push)
{
    struct ticket *ticket = malloc(sizeof *ticket);
    enum apns_err err;

    assert_non_null(ticket);
    ticket->rig = rig;
    ticket->number = number;
    err = apns_submit(rig->client, push, on_result, ticket);
    if (err != APNS_OK)
        free(ticket);
    return err;
}

enum apns_err
rig_submit(struct rig *rig, uint32_t number)
{
    uint8_t token[FLEET_TOKEN_LEN];
    struct apns_push push = {
        .topic = RIG_TOPIC,
        .token = token,
        .token_len = sizeof token,
        .magic = "4BFC0C56-1B8F-4D7A-8B43-0E1A1B2F9A3C",
        .expires_unix = APNS_EXPIRES_DEFAULT,
        .deadline_ms = rig->deadline_ms,
    };

    fleet_token(number, token);
    return rig_submit_raw(rig, number, &push);
}

void
rig_add(struct rig *rig, uint32_t n)
{
    rig->pushes =
        realloc(rig->pushes, (rig->n_pushes + n) * sizeof *rig->pushes);
    assert_non_null(rig->pushes);
    memset(rig->pushes + rig->n_pushes, 0, n * sizeof *rig->pushes);
    rig->n_pushes += n;
    fill(rig);
}

static void
run(struct rig *rig, uint32_t ms, bool (*is_done)(struct rig *rig))
{
    ev_now_update(rig->loop);
    ev_timer_set(&rig->guard, ms / 1e3, 0.0);
    ev_timer_start(rig->loop, &rig->guard);
    rig->is_late = false;
    rig->is_done = is_done;
    ev_run(rig->loop, 0);
    rig->is_done = NULL;
    ev_timer_stop(rig->loop, &rig->guard);
}

void
rig_until(struct rig *rig, bool (*is_done)(struct rig *rig))
{
    if (is_done(rig))
        return;
    run(rig, RIG_TIMEOUT_MS, is_done);
    if (!rig->is_late)
        return;
    show_log(rig);
    fail_msg("nothing more came; %u of %u pushes have ended", rig->n_ended,
             rig->n_pushes);
}

void
rig_finish(struct rig *rig)
{
    rig_until(rig, rig_has_ended);
}

void
rig_pass(struct rig *rig, uint32_t ms)
{
    run(rig, ms, NULL);
}

struct apns_identity_status
rig_status(struct rig *rig)
{
    struct apns_identity_status status;

    memset(&status, 0, sizeof status);
    if (rig->client != NULL &&
        apns_identity_get(rig->client, RIG_TOPIC, &status) != APNS_OK)
        memset(&status, 0, sizeof status);
    return status;
}

struct apns_stats
rig_stats(struct rig *rig)
{
    struct apns_stats stats;

    apns_stats_get(rig->client, &stats);
    return stats;
}

void
rig_check_once(struct rig *rig)
{
    uint32_t n_wrong = 0;

    for (uint32_t i = 0; i < rig->n_submitted; i++)
        n_wrong += rig->pushes[i].n_results != 1;
    if (n_wrong > 0)
        show_log(rig);
    assert_int_equal(n_wrong, 0);
}

static size_t
count_accepted(const struct rig *rig, bool is_resent)
{
    size_t n = 0;

    for (uint32_t i = 0; i < rig->n_pushes; i++)
        n += rig->pushes[i].outcome == APNS_ACCEPTED &&
             rig->pushes[i].n_results == 1 &&
             rig->pushes[i].is_resent == is_resent;
    return n;
}

void
rig_tally(struct rig *rig, struct fleet_tally *tally)
{
    char *path = temp_dir_path(rig->dir, "ledger");
    const char *const ledgers[] = {path, NULL};
    const struct fleet fleet = {RIG_TOPIC, rig->n_pushes};

    sim_proc_tell(rig->sim, "ledger %s", path);
    fleet_compare(&fleet, ledgers, tally);
    free(path);
}

void
rig_again(struct rig *rig, uint32_t number)
{
    struct rig_push *push = &rig->pushes[number];

    assert_int_equal(push->n_results, 1);
    rig->n_class[push->class_]--;
    rig->n_ended--;
    *push = (struct rig_push){.n_results = 0};
    assert_int_equal(rig_submit(rig, number), APNS_OK);
}

void
rig_check_ledger(struct rig *rig)
{
    size_t n_first = count_accepted(rig, false);
    size_t n_again = count_accepted(rig, true);
    struct fleet_tally tally;

    rig_check_once(rig);
    rig_tally(rig, &tally);
    assert_int_equal(tally.n_strange, 0);
    /* A push that failed may have arrived all the same; never the reverse. */
    assert_true(tally.n_woken >= n_first + n_again);
    /* Only what says that it was resent may have come more than once. */
    assert_true(tally.n_repeated <= rig->n_resent);
}

bool
rig_has_ended(struct rig *rig)
{
    return rig->n_ended == rig->n_pushes;
}

bool
rig_is_open(struct rig *rig)
{
    return rig_status(rig).n_open > 0;
}

bool
rig_is_ready(struct rig *rig)
{
    return rig_status(rig).state == APNS_IDENTITY_READY;
}

bool
rig_is_stopped(struct rig *rig)
{
    return rig_status(rig).state == APNS_IDENTITY_STOPPED;
}

bool
rig_is_backed_off(struct rig *rig)
{
    return rig_status(rig).state == APNS_IDENTITY_BACKOFF;
}

bool
rig_is_drained(struct rig *rig)
{
    return rig->is_drained;
}

bool
rig_is_flying(struct rig *rig)
{
    return rig_status(rig).n_in_flight > 0;
}

bool
rig_has_no_conn(struct rig *rig)
{
    return rig_status(rig).n_conns == 0;
}
