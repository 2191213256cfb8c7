/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024U /* power of two; doubled at 3/4 full */

/*
 * Entries lie in order of first sight, tokens in one arena beside them; the
 * table holds entry numbers + 1, so that zero is an empty place.
 */
struct entry {
    uint64_t token_at; /* in the arena: a byte of length - 1, the bytes */
    uint32_t hash;
    uint32_t accepted;
    uint32_t rejected;
    uint8_t reason; /* number + 1 in reasons; 0: none */
};

struct ledger {
    uint32_t *slots;
    uint32_t n_slots;
    struct entry *entries;
    uint32_t n_entries, max_entries;
    uint8_t *arena;
    size_t arena_len, arena_max;
    char *reasons[LEDGER_MAX_REASONS];
    uint8_t n_reasons;
};

struct ledger *
ledger_new(void)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger == NULL)
        goto fail0;
    ledger->n_slots = FIRST_SLOTS;
    if ((ledger->slots = calloc(FIRST_SLOTS, sizeof *ledger->slots)) == NULL)
        goto fail1;
    return ledger;

fail1:
    free(ledger);
fail0:
    return NULL;
}

void
ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (uint8_t i = 0; i < ledger->n_reasons; i++)
        free(ledger->reasons[i]);
    free(ledger->arena);
    free(ledger->entries);
    free(ledger->slots);
    free(ledger);
}

void
ledger_forget(struct ledger *ledger)
{
    memset(ledger->slots, 0, ledger->n_slots * sizeof *ledger->slots);
    ledger->n_entries = 0;
    ledger->arena_len = 0;
}

/* FNV-1a, folded: tokens are random already, tests' tokens are not. */
static uint32_t
hash_token(const uint8_t *token, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ token[i]) * UINT64_C(0x100000001b3);
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The slot that holds the token, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct ledger *ledger, uint32_t hash, const uint8_t *token,
          size_t len)
{
    uint32_t mask = ledger->n_slots - 1;

    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t number = ledger->slots[i];
        const struct entry *entry;
        const uint8_t *stored;

        if (number == 0)
            return &ledger->slots[i];
        entry = &ledger->entries[number - 1];
        stored = ledger->arena + entry->token_at;
        if (entry->hash == hash && stored[0] == len - 1 &&
            memcmp(stored + 1, token, len) == 0)
            return &ledger->slots[i];
    }
}

static bool
grow_slots(struct ledger *ledger)
{
    uint32_t n = ledger->n_slots * 2, mask = n - 1;
    uint32_t *slots = calloc(n, sizeof *slots);

    if (slots == NULL)
        return false;
    for (uint32_t number = 1; number <= ledger->n_entries; number++) {
        uint32_t i = ledger->entries[number - 1].hash & mask;

        while (slots[i] != 0)
            i = (i + 1) & mask;
        slots[i] = number;
    }
    free(ledger->slots);
    ledger->slots = slots;
    ledger->n_slots = n;
    return true;
}

/* Make room for one more token of ${len} bytes in all three arrays. */
static bool
make_room(struct ledger *ledger, size_t len)
{
    if (ledger->arena_len + len + 1 > ledger->arena_max) {
        size_t max = ledger->arena_max * 2 + 65536;
        uint8_t *arena = realloc(ledger->arena, max);

        if (arena == NULL)
            return false;
        ledger->arena = arena;
        ledger->arena_max = max;
    }
    if (ledger->n_entries == ledger->max_entries) {
        uint32_t max = ledger->max_entries * 2 + 1024;
        struct entry *entries = realloc(ledger->entries, max * sizeof *entries);

        if (entries == NULL)
            return false;
        ledger->entries = entries;
        ledger->max_entries = max;
    }
    if (ledger->n_entries >= ledger->n_slots / 4 * 3)
        return grow_slots(ledger);
    return true;
}

static struct entry *
find_or_add(struct ledger *ledger, const uint8_t *token, size_t len)
{
    uint32_t hash = hash_token(token, len);
    uint32_t *slot = find_slot(ledger, hash, token, len);
    struct entry *entry;

    if (*slot != 0)
        return &ledger->entries[*slot - 1];
    if (!make_room(ledger, len))
        return NULL;
    slot = find_slot(ledger, hash, token, len);
    entry = &ledger->entries[ledger->n_entries];
    *entry = (struct entry){.token_at = ledger->arena_len, .hash = hash};
    ledger->arena[ledger->arena_len++] = (uint8_t)(len - 1);
    memcpy(ledger->arena + ledger->arena_len, token, len);
    ledger->arena_len += len;
    *slot = ++ledger->n_entries;
    return entry;
}

/* The reason's number + 1; 0 when there are too many to remember. */
static uint8_t
intern_reason(struct ledger *ledger, const char *reason)
{
    uint8_t i;

    for (i = 0; i < ledger->n_reasons; i++)
        if (strcmp(ledger->reasons[i], reason) == 0)
            return (uint8_t)(i + 1);
    if (i == LEDGER_MAX_REASONS ||
        (ledger->reasons[i] = strdup(reason)) == NULL)
        return 0;
    return ++ledger->n_reasons;
}

bool
ledger_add(struct ledger *ledger, const uint8_t *token, size_t len,
           const char *reason)
{
    struct entry *entry = find_or_add(ledger, token, len);

    if (entry == NULL)
        return false;
    if (reason == NULL) {
        entry->accepted++;
    } else {
        entry->rejected++;
        entry->reason = intern_reason(ledger, reason);
    }
    return true;
}

struct ledger_entry
ledger_get(const struct ledger *ledger, const uint8_t *token, size_t len)
{
    uint32_t *slot = find_slot(ledger, hash_token(token, len), token, len);
    const struct entry *entry;

    if (*slot == 0)
        return (struct ledger_entry){.last_reason = ""};
    entry = &ledger->entries[*slot - 1];
    return (struct ledger_entry){
        .accepted = entry->accepted,
        .rejected = entry->rejected,
        .last_reason =
            entry->reason == 0 ? "" : ledger->reasons[entry->reason - 1],
    };
}

struct ledger_totals
ledger_totals_get(const struct ledger *ledger)
{
    struct ledger_totals totals = {.tokens = ledger->n_entries};

    for (uint32_t i = 0; i < ledger->n_entries; i++) {
        if (ledger->entries[i].accepted == 0)
            totals.accepted_none++;
        else if (ledger->entries[i].accepted == 1)
            totals.accepted_once++;
        else
            totals.accepted_more++;
    }
    return totals;
}

bool
ledger_write(const struct ledger *ledger, FILE *file)
{
    for (uint32_t i = 0; i < ledger->n_entries; i++) {
        const struct entry *entry = &ledger->entries[i];
        const uint8_t *stored = ledger->arena + entry->token_at;

        for (size_t j = 0; j <= stored[0]; j++)
            fprintf(file, "%02x", stored[1 + j]);
        fprintf(file, " %u %u\n", entry->accepted, entry->rejected);
    }
    return fflush(file) == 0 && ferror(file) == 0;
}
