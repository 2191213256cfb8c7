/* SPDX-License-Identifier: MIT */
#ifndef APNS_H2ARRIVAL_H
#define APNS_H2ARRIVAL_H

/*
 * The half of a session that hears what arrives: answers, SETTINGS, GOAWAY,
 * acknowledged PINGs and ends of streams. The other half, in h2.c, is what
 * is sent. Both work on the one struct h2, which nobody else sees.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h2.h"
#include "h2ring.h"
#include "h2version.h"

/*
 * What is sent with each push. All but :path and apns-expiration are the
 * same for every push of a connection, and apns-expiration is for a minute,
 * so HPACK makes one byte of each. :path it never indexes.
 */
enum {
    HEADER_METHOD,
    HEADER_SCHEME,
    HEADER_AUTHORITY,
    HEADER_PATH,
    HEADER_TOPIC,
    HEADER_PUSH_TYPE,
    HEADER_PRIORITY,
    HEADER_EXPIRATION,
    N_HEADERS,
};

struct h2 {
    nghttp2_session *session;
    const struct h2_hooks *hooks;
    void *arg;
    struct slot_pool *slots;
    struct h2ring in_flight;
    uint32_t streams_limit; /* ours */
    uint32_t streams_max;   /* ours and the peer's; 0 before SETTINGS */
    bool is_inside;         /* inside nghttp2: it must not be entered again */
    const uint8_t *frame;   /* of a frame: what has not been output yet */
    size_t frame_len;
    int32_t newest_id; /* stream submitted last; 0: its end has been output */
    int64_t expires_unix; /* what the template's apns-expiration says */
    char expires_text[24];
    nghttp2_nv headers[N_HEADERS];
};

/* What has lost its place in the ring is found the slow way. */
static inline struct slot *
h2arrival_find_slot(struct h2 *h2, int32_t stream_id)
{
    struct slot *slot = h2ring_peek(&h2->in_flight, stream_id);

    if (slot != NULL && slot->stream_id == stream_id)
        return slot;
    return nghttp2_session_get_stream_user_data(h2->session, stream_id);
}

/** h2arrival_hear(callbacks): of a session whose user data is a struct h2. */
void h2arrival_hear(nghttp2_session_callbacks *callbacks);

#endif /* APNS_H2ARRIVAL_H */
