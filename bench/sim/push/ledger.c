/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "apns/base/hex.h"

#define FIRST_SLOTS 1024U /* power of two; doubled at 3/4 full */
#define ARENA_STEP  ((size_t)1 << 20)

/*
 * The ledger is far larger than any cache, and tokens come at random: looking
 * for each would wait for memory. So what is added waits in a queue, and all
 * of its slots are fetched at a time before it is counted.
 */
#define MAX_QUEUED 32U

/* What is known of a token. They lie in one arena, in order of first sight. */
struct entry {
    uint32_t accepted;
    uint32_t rejected;
    uint8_t reason;   /* number + 1 in reasons; 0: none */
    uint8_t last;     /* the token's length - 1 */
    uint8_t token[2]; /* and the rest of it */
};

#define TOKEN_AT offsetof(struct entry, token)

/* Where an entry is, and enough of its hash to pass by most others. */
struct slot {
    uint32_t hash;
    uint32_t place; /* in units of ALIGNMENT, + 1; 0: the slot is empty */
};

#define ALIGNMENT alignof(struct entry)

struct queued {
    uint32_t hash;
    bool is_accepted;
    uint8_t reason;
    uint16_t len;
    uint8_t token[LEDGER_MAX_TOKEN];
};

struct ledger {
    struct slot *slots;
    uint32_t n_slots;
    uint32_t n_entries;
    uint8_t *arena;
    size_t arena_len, arena_max;
    uint32_t n_queued;
    struct queued queue[MAX_QUEUED];
    char *reasons[LEDGER_MAX_REASONS];
    uint8_t n_reasons;
};

/*
 * Memory in whole pages that are there at once, since a new token that waits
 * for its page waits longer than for all the rest.
 */
static void *
take_pages(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

static void
give_pages(void *pages, size_t size)
{
    if (pages != NULL)
        munmap(pages, size);
}

struct ledger *
ledger_new(void)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger == NULL)
        goto fail0;
    ledger->n_slots = FIRST_SLOTS;
    ledger->slots = take_pages(FIRST_SLOTS * sizeof *ledger->slots);
    if (ledger->slots == NULL)
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
    give_pages(ledger->arena, ledger->arena_max);
    give_pages(ledger->slots, ledger->n_slots * sizeof *ledger->slots);
    free(ledger);
}

void
ledger_forget(struct ledger *ledger)
{
    memset(ledger->slots, 0, ledger->n_slots * sizeof *ledger->slots);
    ledger->n_entries = 0;
    ledger->arena_len = 0;
    ledger->n_queued = 0;
}

/* Tokens are random already, tests' tokens are not. */
static uint32_t
hash_token(const uint8_t *token, size_t len)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = len * odd, some;

    for (; len >= sizeof some; len -= sizeof some, token += sizeof some) {
        memcpy(&some, token, sizeof some);
        hash = (hash ^ some) * odd;
        hash ^= hash >> 32;
    }
    some = 0;
    memcpy(&some, token, len);
    hash = (hash ^ some) * odd;
    return (uint32_t)(hash >> 32);
}

static struct entry *
entry_at(const struct ledger *ledger, size_t at)
{
    return (struct entry *)(void *)(ledger->arena + at);
}

