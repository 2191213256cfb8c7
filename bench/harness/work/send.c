/* SPDX-License-Identifier: MIT */
/*
 * send: the client alone. Every ended push is followed by a new one, so that
 * connections × streams are in flight all the time.
 */
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/apns.h"
#include "apns/base/rng.h"
#include "bench/harness/run/bench_sim.h"
#include "bench/harness/workload.h"

#define TOKEN_LEN      32 /* bytes; as seen in the field */
#define MIN_WARM_UP    20000
#define OPEN_TIMEOUT_S 30.
#define PROGRESS_S     0.2
#define DEADLINE_MS    120000 /* a late answer is measured, not failed */

enum phase {
    PHASE_OPENING, /* until every connection is open */
    PHASE_WARM_UP,
    PHASE_MEASURING,
    PHASE_ENDING, /* what is in flight ends, uncounted */
};

struct sender {
    const struct bench_options *options;
    struct result *result;
    struct ev_loop *loop;
    struct apns_client *client;
    struct apns_cert cert;
    struct apns_push push;
    uint8_t token[TOKEN_LEN];
    char magic[BENCH_MAX_PAYLOAD];
    ev_timer progress;
    double opening_until;
    enum phase phase;
    bool is_broken;
    uint64_t n_warm_up; /* still to end */
    uint64_t in_flight;
    struct rng rng;
    struct meter start;
};

/* Any token will do as long as HPACK has not seen it before. */
static void
make_token(struct sender *sender)
{
    for (size_t i = 0; i < TOKEN_LEN; i += sizeof(uint64_t)) {
        uint64_t bits = rng_next(&sender->rng);

        memcpy(sender->token + i, &bits, sizeof bits);
    }
}

static apns_result_fn on_result;

static void
submit(struct sender *sender)
{
    enum apns_err err;

    make_token(sender);
    err = apns_submit(sender->client, &sender->push, on_result, sender);
    if (err == APNS_OK) {
        sender->in_flight++;
        return;
    }
    fprintf(stderr, "rouse-bench: %s\n", apns_err_text(err));
    sender->is_broken = true;
    ev_break(sender->loop, EVBREAK_ALL);
}

static void
fill(struct sender *sender)
{
    uint64_t wanted =
        (uint64_t)sender->options->connections * sender->options->streams;

    while (sender->in_flight < wanted && !sender->is_broken)
        submit(sender);
}

static bool
is_measured(const struct sender *sender)
{
    const struct bench_options *options = sender->options;
    uint64_t n = sender->result->n;

    /* The clock is looked at now and then only. */
    if (options->duration_s > 0 && n % 1024 != 0)
        return false;
    return bench_options_are_met(
        options, n,
        options->duration_s > 0 ? meter_since(&sender->start).wall_s : 0);
}

static void
count(struct sender *sender, const struct apns_result *answer)
{
    struct result *result = sender->result;

    result->n++;
    histogram_add(&result->latency_us, answer->latency_us);
    if (answer->outcome != APNS_ACCEPTED)
        result_fail(result, answer->status, answer->reason);
}

static void
end_measuring(struct sender *sender)
{
    sender->result->used = meter_since(&sender->start);
    sender->phase = PHASE_ENDING;
    ev_timer_stop(sender->loop, &sender->progress);
}

static void
on_result(void *arg, const struct apns_result *answer)
{
    struct sender *sender = arg;

    sender->in_flight--;
    switch (sender->phase) {
    case PHASE_OPENING:
        return; /* not reached: nothing is sent before */
    case PHASE_WARM_UP:
        if (--sender->n_warm_up > 0)
            break;
        sender->phase = PHASE_MEASURING;
        sender->start = meter_now();
        break;
    case PHASE_MEASURING:
        count(sender, answer);
        if (!is_measured(sender))
            break;
        end_measuring(sender);
        /* fall through */
    case PHASE_ENDING:
        if (sender->in_flight == 0)
            ev_break(sender->loop, EVBREAK_ALL);
        return;
    }
    submit(sender);
}

