/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_FRAME_H
#define ROUSE_SIM_FRAME_H

/*
 * HTTP/2's frames as bytes: whole ones out of what comes in pieces, and new
 * ones queued to be sent. Knows nothing of what they mean.
 */

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FRAME_HEAD_LEN    9     /* bytes of a frame's header */
#define FRAME_PAYLOAD_MAX 16384 /* bytes of a frame that is taken */

struct frame {
    uint8_t type;
    uint8_t flags;
    int32_t stream_id;
    uint32_t len;
    const uint8_t *payload; /* good until the next bytes are read */
};

/* All zero is one that waits for the preface. */
struct frame_in {
    size_t preface_len;
    size_t kept_len;
    uint8_t kept[FRAME_HEAD_LEN + FRAME_PAYLOAD_MAX]; /* of a frame in pieces */
};

enum frame_step {
    FRAME_WHOLE,
    FRAME_MORE,       /* all bytes are used up */
    FRAME_NO_PREFACE, /* this is not HTTP/2 */
    FRAME_TOO_LONG,   /* a frame of more than FRAME_PAYLOAD_MAX */
};

/** frame_read(in, bytes, end, frame): the next frame; moves ${*bytes} on. */
enum frame_step frame_read(struct frame_in *in, const uint8_t **bytes,
                           const uint8_t *end, struct frame *frame);

/* What waits to be sent. All zero is nothing. */
struct frame_out {
    uint8_t *bytes;
    size_t len, sent, max;
};

/** frame_free(out): what waited is lost. */
void frame_free(struct frame_out *out);

/**
 * frame_put(out, type, flags, stream_id, len):
 * Queue a frame.
 *
 *   returns  the place of its payload of ${len} bytes, to be filled in at once
 */
uint8_t *frame_put(struct frame_out *out, uint8_t type, uint8_t flags,
                   int32_t stream_id, size_t len);

/** frame_sent(out, len): so many bytes more of what waits have been sent. */
void frame_sent(struct frame_out *out, size_t len);

/* Numbers as HTTP/2 writes them. */
static inline uint16_t
frame_get_u16(const uint8_t *from)
{
    uint16_t value;

    memcpy(&value, from, sizeof value);
    return be16toh(value);
}

static inline uint32_t
frame_get_u32(const uint8_t *from)
{
    uint32_t value;

    memcpy(&value, from, sizeof value);
    return be32toh(value);
}

static inline void
frame_put_u16(uint8_t *to, uint16_t value)
{
    value = htobe16(value);
    memcpy(to, &value, sizeof value);
}

static inline void
frame_put_u32(uint8_t *to, uint32_t value)
{
    value = htobe32(value);
    memcpy(to, &value, sizeof value);
}

#endif /* ROUSE_SIM_FRAME_H */
