/* SPDX-License-Identifier: MIT */
#include "sim.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "bench/sim/fault/control.h"
#include "bench/sim/fault/faults.h"
#include "bench/sim/h2/sim_session.h"
#include "bench/sim/push/delay.h"
#include "bench/sim/push/ledger.h"
#include "bench/sim/push/push.h"
#include "bench/sim/push/sim_request.h"
#include "listener.h"
#include "peer.h"
#include "sim_tls.h"

void
sim_log(const struct sim *sim, const char *format, ...)
{
    va_list ap;

    if (!sim->config.is_logging)
        return;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

/*
 * Directives.
 */

static void
goaway(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    (void)sim;
    if (peer->state != PEER_OPEN)
        return;
    sim_session_goaway(peer->session, directive);
    peer_mark(peer);
}

static void
reset(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    (void)sim;
    (void)directive;
    if (peer->state != PEER_DEAD)
        peer_reset(peer);
}

static void
stall(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    (void)sim;
    peer->is_stalled = directive->action == ACTION_MUTE;
}

static void
settle(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    (void)sim;
    if (peer->state != PEER_OPEN)
        return;
    sim_session_settle(peer->session, directive->number);
    peer_mark(peer);
}

/* On that connection; without one, on all. */
static void
act_on_peers(struct sim *sim, struct peer *peer,
             void (*act)(struct sim *sim, struct peer *peer,
                         const struct directive *directive),
             const struct directive *directive)
{
    if (peer != NULL) {
        act(sim, peer, directive);
        return;
    }
    TAILQ_FOREACH (peer, &sim->peers, link)
        act(sim, peer, directive);
}

static bool
switch_accepting(struct sim *sim, bool is_on)
{
    if (!is_on) {
        listener_close(sim->listeners);
        sim->listeners = NULL;
    } else if (sim->listeners == NULL) {
        sim->listeners = listener_open(sim);
    }
    return !is_on || sim->listeners != NULL;
}

/* False when it could not be done. */
static bool
act(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    switch (directive->action) {
    case ACTION_GOAWAY:
        act_on_peers(sim, peer, goaway, directive);
        break;
    case ACTION_CLOSE:
        act_on_peers(sim, peer, reset, directive);
        break;
    case ACTION_MUTE:
        act_on_peers(sim, peer, stall, directive);
        break;
    case ACTION_MAX_STREAMS:
        sim->max_streams = directive->number;
        act_on_peers(sim, NULL, settle, directive);
        break;
    case ACTION_TLS_ALERT:
        sim->alert = directive->alert;
        break;
    case ACTION_ENVIRONMENT:
        sim->is_wrong_environment = directive->is_on;
        break;
    case ACTION_NO_SETTINGS:
        sim->is_without_settings = directive->is_on;
        break;
    case ACTION_NO_PING_ACK:
        sim->is_without_ping_ack = directive->is_on;
        break;
    case ACTION_NEED_HEADERS:
        sim->needs_headers = directive->is_on;
        break;
    case ACTION_CONN_CAP:
        sim->conn_cap = directive->number;
        break;
    case ACTION_ACCEPT:
        return switch_accepting(sim, directive->is_on);
    default:
        must(directive->action >= ACTION_GOAWAY &&
             directive->action < ACTION_RESET_FAULTS);
    }
    return true;
}

void
sim_act(struct sim *sim, struct peer *peer, const struct directive *directive)
{
    if (!act(sim, peer, directive))
        sim_log(sim, "event=action_failed");
}

static json_t *
complain(const char *error)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", error);
}

