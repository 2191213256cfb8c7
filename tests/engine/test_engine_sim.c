/* SPDX-License-Identifier: MIT */

/*
 * The engine with the real client against the simulator: what the ledger
 * says is what the store says.
 */

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine.h"
#include "server/rouse.h"
#include "store/store.h"
#include "tests/support/fleet.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define TOPIC     "com.apple.mgmt.External.engine"
#define N_DEVICES 1000
#define MAX_S     240.0 /* a test that takes longer has failed */

struct rig {
    struct ev_loop *loop;
    struct ev_timer guard;
    struct sim_proc *sim;
    struct rouse *rouse;
    struct rouse_config config;
    char *pki;
    char *state;
    char *ca;
    char *cert; /* the file of certificate and key */
    int64_t wave;
    struct rouse_wave seen;
    bool is_back;
    enum rouse_err err;
};

static void
on_guard(struct ev_loop *loop, struct ev_timer *guard, int revents)
{
    (void)loop;
    (void)guard;
    (void)revents;
    fail_msg("nothing came back in time");
}

static void
start(struct rig *rig)
{
    char why[256];
    enum rouse_err err = rouse_new(rig->loop, &rig->config, &rig->rouse, why);

    if (err != ROUSE_OK)
        fail_msg("rouse_new: %s: %s", rouse_err_name(err), why);
}

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    (void)arg;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
    if (getenv("ENGINE_LOG") != NULL)
        fprintf(stderr, "    [%d] %s\n", level, line);
}

static int
set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    rig->loop = ev_loop_new(EVFLAG_AUTO);
    ev_timer_init(&rig->guard, on_guard, MAX_S, 0);
    ev_timer_start(rig->loop, &rig->guard);
    rig->pki = temp_dir_new();
    rig->state = temp_dir_new();
    rig->cert = pki_make(SIM_PROC_PROGRAM, rig->pki, TOPIC, NULL);
    rig->ca = temp_dir_path(rig->pki, "ca.pem");
    rig->sim = sim_proc_start(SIM_PROC_PROGRAM, rig->pki, NULL);
    rouse_config_init(&rig->config);
    rig->config.state_dir = rig->state;
    rig->config.apns.host = "127.0.0.1";
    rig->config.apns.port = rig->sim->port;
    rig->config.apns.fallback_port = 0;
    rig->config.apns.ca_file = rig->ca;
    rig->config.apns.backoff_min_ms = 20;
    rig->config.apns.backoff_max_ms = 100;
    rig->config.apns.settle_ms = 10;
    rig->config.log = on_log;
    start(rig);
    *state = rig;
    return 0;
}

static int
tear_down(void **state)
{
    struct rig *rig = *state;

    rouse_free(rig->rouse);
    sim_proc_stop(rig->sim);
    ev_timer_stop(rig->loop, &rig->guard);
    ev_loop_destroy(rig->loop);
    temp_dir_free(rig->pki);
    temp_dir_free(rig->state);
    free(rig->cert);
    free(rig->ca);
    free(rig);
    return 0;
}

EACH(set_up, tear_down);

static void
wait_for(struct rig *rig, const bool *is_back)
{
    while (!*is_back)
        ev_run(rig->loop, EVRUN_ONCE);
}

static void
on_import(void *arg, enum rouse_err err,
          const struct rouse_import_answer *answer)
{
    struct rig *rig = arg;

    if (err != ROUSE_OK)
        fail_msg("import: %s %s", rouse_err_name(err),
                 apns_err_name(answer->fault));
    rig->is_back = true;
}

static void
import(struct rig *rig)
{
    struct rouse_import by = {.by = "tester"};
    size_t len;
    char *pem = temp_dir_read(rig->cert, &len);

    rig->is_back = false;
    assert_int_equal(
        rouse_cert_import(rig->rouse, pem, len, &by, on_import, rig), ROUSE_OK);
    wait_for(rig, &rig->is_back);
    free(pem);
}

static void
on_put(void *arg, enum store_err err)
{
    assert_int_equal(err, STORE_OK);
    *(bool *)arg = true;
}

static void
enroll(struct rig *rig, size_t n)
{
    static struct store_enrollment enrollments[N_DEVICES];
    static uint8_t tokens[N_DEVICES][FLEET_TOKEN_LEN];
    static char ids[N_DEVICES][37];
    bool is_back = false;

    for (size_t i = 0; i < n; i++) {
        fleet_token(i, tokens[i]);
        fleet_id(i, ids[i]);
        enrollments[i] = (struct store_enrollment){
            .id = ids[i],
            .kind = STORE_KIND_DEVICE,
            .parent = "",
            .serial = "",
            .topic = TOPIC,
            .token = tokens[i],
            .token_len = FLEET_TOKEN_LEN,
            .magic = "0BEDEFAC-1111-4222-8333-444455556666",
            .state = STORE_STATE_ENABLED,
            .token_at_ms = 1700000000000,
            .tally = 1,
        };
    }
    assert_int_equal(store_enrollment_put(engine_store(rig->rouse), enrollments,
                                          n, on_put, &is_back),
                     STORE_OK);
    wait_for(rig, &is_back);
}

static void
on_wave(void *arg, enum rouse_err err, const struct rouse_wave *waves, size_t n,
        int64_t next)
{
    struct rig *rig = arg;

    (void)next;
    assert_int_equal(err, ROUSE_OK);
    assert_int_equal(n, 1);
    rig->wave = waves[0].id;
    rig->seen = waves[0];
    rig->is_back = true;
}

