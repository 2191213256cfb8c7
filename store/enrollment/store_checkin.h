/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_CHECKIN_H
#define STORE_STORE_CHECKIN_H

/*
 * What devices tell their MDM server, as it changes enrollments and their
 * wakes. Part of store.h, which includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/enrollment/store_enrollment.h"
#include "store/store_base.h"

/* What a device told its MDM server. */
enum store_checkin_type {
    STORE_CHECKIN_AUTHENTICATE, /* disables it and its users until the next
                                   TokenUpdate; tally 0; drops their wakes */
    STORE_CHECKIN_TOKEN_UPDATE, /* upserts and revives; tally + 1; due wakes
                                   of a dead or suspect one become due now */
    STORE_CHECKIN_CHECK_OUT,    /* disables it (a device: and its users) */
    STORE_CHECKIN_SEEN,         /* anything else; unknown ids are no error */
};

/*
 * Check-ins may come late, twice and in the wrong order. One that is older
 * than what is stored changes nothing but seen_at, and equal times are
 * applied, with two exceptions. An Authenticate that is stamped before, or up
 * to a minute after, the stored TokenUpdate, or comes up to a minute after it,
 * disables nothing: it gives its serial number, ends the user channels that
 * are older than itself, and the tally begins there. And a TokenUpdate is not
 * too old for an Authenticate that is stamped up to a minute after it.
 *
 * One that is replayed was read from a server's storage, and when the device
 * sent it is not known: its token is stored without a time and is not a
 * sighting; an Authenticate gives its serial number; a token that is stored
 * already, or that came from the device within the last minute, changes
 * nothing.
 */
struct store_checkin {
    enum store_checkin_type type;
    int64_t at_ms;    /* when the device sent it; 0: now */
    bool is_replayed; /* at_ms means nothing then */
    uint32_t tally;   /* TokenUpdate: as the MDM server counts; 0: not told */
    const char *id;
    enum store_kind kind;
    const char *parent;   /* "" for device channels */
    const char *serial;   /* "" keeps what is stored */
    const char *topic;    /* TokenUpdate, Authenticate */
    const uint8_t *token; /* TokenUpdate */
    size_t token_len;
    const char *magic; /* TokenUpdate */
};

struct store_checkin_answer {
    bool is_known;   /* the enrollment existed before */
    bool is_applied; /* false: older than what is stored, or unknown */
    uint32_t tally;  /* after it */
    bool is_changed; /* TokenUpdate: topic, token or magic differ */
};

typedef void store_checkin_fn(void *arg, enum store_err err,
                              const struct store_checkin_answer *answer);

/**
 * store_checkin(store, checkin, done, arg):
 * Write what the device said, by the rules above. Prompt.
 *
 *   shape    id and kind always; topic, token (1..STORE_MAX_TOKEN bytes) and
 *            magic of a TokenUpdate are not empty
 *   answer   ${answer}; is_known false: a CheckOut or sighting of an unknown
 *            id, nothing was written
 */
STORE_MUST_USE enum store_err store_checkin(struct store *store,
                                            const struct store_checkin *checkin,
                                            store_checkin_fn *done, void *arg);

#endif /* STORE_STORE_CHECKIN_H */
