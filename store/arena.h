/* SPDX-License-Identifier: MIT */
#ifndef STORE_ARENA_H
#define STORE_ARENA_H

/*
 * Memory that is taken piece by piece and given back at once: the inputs and
 * answers of a request, the pushes of a batch. The first failure sticks, so
 * that callers look once at the end.
 */

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    bool is_failed;             /* memory ran out once */
    bool is_secret;             /* cleanse before giving back */
};

/**
 * arena_take(arena, len):
 * ${len} zeroed bytes aligned for any object, or NULL.
 */
void *arena_take(struct arena *arena, size_t len);

/** arena_copy(arena, bytes, len): a copy without alignment, or NULL. */
void *arena_copy(struct arena *arena, const void *bytes, size_t len);

/** arena_text(arena, text): a copy of ${text}; NULL stays NULL. */
char *arena_text(struct arena *arena, const char *text);

/**
 * arena_more(arena, items, n, room, size):
 * Room for one more behind ${n} items of ${size} bytes: ${items} themselves,
 * or a copy of them that has twice the room when ${*room} is used up. NULL:
 * there is no memory, and ${items} stay.
 */
void *arena_more(struct arena *arena, void *items, size_t n, size_t *room,
                 size_t size);

/** arena_fini(arena): give everything back; the arena may live in itself. */
void arena_fini(struct arena *arena);

#endif /* STORE_ARENA_H */