static void
ask_wave(struct rig *rig)
{
    rig->is_back = false;
    assert_int_equal(rouse_wave_ask(rig->rouse, NULL, NULL, on_wave, rig),
                     ROUSE_OK);
    wait_for(rig, &rig->is_back);
}

static void
look(struct rig *rig)
{
    rig->is_back = false;
    assert_int_equal(rouse_wave_get(rig->rouse, rig->wave, on_wave, rig),
                     ROUSE_OK);
    wait_for(rig, &rig->is_back);
}

static void
on_poll(struct ev_loop *loop, struct ev_timer *poll, int revents)
{
    (void)loop;
    (void)revents;
    *(bool *)poll->data = true;
}

/* Look again after a moment of the loop's. */
static void
let_run(struct rig *rig)
{
    struct ev_timer poll;
    bool is_over = false;

    ev_timer_init(&poll, on_poll, 0.002, 0);
    poll.data = &is_over;
    ev_timer_start(rig->loop, &poll);
    wait_for(rig, &is_over);
}

static void
wait_for_end(struct rig *rig)
{
    do {
        let_run(rig);
        look(rig);
    } while (rig->seen.ended_at_ms == 0);
}

/* How many devices have been woken, by the simulator's own book. */
static struct fleet_tally
read_ledger(struct rig *rig)
{
    char *path = temp_dir_path(rig->pki, "ledger");
    struct fleet fleet = {.topic = TOPIC, .n = N_DEVICES};
    const char *const ledgers[] = {path, NULL};
    struct fleet_tally tally;

    sim_proc_tell(rig->sim, "ledger %s", path);
    fleet_compare(&fleet, ledgers, &tally);
    free(path);
    return tally;
}

TEST(a_wave_wakes_everyone_once)
{
    struct rig *rig = *state;
    struct fleet_tally tally;

    import(rig);
    enroll(rig, N_DEVICES);
    ask_wave(rig);
    wait_for_end(rig);
    assert_int_equal(rig->seen.n_total, N_DEVICES);
    assert_int_equal(rig->seen.n_accepted, N_DEVICES);
    tally = read_ledger(rig);
    assert_int_equal(tally.n_woken, N_DEVICES);
    assert_int_equal(tally.n_repeated, 0);
    assert_int_equal(tally.n_strange, 0);
}

TEST(lost_connections_lose_no_push)
{
    struct rig *rig = *state;

    import(rig);
    enroll(rig, N_DEVICES);
    sim_proc_tell(rig->sim, "every 400 close");
    sim_proc_tell(rig->sim, "every 111 refuse");
    ask_wave(rig);
    wait_for_end(rig);
    assert_int_equal(rig->seen.n_accepted, N_DEVICES);
    assert_int_equal(read_ledger(rig).n_woken, N_DEVICES);
}

TEST(dead_and_suspect_are_counted)
{
    struct rig *rig = *state;

    import(rig);
    enroll(rig, N_DEVICES);
    sim_proc_tell(rig->sim, "every 10 answer 410 Unregistered");
    ask_wave(rig);
    wait_for_end(rig);
    assert_int_equal(rig->seen.n_dead, N_DEVICES / 10);
    assert_int_equal(rig->seen.n_accepted, N_DEVICES - N_DEVICES / 10);
    assert_int_equal(read_ledger(rig).n_rejected, N_DEVICES / 10);
}

/* Stopped in the middle of a wave, as a daemon that is restarted. */
TEST(a_wave_goes_on_after_a_restart)
{
    struct rig *rig = *state;

    import(rig);
    enroll(rig, N_DEVICES);
    rig->config.window = 64;
    rouse_reload(rig->rouse, &rig->config);
    ask_wave(rig);
    do {
        let_run(rig);
        look(rig);
    } while (rig->seen.n_accepted == 0);
    rouse_free(rig->rouse);
    start(rig);
    wait_for_end(rig);
    assert_int_equal(rig->seen.n_accepted + rig->seen.n_skipped, N_DEVICES);
    assert_int_equal(read_ledger(rig).n_woken, N_DEVICES);
}

static void
on_pushed(void *arg, enum rouse_err err,
          const struct rouse_wake_answer *answers, size_t n)
{
    struct rig *rig = arg;

    assert_int_equal(err, ROUSE_OK);
    assert_int_equal(n, 1);
    assert_true(answers[0].is_answered);
    assert_int_equal(answers[0].outcome, APNS_ACCEPTED);
    assert_int_equal(strlen(answers[0].apns_id), 36);
    rig->is_back = true;
}

TEST(a_push_is_answered)
{
    struct rig *rig = *state;
    char id[37];
    const char *ids[] = {id};

    import(rig);
    enroll(rig, N_DEVICES);
    fleet_id(7, id);
    rig->is_back = false;
    assert_int_equal(
        rouse_push(rig->rouse, ids, 1, NULL, 30000, on_pushed, rig), ROUSE_OK);
    wait_for(rig, &rig->is_back);
    assert_int_equal(read_ledger(rig).n_woken, 1);
}

static void
on_drained(void *arg)
{
    struct rig *rig = arg;

    rig->is_back = true;
}

TEST(a_drain_ends_in_the_middle_of_a_wave)
{
    struct rig *rig = *state;

    import(rig);
    enroll(rig, N_DEVICES);
    sim_proc_tell(rig->sim, "latency 20..40");
    ask_wave(rig);
    rig->is_back = false;
    rouse_drain(rig->rouse, on_drained, rig);
    wait_for(rig, &rig->is_back);
}
