/* SPDX-License-Identifier: MIT */
#include "claim.h"

#include <stdlib.h>

#include "store/core.h"

#define SLOTS_MIN ((size_t)1024)

/* Neighbours come one after the other: four of them share a cache line. */
static size_t
home(const struct claims *claims, int64_t row)
{
    uint64_t hash = ((uint64_t)row >> 2) * 0x9e3779b97f4a7c15U;

    return (size_t)(hash >> 32 << 2 | ((uint64_t)row & 3)) &
           (claims->n_slots - 1);
}

static size_t
find(const struct claims *claims, int64_t row)
{
    size_t at = home(claims, row);

    while (claims->slots[at].row != 0 && claims->slots[at].row != row)
        at = (at + 1) & (claims->n_slots - 1);
    return at;
}

void
claim_fini(struct claims *claims)
{
    free(claims->slots);
    free(claims->changes);
    *claims = (struct claims){0};
}

const struct claim *
claim_get(const struct claims *claims, int64_t row)
{
    const struct claim *claim;

    if (claims->n == 0)
        return NULL;
    claim = &claims->slots[find(claims, row)];
    return claim->row == row ? claim : NULL;
}

static enum store_err
grow(struct claims *claims)
{
    struct claims larger = *claims;

    larger.n_slots = claims->n_slots == 0 ? SLOTS_MIN : claims->n_slots * 2;
    larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
    if (larger.slots == NULL)
        return STORE_ENOMEM;
    for (size_t i = 0; i < claims->n_slots; i++) {
        if (claims->slots[i].row != 0)
            larger.slots[find(&larger, claims->slots[i].row)] =
                claims->slots[i];
    }
    free(claims->slots);
    *claims = larger;
    return STORE_OK;
}

/* Room first, so that a change once made can always be undone. */
static enum store_err
note_change(struct claims *claims, const struct claim *slot, int64_t row)
{
    size_t room = claims->changes_room == 0 ? 256 : claims->changes_room * 2;
    struct claim_change *changes;

    if (claims->n_changes == claims->changes_room) {
        changes = realloc(claims->changes, room * sizeof *changes);
        if (changes == NULL)
            return STORE_ENOMEM;
        claims->changes = changes;
        claims->changes_room = room;
    }
    claims->changes[claims->n_changes++] = (struct claim_change){
        .was_claimed = slot->row != 0,
        .before = slot->row != 0 ? *slot : (struct claim){.row = row},
    };
    return STORE_OK;
}

static void
set(struct claims *claims, size_t at, const struct claim *claim)
{
    if (claims->slots[at].row == 0)
        claims->n++;
    claims->slots[at] = *claim;
}

/* Close the gap, so that no search ends too early. */
static void
unset(struct claims *claims, size_t gap)
{
    size_t mask = claims->n_slots - 1;

    if (claims->slots[gap].row == 0)
        return;
    for (size_t at = (gap + 1) & mask; claims->slots[at].row != 0;
         at = (at + 1) & mask) {
        size_t from = home(claims, claims->slots[at].row);

        if (((at - from) & mask) >= ((at - gap) & mask)) {
            claims->slots[gap] = claims->slots[at];
            gap = at;
        }
    }
    claims->slots[gap] = (struct claim){0};
    claims->n--;
}

enum store_err
claim_put(struct claims *claims, const struct claim *claim)
{
    enum store_err err;
    size_t at;

    must(claim->row > 0);
    if (claims->n * 2 >= claims->n_slots && (err = grow(claims)) != STORE_OK)
        return err;
    at = find(claims, claim->row);
    if ((err = note_change(claims, &claims->slots[at], claim->row)) != STORE_OK)
        return err;
    set(claims, at, claim);
    return STORE_OK;
}

static enum store_err
end_at(struct claims *claims, size_t at)
{
    enum store_err err =
        note_change(claims, &claims->slots[at], claims->slots[at].row);

    if (err == STORE_OK)
        unset(claims, at);
    return err;
}

enum store_err
claim_end(struct claims *claims, int64_t row)
{
    const struct claim *claim = claim_get(claims, row);

    if (claim == NULL)
        return STORE_OK;
    return end_at(claims, (size_t)(claim - claims->slots));
}

/* What follows a slot that is emptied may move into it: look at it again. */
enum store_err
claim_end_wave(struct claims *claims, int64_t wave)
{
    enum store_err err = STORE_OK;
    size_t at = 0;

    while (at < claims->n_slots && err == STORE_OK) {
        const struct claim *claim = &claims->slots[at];

        if (claim->row != 0 && claim->wave == wave)
            err = end_at(claims, at);
        else
            at++;
    }
    return err;
}

void
claim_begin(struct claims *claims)
{
    claims->n_changes = 0;
}

void
claim_undo_one(struct claims *claims)
{
    const struct claim_change *change = &claims->changes[--claims->n_changes];

    size_t at = find(claims, change->before.row);

    if (change->was_claimed)
        set(claims, at, &change->before);
    else
        unset(claims, at);
}

void
claim_undo(struct claims *claims)
{
    while (claims->n_changes > 0)
        claim_undo_one(claims);
}
