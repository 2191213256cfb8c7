/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"
#include "apns/http2/h2.h"
#include "apns/http2/reply.h"

/*
 * Any bytes from a server, in pieces, while pushes are in flight: each push
 * ends once, what is kept of its answer is bounded and fit for a log, and all
 * memory comes back. The input's first byte is the size of the pieces, and
 * whether the server's SETTINGS come before them; the second cancels pushes.
 */

#define MAX_PUSHES 8

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

struct bed {
    struct h2 *h2;
    struct slot_pool slots;
    uint32_t n_submitted;
    uint32_t n_ended;
    uint32_t n_cancelled;
    struct slot *pushes[MAX_PUSHES]; /* NULL: given back */
};

static void
on_settings(void *arg)
{
    const struct bed *bed = arg;

    must(h2_streams_max(bed->h2) <= MAX_PUSHES);
}

static void
on_goaway(void *arg, const struct h2_goaway *goaway)
{
    struct reply_body body;

    (void)arg;
    must(goaway->last_stream_id >= 0);
    (void)reply_body_read(goaway->text, goaway->text_len, &body);
    must(strlen(body.reason) <= APNS_MAX_REASON);
}

static void
on_ping_ack(void *arg)
{
    (void)arg;
}

static void
check_answer(const struct slot *slot)
{
    struct reply_body body;

    must(slot->status >= 200 && slot->status <= 999);
    must(strlen(slot->apns_id) <= SLOT_MAX_APNS_ID);
    for (const char *at = slot->apns_id; *at != '\0'; at++)
        must(*at > ' ' && *at < 0x7f && *at != '"' && *at != '=');
    if (slot->answer == NULL)
        return;
    must(slot->answer->len <= SLOT_MAX_ANSWER);
    (void)reply_body_read(slot->answer->text, slot->answer->len, &body);
    (void)reply_classify(slot->status, body.reason);
}

static void
on_end(void *arg, struct slot *slot, enum h2_end end)
{
    struct bed *bed = arg;

    must(slot->state == SLOT_FLYING);
    if (end == H2_ANSWERED)
        check_answer(slot);
    slot->state = SLOT_DONE;
    bed->n_ended++;
}

static void
give(struct bed *bed, struct slot **slot)
{
    slot_give(&bed->slots, *slot);
    *slot = NULL;
}

static void
give_ended(struct bed *bed)
{
    for (size_t i = 0; i < MAX_PUSHES; i++)
        if (bed->pushes[i] != NULL && bed->pushes[i]->state == SLOT_DONE)
            give(bed, &bed->pushes[i]);
}

/* False: the session is broken. */
static bool
let_out(struct bed *bed)
{
    uint8_t out[512];
    size_t len;

    do {
        if (!h2_output(bed->h2, out, sizeof out, &len))
            return false;
    } while (len == sizeof out);
    /* It stops once at the end of the newest push. */
    return h2_output(bed->h2, out, sizeof out, &len);
}

/* As many as may go, of those that are left. */
static bool
submit(struct bed *bed)
{
    static const uint8_t token[32] = {1, 2, 3};
    const struct apns_push push = {
        .token = token, .token_len = sizeof token, .magic = "m"};

    while (bed->n_submitted < MAX_PUSHES && h2_room(bed->h2) > 0) {
        struct slot *slot;

        must(slot_take(&bed->slots, &push, &slot) == APNS_OK);
        slot->state = SLOT_FLYING;
        slot->expires_unix = 1;
        if (!h2_submit(bed->h2, slot)) {
            slot_give(&bed->slots, slot);
            return false;
        }
        bed->pushes[bed->n_submitted++] = slot;
        if (!let_out(bed))
            return false;
    }
    return let_out(bed);
}

/* The first one that is in flight. */
static void
cancel(struct bed *bed)
{
    for (size_t i = 0; i < MAX_PUSHES; i++) {
        if (bed->pushes[i] == NULL)
            continue;
        h2_cancel(bed->h2, bed->pushes[i]);
        give(bed, &bed->pushes[i]);
        bed->n_cancelled++;
        return;
    }
}

static void
converse(struct bed *bed, const uint8_t *input, size_t len, size_t piece,
         uint8_t cancels)
{
    const char *what;
    bool is_well = submit(bed);

    for (uint32_t i = 0; is_well && len > 0; i++) {
        size_t n = piece < len ? piece : len;

        what = NULL;
        is_well = h2_receive(bed->h2, input, n, &what);
        must(is_well == (what == NULL));
        must(bed->n_submitted ==
             bed->n_ended + bed->n_cancelled + h2_in_flight(bed->h2));
        give_ended(bed);
        if (is_well && (cancels >> (i % 8) & 1) != 0)
            cancel(bed);
        is_well = is_well && submit(bed) && !h2_is_over(bed->h2);
        input += n;
        len -= n;
    }
    give_ended(bed);
}

static void
start(struct bed *bed, bool has_settings)
{
    static const uint8_t settings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    const char *what;

    must(let_out(bed));
    if (has_settings)
        must(h2_receive(bed->h2, settings, sizeof settings, &what));
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    static const struct h2_hooks hooks = {
        .on_settings = on_settings,
        .on_goaway = on_goaway,
        .on_ping_ack = on_ping_ack,
        .on_end = on_end,
    };
    struct h2mem mem;
    struct bed bed = {.n_submitted = 0};
    struct h2_config config = {
        .authority = "api.push.apple.com",
        .topic = "com.apple.mgmt.External.bed",
        .streams_max = MAX_PUSHES,
        .mem = &mem,
        .slots = &bed.slots,
    };
    struct slot *slot;

    if (len < 2)
        return 0;
    h2mem_init(&mem);
    slot_pool_init(&bed.slots, MAX_PUSHES);
    must((bed.h2 = h2_new(&config, &hooks, &bed)) != NULL);
    start(&bed, (input[0] & 1) == 0);
    converse(&bed, input + 2, len - 2, 1 + (size_t)(input[0] >> 1) * 8,
             input[1]);
    while ((slot = h2_take(bed.h2)) != NULL)
        slot_give(&bed.slots, slot);
    h2_free(bed.h2);
    slot_pool_fini(&bed.slots);
    h2mem_fini(&mem);
    return 0;
}
