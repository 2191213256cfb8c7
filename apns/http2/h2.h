/* SPDX-License-Identifier: MIT */
#ifndef APNS_H2_H
#define APNS_H2_H

/*
 * One HTTP/2 session: slots in, bytes out; bytes in, ended slots out. Knows
 * no socket. A slot that has been submitted ends in exactly one on_end,
 * unless it is taken back with h2_cancel or h2_take.
 *
 * Requests are never parked inside nghttp2: the caller submits what
 * h2_room allows, and lets the frames out before it submits the next one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apns/push/slot.h"
#include "h2mem.h"

enum h2_end {
    H2_ANSWERED,    /* slot->status and the rest of the answer are there */
    H2_UNPROCESSED, /* the peer says that it has not looked at it */
    H2_RESET,       /* the stream died without an answer */
};

struct h2_goaway {
    int32_t last_stream_id;
    uint32_t code;
    const char *text; /* not NUL-terminated */
    size_t text_len;
};

/* Called from inside h2_receive and h2_output only. Submitting is not
 * allowed in them. */
struct h2_hooks {
    void (*on_settings)(void *arg); /* ask h2_streams_max */
    void (*on_goaway)(void *arg, const struct h2_goaway *goaway);
    void (*on_ping_ack)(void *arg);
    void (*on_end)(void *arg, struct slot *slot, enum h2_end end);
};

struct h2_config {
    const char *authority; /* stays the caller's, as topic does */
    const char *topic;
    uint32_t streams_max; /* beside the peer's own limit */
    struct h2mem *mem;
    struct slot_pool *slots; /* for bodies of answers */
};

struct h2;

/**
 * h2_new(config, hooks, arg):
 * A client's session with preface and SETTINGS ready for h2_output. NULL:
 * out of memory.
 */
struct h2 *h2_new(const struct h2_config *config, const struct h2_hooks *hooks,
                  void *arg);

/** h2_free(h2): slots that it still holds are forgotten; take them first. */
void h2_free(struct h2 *h2);

/** h2_streams_max(h2): requests at a time; 0 before the first SETTINGS. */
uint32_t h2_streams_max(const struct h2 *h2);

/** h2_in_flight(h2): slots that it holds. */
uint32_t h2_in_flight(const struct h2 *h2);

/** h2_room(h2): requests that may be submitted now. */
uint32_t h2_room(const struct h2 *h2);

/** h2_submit(h2, slot): false: this session takes no more requests, ever. */
bool h2_submit(struct h2 *h2, struct slot *slot);

/** h2_cancel(h2, slot): reset its stream and forget ${slot}. */
void h2_cancel(struct h2 *h2, struct slot *slot);

/** h2_take(h2): take out the slot that it has held longest; NULL: none. */
struct slot *h2_take(struct h2 *h2);

/**
 * h2_output(h2, buf, size, len):
 * Write what is to be sent, at most ${size} bytes; ${*len} == ${size} means
 * that there may be more. The first call that comes to the end of the push
 * submitted last stops there: the next push can follow. Who submits no more
 * calls once more, for all there is. False: the session is broken.
 */
bool h2_output(struct h2 *h2, uint8_t *buf, size_t size, size_t *len);

/**
 * h2_receive(h2, bytes, len, what):
 * False: the session is broken, and ${*what} says how.
 */
bool h2_receive(struct h2 *h2, const uint8_t *bytes, size_t len,
                const char **what);

/** h2_ping(h2): one PING; on_ping_ack answers. */
void h2_ping(struct h2 *h2);

/** h2_goodbye(h2): GOAWAY, NO_ERROR: we are about to close. */
void h2_goodbye(struct h2 *h2);

/** h2_is_over(h2): nothing more will be sent or received. */
bool h2_is_over(struct h2 *h2);

#endif /* APNS_H2_H */
