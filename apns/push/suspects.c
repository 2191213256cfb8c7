/* SPDX-License-Identifier: MIT */
#include "suspects.h"

#include <stddef.h>
#include <string.h>

#define PREFIX_LEN (sizeof SLOT_PATH_PREFIX - 1)

/* Of the token's hex digits, eight at a time; never 0. */
static uint64_t
hash_token(const struct slot *slot)
{
    const char *at = slot->text + PREFIX_LEN;
    size_t left = slot->path_len - PREFIX_LEN;
    uint64_t hash = left;

    while (left > 0) {
        size_t n = left < sizeof hash ? left : sizeof hash;
        uint64_t word = 0;

        memcpy(&word, at, n);
        /* SplitMix64's steps: each bit of a word reaches all of the hash. */
        hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        hash = (hash ^ (hash >> 32)) * UINT64_C(0x94d049bb133111eb);
        hash ^= hash >> 31;
        at += n;
        left -= n;
    }
    return hash | 1;
}

static size_t
set_of(uint64_t hash)
{
    return (hash >> 32) & (SUSPECTS_SETS - 1);
}

/* Its place; NULL: it has none. A hash of 0 finds a free one. */
static uint64_t *
find(struct suspects *suspects, size_t set, uint64_t hash)
{
    for (size_t i = 0; i < SUSPECTS_WAYS; i++)
        if (suspects->hashes[set][i] == hash)
            return &suspects->hashes[set][i];
    return NULL;
}

void
suspects_add(struct suspects *suspects, const struct slot *slot)
{
    uint64_t hash = hash_token(slot);
    size_t set = set_of(hash);
    uint64_t *place = find(suspects, set, hash);

    if (place != NULL)
        return;
    if ((place = find(suspects, set, 0)) != NULL)
        suspects->n++;
    else
        place = &suspects->hashes[set][(hash >> 1) % SUSPECTS_WAYS];
    *place = hash;
}

bool
suspects_has(const struct suspects *suspects, const struct slot *slot)
{
    uint64_t hash = hash_token(slot);
    const uint64_t *set = suspects->hashes[set_of(hash)];

    for (size_t i = 0; i < SUSPECTS_WAYS; i++)
        if (set[i] == hash)
            return true;
    return false;
}

void
suspects_remove(struct suspects *suspects, const struct slot *slot)
{
    uint64_t hash = hash_token(slot);
    uint64_t *place = find(suspects, set_of(hash), hash);

    if (place == NULL)
        return;
    *place = 0;
    suspects->n--;
}
