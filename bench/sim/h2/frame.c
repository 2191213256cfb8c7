/* SPDX-License-Identifier: MIT */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "bench/sim/sim.h"

#define PREFACE     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define PREFACE_LEN (sizeof PREFACE - 1)
#define OUT_FIRST   16384 /* bytes; grows with the answers that wait */

/*
 * In.
 */

static bool
take_preface(struct frame_in *in, const uint8_t **bytes, const uint8_t *end)
{
    while (in->preface_len < PREFACE_LEN && *bytes < end)
        if (*(*bytes)++ != (uint8_t)PREFACE[in->preface_len++])
            return false;
    return true;
}

/* Bytes of the frame's payload, by its header. */
static size_t
payload_len(const uint8_t *head)
{
    return frame_get_u32(head) >> 8;
}

static void
read_head(const uint8_t *head, struct frame *frame)
{
    frame->len = (uint32_t)payload_len(head);
    frame->type = head[3];
    frame->flags = head[4];
    frame->stream_id = (int32_t)(frame_get_u32(head + 5) & INT32_MAX);
    frame->payload = head + FRAME_HEAD_LEN;
}

/* Keep what is missing of ${len} bytes; true when they are there. */
static bool
keep(struct frame_in *in, size_t len, const uint8_t **bytes, const uint8_t *end)
{
    size_t n = len > in->kept_len ? len - in->kept_len : 0;

    if (n > (size_t)(end - *bytes))
        n = (size_t)(end - *bytes);
    memcpy(in->kept + in->kept_len, *bytes, n);
    in->kept_len += n;
    *bytes += n;
    return in->kept_len >= len;
}

/* A frame that comes in pieces. */
static enum frame_step
read_kept(struct frame_in *in, const uint8_t **bytes, const uint8_t *end,
          struct frame *frame)
{
    size_t len;

    if (!keep(in, FRAME_HEAD_LEN, bytes, end))
        return FRAME_MORE;
    if ((len = payload_len(in->kept)) > FRAME_PAYLOAD_MAX)
        return FRAME_TOO_LONG;
    if (!keep(in, FRAME_HEAD_LEN + len, bytes, end))
        return FRAME_MORE;
    in->kept_len = 0;
    read_head(in->kept, frame);
    return FRAME_WHOLE;
}

enum frame_step
frame_read(struct frame_in *in, const uint8_t **bytes, const uint8_t *end,
           struct frame *frame)
{
    size_t left, len;

    if (in->preface_len < PREFACE_LEN && !take_preface(in, bytes, end))
        return FRAME_NO_PREFACE;
    if ((left = (size_t)(end - *bytes)) == 0)
        return FRAME_MORE;
    if (in->kept_len > 0 || left < FRAME_HEAD_LEN)
        return read_kept(in, bytes, end, frame);
    if ((len = payload_len(*bytes)) > FRAME_PAYLOAD_MAX)
        return FRAME_TOO_LONG;
    if (left < FRAME_HEAD_LEN + len)
        return read_kept(in, bytes, end, frame);
    read_head(*bytes, frame);
    *bytes += FRAME_HEAD_LEN + len;
    return FRAME_WHOLE;
}

/*
 * Out.
 */

void
frame_free(struct frame_out *out)
{
    free(out->bytes);
}

static void
grow(struct frame_out *out, size_t len)
{
    out->max = out->max == 0 ? OUT_FIRST : 2 * out->max;
    if (out->max < out->len + len)
        out->max = out->len + len;
    out->bytes = realloc(out->bytes, out->max);
    must(out->bytes != NULL);
}

uint8_t *
frame_put(struct frame_out *out, uint8_t type, uint8_t flags, int32_t stream_id,
          size_t len)
{
    uint8_t *head;

    if (out->len + FRAME_HEAD_LEN + len > out->max)
        grow(out, FRAME_HEAD_LEN + len);
    head = out->bytes + out->len;
    out->len += FRAME_HEAD_LEN + len;
    frame_put_u32(head, (uint32_t)len << 8 | type);
    head[4] = flags;
    frame_put_u32(head + 5, (uint32_t)stream_id);
    return head + FRAME_HEAD_LEN;
}

void
frame_sent(struct frame_out *out, size_t len)
{
    out->sent += len;
    if (out->sent == out->len)
        out->sent = out->len = 0;
}
