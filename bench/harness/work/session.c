/* SPDX-License-Identifier: MIT */
/*
 * session: what the client's own HTTP/2 side costs, in memory: a push taken
 * into a slot, out as bytes, its answer in, the slot back. No sockets, no
 * TLS, no loop, no chance: the same work every time, so that its instructions
 * can be counted (send_pushes and take_answers are the client's side).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rng.h"
#include "apns/http2/h2.h"
#include "bench/harness/workload.h"
#include "mem_server.h"

#define TOKEN_LEN    32
#define WARM_UP      20000
#define MAX_REQUEST  (256 + BENCH_MAX_PAYLOAD)
#define MAX_ANSWER   256 /* bytes on the wire */
#define FIRST_FRAMES 4096
#define EXPIRES_UNIX 1800000000

/* The functions between which instructions are counted. */
#define COUNTED __attribute__((noinline))

struct session {
    const struct bench_options *options;
    struct h2mem mem;
    struct slot_pool slots;
    struct h2 *h2;
    struct mem_server *server;
    uint8_t *out; /* to the server */
    uint8_t *in;  /* from it */
    size_t out_len, in_len;
    char magic[BENCH_MAX_PAYLOAD];
    uint8_t token[TOKEN_LEN];
    struct apns_push push;
    struct rng rng;
    uint64_t n_ended;
    uint64_t n_accepted;
    struct meter used; /* by the client's side */
};

static void
on_nothing(void *arg)
{
    (void)arg;
}

static void
on_goaway(void *arg, const struct h2_goaway *goaway)
{
    (void)arg;
    (void)goaway;
}

static void
on_end(void *arg, struct slot *slot, enum h2_end end)
{
    struct session *session = arg;

    session->n_ended++;
    session->n_accepted += end == H2_ANSWERED && slot->status == 200;
    slot_give(&session->slots, slot);
}

static const struct h2_hooks hooks = {on_nothing, on_goaway, on_nothing,
                                      on_end};

static void
make_token(struct session *session)
{
    for (size_t i = 0; i < TOKEN_LEN; i += sizeof(uint64_t)) {
        uint64_t bits = rng_next(&session->rng);

        memcpy(session->token + i, &bits, sizeof bits);
    }
}

static bool
put_out(struct session *session)
{
    size_t room =
        session->options->streams * (size_t)MAX_REQUEST + FIRST_FRAMES;
    size_t len;

    if (!h2_output(session->h2, session->out + session->out_len,
                   room - session->out_len, &len))
        return false;
    session->out_len += len;
    return true;
}

static COUNTED bool
send_pushes(struct session *session, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct slot *slot;

        make_token(session);
        if (slot_take(&session->slots, &session->push, &slot) != APNS_OK)
            return false;
        slot->state = SLOT_FLYING;
        slot->expires_unix = EXPIRES_UNIX;
        if (!h2_submit(session->h2, slot) || !put_out(session))
            return false;
    }
    return put_out(session);
}

static COUNTED bool
take_answers(struct session *session)
{
    const char *what;

    return h2_receive(session->h2, session->in, session->in_len, &what);
}

static bool
serve(struct session *session)
{
    const uint8_t *bytes;
    ssize_t n;

    if (!mem_server_take(session->server, session->out, session->out_len))
        return false;
    session->out_len = session->in_len = 0;
    while ((n = mem_server_give(session->server, &bytes)) > 0) {
        memcpy(session->in + session->in_len, bytes, (size_t)n);
        session->in_len += (size_t)n;
    }
    return n == 0;
}

static bool
exchange(struct session *session, uint32_t n)
{
    struct meter start = meter_now();
    bool ok = send_pushes(session, n);

    meter_add(&session->used, &start);
    ok = ok && serve(session);
    start = meter_now();
    ok = ok && take_answers(session);
    meter_add(&session->used, &start);
    return ok;
}

/* As many as the options say, and none of them counted yet. */
static bool
exchange_all(struct session *session, const struct bench_options *options)
{
    struct meter start = meter_now();
    double wall_s = 0;

    session->used = (struct meter){0};
    session->n_ended = session->n_accepted = 0;
    while (!bench_options_are_met(options, session->n_ended, wall_s)) {
        uint64_t left = options->number - session->n_ended;
        bool is_last = options->duration_s <= 0 && left < options->streams;

        if (!exchange(session, is_last ? (uint32_t)left : options->streams))
            return false;
        wall_s = meter_since(&start).wall_s;
        result_progress_to(options, session->n_ended, wall_s);
    }
    return true;
}

static bool
open_session(struct session *session)
{
    const struct bench_options *options = session->options;
    const struct h2_config config = {
        .authority = "api.push.apple.com",
        .topic = "com.apple.mgmt.External.2f1d0c3a-5e1b-4c6a-9d8e-7f6a5b4c3d2e",
        .streams_max = options->streams,
        .mem = &session->mem,
        .slots = &session->slots,
    };

    memset(session->magic, 'M', options->payload - BENCH_AROUND);
    session->push = (struct apns_push){.topic = config.topic,
                                       .token = session->token,
                                       .token_len = TOKEN_LEN,
                                       .magic = session->magic};
    session->rng.state = options->seed;
    h2mem_init(&session->mem);
    slot_pool_init(&session->slots, options->streams);
    session->out =
        malloc(options->streams * (size_t)MAX_REQUEST + FIRST_FRAMES);
    session->in = malloc(options->streams * (size_t)MAX_ANSWER + FIRST_FRAMES);
    if (session->out == NULL || session->in == NULL ||
        (session->server = mem_server_new(options->streams)) == NULL ||
        (session->h2 = h2_new(&config, &hooks, session)) == NULL)
        return false;
    /* SETTINGS, their ACKs, nothing left. */
    for (int i = 0; i < 3; i++)
        if (!exchange(session, 0))
            return false;
    return true;
}

static void
close_session(struct session *session)
{
    struct slot *slot;

    while (session->h2 != NULL && (slot = h2_take(session->h2)) != NULL)
        slot_give(&session->slots, slot);
    h2_free(session->h2);
    mem_server_free(session->server);
    slot_pool_fini(&session->slots);
    h2mem_fini(&session->mem);
    free(session->out);
    free(session->in);
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct session session;
    struct bench_options warm_up = *options;
    bool ok;

    warm_up.number = WARM_UP;
    warm_up.duration_s = 0;
    session.options = options;
    ok = open_session(&session) && exchange_all(&session, &warm_up) &&
         exchange_all(&session, options);
    result_progress(1, 1);
    result->unit = "push";
    result->units = "pushes";
    result->n = session.n_ended;
    result->n_failed = session.n_ended - session.n_accepted;
    result->used = session.used;
    close_session(&session);
    if (!ok)
        fputs("rouse-bench: the session broke\n", stderr);
    return ok;
}

const struct workload workload_session = {
    .name = "session",
    .help = "the client's HTTP/2 side alone, in memory, as floor",
    .number = 200000,
    .has_duration = true,
    .run = run,
};
