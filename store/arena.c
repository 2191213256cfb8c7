/* SPDX-License-Identifier: MIT */
#include "store/arena.h"

#include <openssl/crypto.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS 4 /* of a list that grows */
#define CHUNK_MIN   ((size_t)512)
#define CHUNK_MAX   ((size_t)256 * 1024) /* unless one piece is larger */

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_chunk *
add_chunk(struct arena *arena, size_t len)
{
    size_t size = CHUNK_MIN;

    if (arena->chunks != NULL)
        size = arena->chunks->size * 2;
    if (size > CHUNK_MAX)
        size = CHUNK_MAX;
    if (size < len)
        size = len;
    struct arena_chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = size;
    chunk->used = 0;
    arena->chunks = chunk;
    return chunk;
}

static unsigned char *
take(struct arena *arena, size_t len, size_t align)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t at = 0;

    if (len > SIZE_MAX / 4)
        goto fail;
    if (chunk != NULL)
        at = (chunk->used + align - 1) & ~(align - 1);
    if (chunk == NULL || at > chunk->size || chunk->size - at < len) {
        if ((chunk = add_chunk(arena, len)) == NULL)
            goto fail;
        at = 0;
    }
    chunk->used = at + len;
    return chunk->bytes + at;

fail:
    arena->is_failed = true;
    return NULL;
}

void *
arena_take(struct arena *arena, size_t len)
{
    unsigned char *bytes = take(arena, len, alignof(max_align_t));

    if (bytes != NULL)
        memset(bytes, 0, len);
    return bytes;
}

void *
arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    unsigned char *copy = take(arena, len, 1);

    if (copy != NULL && len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *
arena_text(struct arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    return arena_copy(arena, text, strlen(text) + 1);
}

void *
arena_more(struct arena *arena, void *items, size_t n, size_t *room,
           size_t size)
{
    size_t more = *room == 0 ? FIRST_ITEMS : *room * 2;
    void *copy;

    if (n < *room)
        return items;
    if ((copy = arena_take(arena, more * size)) == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, items, n * size);
    *room = more;
    return copy;
}

void
arena_fini(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunks;
    bool is_secret = arena->is_secret;

    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;

        if (is_secret)
            OPENSSL_cleanse(chunk->bytes, chunk->size);
        free(chunk);
        chunk = next;
    }
}