static void
look_if_open(struct sender *sender)
{
    struct apns_identity_status status;

    if (apns_identity_get(sender->client, sender->cert.topic, &status) !=
        APNS_OK)
        return;
    if (status.n_open >= sender->options->connections) {
        sender->phase = PHASE_WARM_UP;
        fill(sender);
        return;
    }
    if (ev_now(sender->loop) < sender->opening_until)
        return;
    fprintf(stderr, "rouse-bench: %u of %u connections opened; %s %s\n",
            status.n_open, sender->options->connections,
            apns_identity_state_name(status.state), status.why);
    sender->is_broken = true;
    ev_break(sender->loop, EVBREAK_ALL);
}

static void
on_progress(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct sender *sender = timer->data;

    (void)loop;
    (void)revents;
    if (sender->phase == PHASE_OPENING)
        look_if_open(sender);
    else if (sender->phase == PHASE_MEASURING)
        result_progress_to(sender->options, sender->result->n,
                           meter_since(&sender->start).wall_s);
}

static bool
complain(const char *what, const char *why)
{
    fprintf(stderr, "rouse-bench: %s: %s\n", what, why);
    return false;
}

static bool
put_identity(struct sender *sender, const char *path)
{
    static char pem[APNS_MAX_PEM];
    char detail[256] = "";
    FILE *file = fopen(path, "r");
    enum apns_err err;
    size_t len;

    if (file == NULL)
        return complain(path, strerror(errno));
    len = fread(pem, 1, sizeof pem, file);
    fclose(file);
    err = apns_identity_put(sender->client, pem, len, &sender->cert, detail);
    if (err != APNS_OK)
        return complain(path, apns_err_text(err));
    return true;
}

static bool
open_client(struct sender *sender, const struct bench_sim *sim)
{
    const struct bench_options *options = sender->options;
    uint32_t window = options->connections * options->streams;
    struct apns_config config;
    enum apns_err err;

    apns_config_init(&config);
    config.host = options->host != NULL ? options->host : "127.0.0.1";
    config.port = options->host != NULL ? options->port : sim->port;
    config.fallback_port = 0;
    config.ca_file = options->host != NULL ? options->ca_file : sim->ca_file;
    config.conns_min = config.conns_max = options->connections;
    config.streams_max = options->streams;
    config.settle_ms = 0;
    config.deadline_ms = DEADLINE_MS;
    if (config.queue_max < 2 * window)
        config.queue_max = 2 * window;
    err = apns_client_new(sender->loop, &config, &sender->client);
    if (err != APNS_OK)
        return complain("the client", apns_err_text(err));
    return put_identity(sender, options->host != NULL ? options->cert_file
                                                      : sim->cert_file);
}

static void
prepare(struct sender *sender)
{
    const struct bench_options *options = sender->options;
    uint64_t window = (uint64_t)options->connections * options->streams;

    memset(sender->magic, 'M', options->payload - BENCH_AROUND);
    sender->push = (struct apns_push){.topic = sender->cert.topic,
                                      .token = sender->token,
                                      .token_len = TOKEN_LEN,
                                      .magic = sender->magic,
                                      .expires_unix = APNS_EXPIRES_DEFAULT};
    sender->rng.state = options->seed;
    /* Long enough that every pool and table has its final size. */
    sender->n_warm_up = 2 * window > MIN_WARM_UP ? 2 * window : MIN_WARM_UP;
    sender->opening_until = ev_now(sender->loop) + OPEN_TIMEOUT_S;
    ev_init(&sender->progress, on_progress);
    sender->progress.repeat = PROGRESS_S;
    sender->progress.data = sender;
    ev_timer_again(sender->loop, &sender->progress);
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct sender sender; /* too large for some stacks */
    struct bench_sim sim = {.pid = 0};

    sender = (struct sender){.options = options,
                             .result = result,
                             .loop = ev_default_loop(EVFLAG_AUTO)};
    result->unit = "push";
    result->units = "pushes";
    result->has_rate = true;
    if (options->host == NULL && !bench_sim_start(&sim, options))
        return false;
    sender.is_broken = !open_client(&sender, &sim);
    if (!sender.is_broken) {
        prepare(&sender);
        ev_run(sender.loop, 0);
        result_progress(1, 1);
        ev_timer_stop(sender.loop, &sender.progress);
    }
    sender.phase = PHASE_ENDING;
    apns_client_free(sender.client);
    bench_sim_stop(&sim);
    return !sender.is_broken;
}

const struct workload workload_send = {
    .name = "send",
    .help = "the client alone, as many pushes in flight as allowed",
    .number = 200000,
    .has_duration = true,
    .run = run,
};
