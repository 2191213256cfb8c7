/* SPDX-License-Identifier: MIT */
#ifndef APNS_SUSPECTS_H
#define APNS_SUSPECTS_H

/*
 * Tokens that may be what kills connections: each was in flight when one was
 * lost, and again when that had been made good. The next push of a suspect
 * goes alone, so that it harms no other; an answer acquits it.
 *
 * A set of hashes of a fixed size. One too many displaces another, which is
 * then sent beside others again.
 */

#include <stdbool.h>
#include <stdint.h>

#include "slot.h"

#define SUSPECTS_SETS 1024 /* a power of two */
#define SUSPECTS_WAYS 4    /* suspects in a set */

struct suspects {
    uint32_t n;
    uint64_t hashes[SUSPECTS_SETS][SUSPECTS_WAYS]; /* 0: a free place */
};

/** suspects_add(suspects, slot): its token is one from now on. */
void suspects_add(struct suspects *suspects, const struct slot *slot);

/** suspects_has(suspects, slot): is its token one? */
bool suspects_has(const struct suspects *suspects, const struct slot *slot);

/** suspects_remove(suspects, slot): its token is none. */
void suspects_remove(struct suspects *suspects, const struct slot *slot);

#endif /* APNS_SUSPECTS_H */