/* Bytes in the arena, of an entry with a token of that length. */
static size_t
room_of(size_t len)
{
    return (TOKEN_AT + len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* The slot that holds the token, or the empty one where it belongs. */
static struct slot *
find_slot(const struct ledger *ledger, uint32_t hash, const uint8_t *token,
          size_t len)
{
    uint32_t mask = ledger->n_slots - 1;

    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct slot *slot = &ledger->slots[i];
        const struct entry *entry;

        if (slot->place == 0)
            return slot;
        if (slot->hash != hash)
            continue;
        entry = entry_at(ledger, (slot->place - 1) * ALIGNMENT);
        if (entry->last == len - 1 && memcmp(entry->token, token, len) == 0)
            return slot;
    }
}

/* Old slots are read in order, and so the new ones are written: in order too,
 * in two places. */
static bool
grow_slots(struct ledger *ledger)
{
    uint32_t n = ledger->n_slots * 2, mask = n - 1;
    struct slot *slots = take_pages(n * sizeof *slots);

    if (slots == NULL)
        return false;
    for (uint32_t i = 0; i < ledger->n_slots; i++) {
        uint32_t to = ledger->slots[i].hash & mask;

        if (ledger->slots[i].place == 0)
            continue;
        while (slots[to].place != 0)
            to = (to + 1) & mask;
        slots[to] = ledger->slots[i];
    }
    give_pages(ledger->slots, ledger->n_slots * sizeof *slots);
    ledger->slots = slots;
    ledger->n_slots = n;
    return true;
}

static bool
grow_arena(struct ledger *ledger)
{
    size_t max = ledger->arena_max + ARENA_STEP;
    void *arena =
        ledger->arena == NULL
            ? take_pages(max)
            : mremap(ledger->arena, ledger->arena_max, max, MREMAP_MAYMOVE);

    if (arena == NULL || arena == MAP_FAILED)
        return false;
    ledger->arena = arena;
#ifdef MADV_POPULATE_WRITE
    /* Where the kernel does not know it, pages come one by one. */
    madvise(ledger->arena + ledger->arena_max, ARENA_STEP, MADV_POPULATE_WRITE);
#endif
    ledger->arena_max = max;
    return true;
}

/* Make room for all that the queue can hold, if it is all new. */
static bool
make_room(struct ledger *ledger)
{
    if (ledger->arena_len + MAX_QUEUED * room_of(LEDGER_MAX_TOKEN) >
            ledger->arena_max &&
        !grow_arena(ledger))
        return false;
    return ledger->n_entries + MAX_QUEUED <= ledger->n_slots / 4 * 3 ||
           grow_slots(ledger);
}

static struct entry *
find_or_add(struct ledger *ledger, const struct queued *queued)
{
    struct slot *slot =
        find_slot(ledger, queued->hash, queued->token, queued->len);
    size_t at = ledger->arena_len;
    struct entry *entry;

    if (slot->place != 0)
        return entry_at(ledger, (slot->place - 1) * ALIGNMENT);
    entry = entry_at(ledger, at);
    *entry = (struct entry){.last = (uint8_t)(queued->len - 1)};
    memcpy(ledger->arena + at + TOKEN_AT, queued->token, queued->len);
    ledger->arena_len += room_of(queued->len);
    ledger->n_entries++;
    *slot = (struct slot){.hash = queued->hash,
                          .place = (uint32_t)(at / ALIGNMENT) + 1};
    return entry;
}

static void
count(struct ledger *ledger, const struct queued *queued)
{
    struct entry *entry = find_or_add(ledger, queued);

    if (queued->is_accepted) {
        entry->accepted++;
    } else {
        entry->rejected++;
        entry->reason = queued->reason;
    }
}

static void
count_all(struct ledger *ledger)
{
    uint32_t mask = ledger->n_slots - 1;

    for (uint32_t i = 0; i < ledger->n_queued; i++)
        __builtin_prefetch(&ledger->slots[ledger->queue[i].hash & mask], 1);
    for (uint32_t i = 0; i < ledger->n_queued; i++)
        count(ledger, &ledger->queue[i]);
    ledger->n_queued = 0;
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
    struct queued *queued;

    if (ledger->n_queued == MAX_QUEUED)
        count_all(ledger);
    if (ledger->n_queued == 0 && !make_room(ledger))
        return false;
    queued = &ledger->queue[ledger->n_queued++];
    queued->hash = hash_token(token, len);
    queued->is_accepted = reason == NULL;
    queued->reason = reason == NULL ? 0 : intern_reason(ledger, reason);
    queued->len = (uint16_t)len;
    memcpy(queued->token, token, len);
    return true;
}

struct ledger_entry
ledger_get(struct ledger *ledger, const uint8_t *token, size_t len)
{
    const struct slot *slot;
    const struct entry *entry;

    count_all(ledger);
    slot = find_slot(ledger, hash_token(token, len), token, len);
    if (slot->place == 0)
        return (struct ledger_entry){.last_reason = ""};
    entry = entry_at(ledger, (slot->place - 1) * ALIGNMENT);
    return (struct ledger_entry){
        .accepted = entry->accepted,
        .rejected = entry->rejected,
        .last_reason =
            entry->reason == 0 ? "" : ledger->reasons[entry->reason - 1],
    };
}

struct ledger_totals
ledger_totals_get(struct ledger *ledger)
{
    struct ledger_totals totals = {.tokens = 0};
    const struct entry *entry;

    count_all(ledger);
    for (size_t at = 0; at < ledger->arena_len;
         at += room_of(entry->last + 1)) {
        entry = entry_at(ledger, at);
        totals.tokens++;
        if (entry->accepted == 0)
            totals.accepted_none++;
        else if (entry->accepted == 1)
            totals.accepted_once++;
        else
            totals.accepted_more++;
    }
    return totals;
}

bool
ledger_write(struct ledger *ledger, FILE *file)
{
    const struct entry *entry;
    char hex[2 * LEDGER_MAX_TOKEN + 1];

    count_all(ledger);
    for (size_t at = 0; at < ledger->arena_len;
         at += room_of(entry->last + 1)) {
        entry = entry_at(ledger, at);
        hex_write(ledger->arena + at + TOKEN_AT, entry->last + 1U, hex);
        fprintf(file, "%s %u %u\n", hex, entry->accepted, entry->rejected);
    }
    return fflush(file) == 0 && ferror(file) == 0;
}
