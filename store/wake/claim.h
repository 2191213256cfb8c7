/* SPDX-License-Identifier: MIT */
#ifndef STORE_CLAIM_H
#define STORE_CLAIM_H

/*
 * Which enrollments have a push in flight, from being handed out until the
 * settle: at most one each. A claim ends with the process, so it is kept in
 * memory alone: claiming costs no disk write. Changes made during a
 * transaction can be undone with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct claim {
    int64_t row;  /* 0: an empty slot */
    int64_t wave; /* handed out in a page of it; 0: as a single wake */
};

/* What a slot held before a change. */
struct claim_change {
    struct claim before;
    bool was_claimed;
};

struct claims {
    struct claim *slots; /* open addressing, a power of two of them */
    size_t n_slots;
    size_t n;
    struct claim_change *changes; /* since claim_begin */
    size_t n_changes;
    size_t changes_room;
};

void claim_fini(struct claims *claims);

/** claim_get(claims, row): valid until the next change; NULL: unclaimed. */
const struct claim *claim_get(const struct claims *claims, int64_t row);

/** claim_put(claims, claim): STORE_ENOMEM leaves all as it was. */
enum store_err claim_put(struct claims *claims, const struct claim *claim);

/** claim_end(claims, row): as if never claimed; unclaimed ones are fine. */
enum store_err claim_end(struct claims *claims, int64_t row);

/** claim_end_wave(claims, wave): all that its pages handed out. */
enum store_err claim_end_wave(struct claims *claims, int64_t wave);

/** claim_begin(claims): from here on changes can be undone. */
void claim_begin(struct claims *claims);

/** claim_undo_one(claims): take the last change back; there is one. */
void claim_undo_one(struct claims *claims);

/** claim_undo(claims): back to claim_begin. */
void claim_undo(struct claims *claims);

#endif /* STORE_CLAIM_H */
