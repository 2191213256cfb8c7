/* SPDX-License-Identifier: MIT */
/*
 * floor: what nghttp2 alone costs a sender. A client's and a server's session
 * joined by buffers in memory: no sockets, no TLS, no library of ours. Only
 * the client's side is timed.
 */
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rng.h"
#include "bench/harness/workload.h"
#include "mem_server.h"
#include "pool_mem.h"

#define TOKEN_HEX    64 /* digits; 32 bytes as seen in the field */
#define PATH_PREFIX  "/3/device/"
#define PATH_LEN     (sizeof PATH_PREFIX - 1 + TOKEN_HEX)
#define WARM_UP      20000
#define MAX_ANSWER   256 /* bytes on the wire */
#define MAX_REQUEST  (256 + BENCH_MAX_PAYLOAD)
#define FIRST_FRAMES 4096 /* SETTINGS and the like */

/* Bytes on their way to the other side. */
struct pipe {
    uint8_t *bytes;
    size_t len, max;
};

struct floor {
    const struct bench_options *options;
    struct pool_mem *client_mem;
    nghttp2_session *client;
    struct mem_server *server;
    struct pipe to_server, to_client;
    char path[PATH_LEN];
    char body[BENCH_MAX_PAYLOAD];
    struct rng rng;
    uint64_t n_answered;
    uint64_t n_accepted;
    uint32_t n_ids; /* apns-id headers seen: the answer is read, not skipped */
    bool is_broken;
    struct meter used; /* by the client */
};

/*
 * The client.
 */

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
          nghttp2_rcbuf *name, nghttp2_rcbuf *value, uint8_t flags, void *arg)
{
    struct floor *floor = arg;
    nghttp2_vec name_is = nghttp2_rcbuf_get_buf(name);
    nghttp2_vec value_is = nghttp2_rcbuf_get_buf(value);

    (void)session;
    (void)frame;
    (void)flags;
    if (name_is.len != 7)
        return 0;
    if (memcmp(name_is.base, ":status", 7) == 0)
        floor->n_accepted +=
            value_is.len == 3 && memcmp(value_is.base, "200", 3) == 0;
    else if (memcmp(name_is.base, "apns-id", 7) == 0)
        floor->n_ids++;
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t stream_id, uint32_t error_code,
         void *arg)
{
    struct floor *floor = arg;

    (void)session;
    (void)stream_id;
    (void)error_code;
    floor->n_answered++;
    return 0;
}

static ssize_t
on_read_body(nghttp2_session *session, int32_t stream_id, uint8_t *buf,
             size_t length, uint32_t *flags, nghttp2_data_source *source,
             void *arg)
{
    const struct floor *floor = source->ptr;

    (void)session;
    (void)stream_id;
    (void)arg;
    if (length < floor->options->payload)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    memcpy(buf, floor->body, floor->options->payload);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return floor->options->payload;
}

static void
make_path(struct floor *floor)
{
    char *hex = floor->path + sizeof PATH_PREFIX - 1;

    for (int i = 0; i < TOKEN_HEX; i += 16) {
        uint64_t bits = rng_next(&floor->rng);

        for (int j = 0; j < 16; j++, bits >>= 4)
            hex[i + j] = "0123456789abcdef"[bits & 15];
    }
}

#define NV(name_, value_, len_)                                                \
    {                                                                          \
        .name = (uint8_t *)(uintptr_t)(name_),                                 \
        .value = (uint8_t *)(uintptr_t)(value_), .namelen = sizeof(name_) - 1, \
        .valuelen = (len_),                                                    \
        .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE  \
    }

/* One push, drained at once: the path is one buffer for all. */
static bool
submit(struct floor *floor)
{
    static const char topic[] =
        "com.apple.mgmt.External.2f1d0c3a-5e1b-4c6a-9d8e-7f6a5b4c3d2e";
    const nghttp2_nv nva[] = {
        NV(":method", "POST", 4),
        NV(":scheme", "https", 5),
        NV(":authority", "api.push.apple.com", 18),
        NV(":path", floor->path, PATH_LEN),
        NV("apns-topic", topic, sizeof topic - 1),
        NV("apns-push-type", "mdm", 3),
        NV("apns-priority", "10", 2),
        NV("apns-expiration", "1800000000", 10),
    };
    nghttp2_data_provider body = {.source.ptr = floor,
                                  .read_callback = on_read_body};

    make_path(floor);
    return nghttp2_submit_request(floor->client, NULL, nva,
                                  sizeof nva / sizeof nva[0], &body, NULL) > 0;
}

static bool
drain(nghttp2_session *session, struct pipe *pipe)
{
    const uint8_t *frame;
    ssize_t n;

    while ((n = nghttp2_session_mem_send(session, &frame)) > 0) {
        if ((size_t)n > pipe->max - pipe->len)
            return false;
        memcpy(pipe->bytes + pipe->len, frame, (size_t)n);
        pipe->len += (size_t)n;
    }
    return n == 0;
}

