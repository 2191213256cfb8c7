/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_SESSION_BED_H
#define ROUSE_TESTS_SESSION_BED_H

/*
 * A session of the simulator in memory: a test puts a client's frames in, to
 * the byte, and looks at each frame that comes out.
 */

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/sim/h2/sim_session.h"
#include "bench/sim/peer.h"
#include "bench/sim/sim.h"

#define BED_TOPIC "com.apple.mgmt.External.bed"
#define BED_PATH  "/3/device/00112233445566778899aabbccddeeff0123456789abcdef"
#define BED_BODY  "{\"mdm\":\"0E8B8E0C-6B0F-4F3D-9C1E\"}"

#define SESSION_BED_MAX_INPUT 262144

struct session_bed {
    struct ev_loop *loop;
    struct sim sim;
    struct peer peer;
    nghttp2_hd_inflater *inflater; /* of answers */
    struct frame frame;            /* the last one */
    size_t input_len;
    uint8_t input[SESSION_BED_MAX_INPUT]; /* put and not fed yet */
};

/** session_bed_open(mode): nothing has been said by the client. */
struct session_bed *session_bed_open(enum sim_mode mode);

/** session_bed_open_settled(mode): preface and SETTINGS are through. */
struct session_bed *session_bed_open_settled(enum sim_mode mode);

/** session_bed_close(bed). */
void session_bed_close(struct session_bed *bed);

/** session_bed_put_bytes(bed, bytes, len): next input. */
void session_bed_put_bytes(struct session_bed *bed, const void *bytes,
                           size_t len);

/** session_bed_put(bed, type, flags, stream_id, payload, len): a frame. */
void session_bed_put(struct session_bed *bed, uint8_t type, uint8_t flags,
                     int32_t stream_id, const void *payload, size_t len);

/** session_bed_put_start(bed): the preface and empty SETTINGS. */
void session_bed_put_start(struct session_bed *bed);

/** session_bed_put_push(bed, stream_id): a good push, plain literals only. */
void session_bed_put_push(struct session_bed *bed, int32_t stream_id);

/** session_bed_put_headers(bed, stream_id): its HEADERS alone. */
void session_bed_put_headers(struct session_bed *bed, int32_t stream_id);

/** session_bed_block(block, changed, value): the block of a good push, but
 * for one field: another value, or none with NULL; its length. */
size_t session_bed_block(uint8_t *block, const char *changed,
                         const char *value);

/** session_bed_literal(to, name, value): not indexed; its length. */
size_t session_bed_literal(uint8_t *to, const char *name, const char *value);

/** session_bed_feed(bed, piece): give the input, so many bytes at a time. */
void session_bed_feed(struct session_bed *bed, size_t piece);

/** session_bed_next(bed): the next frame of the output; false: none. */
bool session_bed_next(struct session_bed *bed);

/** session_bed_expect(bed, type, flags, stream_id): it is the next frame. */
void session_bed_expect(struct session_bed *bed, uint8_t type, uint8_t flags,
                        int32_t stream_id);

/** session_bed_expect_status(bed, stream_id, status): HEADERS with it. */
void session_bed_expect_status(struct session_bed *bed, int32_t stream_id,
                               const char *status);

/** session_bed_expect_accepted(bed, stream_id): a whole answer of 200. */
void session_bed_expect_accepted(struct session_bed *bed, int32_t stream_id);

/** session_bed_expect_reset(bed, stream_id, code): RST_STREAM. */
void session_bed_expect_reset(struct session_bed *bed, int32_t stream_id,
                              uint32_t code);

/** session_bed_expect_goaway(bed, code): GOAWAY, and the end. */
void session_bed_expect_goaway(struct session_bed *bed, uint32_t code);

/** session_bed_expect_nothing(bed): no frame is left, and all is well. */
void session_bed_expect_nothing(struct session_bed *bed);

#endif /* ROUSE_TESTS_SESSION_BED_H */
