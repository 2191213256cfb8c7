/* SPDX-License-Identifier: MIT */
#ifndef TESTS_H2_BED_H
#define TESTS_H2_BED_H

/*
 * The client's session against nghttp2's own server side, in memory.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nghttp2/nghttp2.h>

#include "apns/http2/h2.h"

#define H2_BED_SLOTS 600

struct h2_bed {
    struct h2mem mem;
    struct slot_pool slots;
    struct h2 *h2;
    nghttp2_session *server;
    uint32_t streams_max; /* as on_settings saw it */
    uint32_t n_settings;
    uint32_t n_acks;
    uint32_t n_goaways;
    char goaway_text[64];
    uint32_t n_ends[3]; /* by enum h2_end */
    struct slot *ended[H2_BED_SLOTS];
    uint32_t n_ended;
    size_t n_to_server; /* bytes */
    /* What the server saw last, and what it does. */
    bool is_silent;
    bool refuses;
    int32_t requests[H2_BED_SLOTS];
    uint32_t n_requests;
    char path[600];
    char topic[64];
    char expiration[24];
    char body[64];
    size_t body_len;
    bool is_body_over; /* the next byte begins another */
};

/* A header of an answer; the session copies it. */
#define H2_BED_NV(n, v)                                                  \
    {                                                                    \
        (uint8_t *)(uintptr_t)(n), (uint8_t *)(uintptr_t)(v), strlen(n), \
            strlen(v), NGHTTP2_NV_FLAG_NONE                              \
    }

/** Of the client's side; their argument is a bed. */
extern const struct h2_hooks h2_bed_hooks;

/** A test's set-up and tear-down: SETTINGS exchanged, a limit of 100. */
int h2_bed_set_up(void **state);
int h2_bed_tear_down(void **state);

/** h2_bed_push(bed): submit a push; the session's until it ends. */
struct slot *h2_bed_push(struct h2_bed *bed);

/** h2_bed_exchange(bed): carry bytes to and fro until nobody has any. */
void h2_bed_exchange(struct h2_bed *bed);

/** h2_bed_give_ended(bed): give the ended slots back. */
void h2_bed_give_ended(struct h2_bed *bed);

/** h2_bed_set_limit(bed, limit): new SETTINGS of the server. */
void h2_bed_set_limit(struct h2_bed *bed, uint32_t limit);

/** h2_bed_answer(bed, id, status): the server's; all but 200 bring a body. */
void h2_bed_answer(struct h2_bed *bed, int32_t id, const char *status);

#endif /* TESTS_H2_BED_H */