static bool
feed(nghttp2_session *session, struct pipe *pipe)
{
    ssize_t n = nghttp2_session_mem_recv(session, pipe->bytes, pipe->len);
    bool ok = n == (ssize_t)pipe->len;

    pipe->len = 0;
    return ok;
}

static bool
serve(struct floor *floor)
{
    struct pipe *pipe = &floor->to_client;
    const uint8_t *bytes;
    ssize_t n;

    if (!mem_server_take(floor->server, floor->to_server.bytes,
                         floor->to_server.len))
        return false;
    floor->to_server.len = 0;
    while ((n = mem_server_give(floor->server, &bytes)) > 0) {
        if ((size_t)n > pipe->max - pipe->len)
            return false;
        memcpy(pipe->bytes + pipe->len, bytes, (size_t)n);
        pipe->len += (size_t)n;
    }
    return n == 0;
}

/* ${n} pushes out, their answers in; timed on the client's side only. */
static bool
exchange(struct floor *floor, uint32_t n)
{
    struct meter start = meter_now();
    bool ok = true;

    for (uint32_t i = 0; ok && i < n; i++)
        ok = submit(floor) && drain(floor->client, &floor->to_server);
    meter_add(&floor->used, &start);
    ok = ok && serve(floor);
    start = meter_now();
    ok = ok && feed(floor->client, &floor->to_client) &&
         drain(floor->client, &floor->to_server);
    meter_add(&floor->used, &start);
    return ok;
}

/*
 * Life.
 */

static bool
open_client(struct floor *floor)
{
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    nghttp2_session_callbacks *callbacks;
    bool ok;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return false;
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, on_header);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    ok = nghttp2_session_client_new3(&floor->client, callbacks, floor, NULL,
                                     pool_mem_get(floor->client_mem)) == 0 &&
         nghttp2_submit_settings(floor->client, 0, settings, 2) == 0;
    nghttp2_session_callbacks_del(callbacks);
    return ok;
}

static bool
open_pipe(struct pipe *pipe, size_t max)
{
    pipe->max = max;
    return (pipe->bytes = malloc(max)) != NULL;
}

static bool
open_floor(struct floor *floor)
{
    size_t streams = floor->options->streams;

    memcpy(floor->path, PATH_PREFIX, sizeof PATH_PREFIX - 1);
    memset(floor->body, 'M', floor->options->payload);
    memcpy(floor->body, "{\"mdm\":\"", 8);
    memcpy(floor->body + floor->options->payload - 2, "\"}", 2);
    floor->rng.state = floor->options->seed;
    if (!open_pipe(&floor->to_server, streams * MAX_REQUEST + FIRST_FRAMES) ||
        !open_pipe(&floor->to_client, streams * MAX_ANSWER + FIRST_FRAMES) ||
        (floor->client_mem = pool_mem_new()) == NULL ||
        (floor->server = mem_server_new(floor->options->streams)) == NULL)
        return false;
    /* Three rounds without a push: SETTINGS, their ACKs, nothing left. */
    return open_client(floor) && exchange(floor, 0) && exchange(floor, 0) &&
           exchange(floor, 0);
}

static void
close_floor(struct floor *floor)
{
    nghttp2_session_del(floor->client);
    mem_server_free(floor->server);
    pool_mem_free(floor->client_mem);
    free(floor->to_server.bytes);
    free(floor->to_client.bytes);
}

/* As many as the options say, and none of them counted yet. */
static bool
send_pushes(struct floor *floor, const struct bench_options *options)
{
    struct meter start = meter_now();
    double wall_s = 0;

    floor->used = (struct meter){0};
    floor->n_answered = floor->n_accepted = 0;
    while (!bench_options_are_met(options, floor->n_answered, wall_s)) {
        uint64_t left = options->number - floor->n_answered;
        bool is_last = options->duration_s <= 0 && left < options->streams;

        if (!exchange(floor, is_last ? (uint32_t)left : options->streams))
            return false;
        wall_s = meter_since(&start).wall_s;
        result_progress_to(options, floor->n_answered, wall_s);
    }
    return true;
}

static bool
run(const struct bench_options *options, struct result *result)
{
    static struct floor floor;
    struct bench_options warm_up = *options;
    bool ok;

    warm_up.number = WARM_UP;
    warm_up.duration_s = 0;
    floor = (struct floor){.options = options};
    ok = open_floor(&floor) && send_pushes(&floor, &warm_up) &&
         send_pushes(&floor, options);
    result_progress(1, 1);
    result->unit = "push";
    result->units = "pushes";
    result->n = floor.n_answered;
    result->n_failed = floor.n_answered - floor.n_accepted;
    result->used = floor.used;
    close_floor(&floor);
    if (!ok)
        fputs("rouse-bench: nghttp2 failed\n", stderr);
    return ok;
}

const struct workload workload_floor = {
    .name = "floor",
    .help = "what nghttp2 alone costs a sender, in memory",
    .number = 200000,
    .has_duration = true,
    .run = run,
};