static json_t *
agree(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *
reset_faults(struct sim *sim)
{
    struct directive settings = {.action = ACTION_MAX_STREAMS,
                                 .number = sim->config.max_streams};
    struct directive nothing = {.action = ACTION_RESET_FAULTS};

    faults_clear(sim->faults);
    act_on_peers(sim, NULL, stall, &nothing);
    sim->alert = ALERT_OFF;
    sim->conn_cap = 0;
    sim->is_wrong_environment = false;
    sim->is_without_settings = false;
    sim->is_without_ping_ack = false;
    sim->needs_headers = false;
    if (sim->max_streams != sim->config.max_streams)
        act(sim, NULL, &settings);
    if (!switch_accepting(sim, true))
        return complain("cannot listen again");
    return agree();
}

static json_t *
report_stats(const struct sim *sim)
{
    const struct sim_stats *s = &sim->stats;
    struct ledger_totals totals = ledger_totals_get(sim->ledger);

    return json_pack(
        "{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ok", 1,
        "pushes", (json_int_t)s->pushes, "accepted", (json_int_t)s->accepted,
        "rejected", (json_int_t)s->rejected, "tokens",
        (json_int_t)totals.tokens, "connections", (json_int_t)s->connections,
        "open", (json_int_t)s->open, "goaways", (json_int_t)s->goaways,
        "handshakes", (json_int_t)s->handshakes, "handshake_failures",
        (json_int_t)s->handshake_failures, "pings", (json_int_t)s->pings,
        "max_open", (json_int_t)s->max_open);
}

static bool
write_ledger(const struct sim *sim, const char *path)
{
    FILE *file = fopen(path, "w");
    bool ok = file != NULL && ledger_write(sim->ledger, file);

    if (file != NULL && fclose(file) != 0)
        ok = false;
    return ok;
}

static json_t *
report_ledger(const struct sim *sim, const char *path)
{
    struct ledger_totals totals = ledger_totals_get(sim->ledger);

    if (sim->config.mode == SIM_NULL)
        return complain("null mode keeps no ledger");
    if (path[0] != '\0' && !write_ledger(sim, path))
        return complain(strerror(errno));
    return json_pack("{s:b, s:I, s:I, s:I, s:I}", "ok", 1, "tokens",
                     (json_int_t)totals.tokens, "accepted_once",
                     (json_int_t)totals.accepted_once, "accepted_more",
                     (json_int_t)totals.accepted_more, "accepted_none",
                     (json_int_t)totals.accepted_none);
}

static json_t *
report_token(const struct sim *sim, const struct directive *directive)
{
    struct ledger_entry entry =
        ledger_get(sim->ledger, directive->token, directive->token_len);

    if (sim->config.mode == SIM_NULL)
        return complain("null mode keeps no ledger");
    return json_pack("{s:b, s:I, s:I, s:s}", "ok", 1, "accepted",
                     (json_int_t)entry.accepted, "rejected",
                     (json_int_t)entry.rejected, "last_reason",
                     entry.last_reason);
}

static json_t *
put_in_force(struct sim *sim, const struct directive *directive)
{
    if (directive->when == WHEN_TOKEN && sim->config.mode == SIM_NULL)
        return complain("null mode does not look at tokens");
    if (!faults_add(sim->faults, directive))
        return complain("too many directives are in force");
    return agree();
}

json_t *
sim_execute(struct sim *sim, struct peer *peer,
            const struct directive *directive)
{
    if (directive->when != WHEN_ALWAYS || directive->action <= ACTION_LATENCY)
        return put_in_force(sim, directive);
    switch (directive->action) {
    case ACTION_RESET_FAULTS:
        return reset_faults(sim);
    case ACTION_RELEASE:
        delay_release(sim->delay, directive->n);
        return agree();
    case ACTION_FORGET:
        ledger_forget(sim->ledger);
        return agree();
    case ACTION_STATS:
        return report_stats(sim);
    case ACTION_LEDGER:
        return report_ledger(sim, directive->path);
    case ACTION_TOKEN:
        return report_token(sim, directive);
    default:
        return act(sim, peer, directive) ? agree() : complain(strerror(errno));
    }
}

/*
 * Life.
 */

static void
on_turn(struct ev_loop *loop, ev_prepare *turn, int revents)
{
    struct sim *sim = turn->data;
    struct peer *peer;

    (void)loop;
    (void)revents;
    while ((peer = TAILQ_FIRST(&sim->dirty)) != NULL)
        peer_turn(peer);
}

static void
on_signal(struct ev_loop *loop, ev_signal *signal, int revents)
{
    (void)signal;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

static void
start_watchers(struct sim *sim)
{
    ev_prepare_init(&sim->turn, on_turn);
    sim->turn.data = sim;
    ev_prepare_start(sim->loop, &sim->turn);
    ev_signal_init(&sim->on_term, on_signal, SIGTERM);
    ev_signal_init(&sim->on_int, on_signal, SIGINT);
    ev_signal_start(sim->loop, &sim->on_term);
    ev_signal_start(sim->loop, &sim->on_int);
}

struct sim *
sim_new(struct ev_loop *loop, const struct sim_config *config)
{
    struct sim *sim = calloc(1, sizeof *sim);

    if (sim == NULL)
        return NULL;
    sim->loop = loop;
    sim->config = *config;
    sim->max_streams = config->max_streams;
    sim->uuids.state = ~config->seed;
    TAILQ_INIT(&sim->peers);
    TAILQ_INIT(&sim->dirty);
    start_watchers(sim);
    if ((sim->faults = faults_new(config->seed)) != NULL &&
        (sim->ledger = ledger_new()) != NULL &&
        (sim->delay = delay_new(loop, push_answer)) != NULL &&
        (sim->tls = sim_tls_new(sim)) != NULL &&
        (sim->listeners = listener_open(sim)) != NULL &&
        (config->script == NULL || control_run_script(sim, config->script)) &&
        (config->control == NULL ||
         (sim->control = control_open(sim, config->control)) != NULL))
        return sim;
    sim->config.ledger = NULL;
    sim_free(sim);
    return NULL;
}

bool
sim_free(struct sim *sim)
{
    const char *path = sim->config.ledger;
    struct peer *peer;
    bool ok = path == NULL || write_ledger(sim, path);

    if (!ok)
        fprintf(stderr, "rouse-sim: cannot write %s: %s\n", path,
                strerror(errno));
    control_close(sim->control);
    listener_close(sim->listeners);
    while ((peer = TAILQ_FIRST(&sim->peers)) != NULL)
        peer_free(peer);
    sim_request_free_spares(sim);
    SSL_CTX_free(sim->tls);
    delay_free(sim->delay);
    ledger_free(sim->ledger);
    faults_free(sim->faults);
    ev_prepare_stop(sim->loop, &sim->turn);
    ev_signal_stop(sim->loop, &sim->on_term);
    ev_signal_stop(sim->loop, &sim->on_int);
    free(sim);
    return ok;
}

void
sim_print_ready(const struct sim *sim)
{
    const struct sim_config *config = &sim->config;
    const char *mode = config->mode == SIM_NULL ? "null" : "strict";
    json_t *addresses = json_array();
    json_t *ready;

    for (size_t i = 0; i < config->n_listen; i++)
        json_array_append_new(addresses, json_string(config->listen[i]));
    ready = json_pack("{s:b, s:s, s:i, s:o, s:s?, s:i}", "ready", 1, "mode",
                      mode, "port", config->port, "addresses", addresses,
                      "control", config->control, "pid", (int)getpid());
    json_dumpf(ready, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(ready);
}
