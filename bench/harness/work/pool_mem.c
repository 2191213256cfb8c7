/* SPDX-License-Identifier: MIT */
#include "pool_mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP        ((size_t)16) /* sizes are rounded up to this */
#define N_CLASSES   64U          /* up to 1 KiB; larger ones go to malloc */
#define SLAB        ((size_t)64 * 1024) /* taken from malloc at a time */
#define CLASS_LARGE N_CLASSES

/* Before every block; as long as malloc's alignment. */
union header {
    struct {
        uint32_t class_;
        size_t size; /* of the usable bytes */
    } is;
    union header *next_free; /* while in a free list */
    char aligned[STEP];
};

struct slab {
    struct slab *next;
    char pad[STEP - sizeof(struct slab *)];
};

struct pool_mem {
    nghttp2_mem mem;
    union header *free_list[N_CLASSES];
    struct slab *slabs;
    char *room; /* of the newest slab */
    size_t room_len;
};

static union header *
carve(struct pool_mem *pool, size_t size)
{
    size_t whole = size + sizeof(union header);
    union header *block;

    if (pool->room_len < whole) {
        struct slab *slab = malloc(sizeof *slab + SLAB);

        if (slab == NULL)
            return NULL;
        slab->next = pool->slabs;
        pool->slabs = slab;
        pool->room = (char *)(slab + 1);
        pool->room_len = SLAB;
    }
    block = (union header *)(void *)pool->room;
    pool->room += whole;
    pool->room_len -= whole;
    return block;
}

static void *
take(size_t size, void *arg)
{
    struct pool_mem *pool = arg;
    uint32_t class_ = size == 0 ? 0 : (uint32_t)((size - 1) / STEP);
    union header *block;

    if (size > N_CLASSES * STEP) {
        class_ = CLASS_LARGE;
        block = malloc(sizeof *block + size);
    } else {
        size = (class_ + 1) * STEP;
        if ((block = pool->free_list[class_]) != NULL)
            pool->free_list[class_] = block->next_free;
        else
            block = carve(pool, size);
    }
    if (block == NULL)
        return NULL;
    block->is.class_ = class_;
    block->is.size = size;
    return block + 1;
}

static void
give_back(void *ptr, void *arg)
{
    struct pool_mem *pool = arg;
    union header *block;
    uint32_t class_;

    if (ptr == NULL)
        return;
    block = (union header *)ptr - 1;
    class_ = block->is.class_;
    if (class_ == CLASS_LARGE) {
        free(block);
        return;
    }
    block->next_free = pool->free_list[class_];
    pool->free_list[class_] = block;
}

static void *
take_zeroed(size_t n, size_t size, void *arg)
{
    void *ptr;

    if (size != 0 && n > SIZE_MAX / 2 / size)
        return NULL;
    if ((ptr = take(n * size, arg)) != NULL)
        memset(ptr, 0, n * size);
    return ptr;
}

static void *
resize(void *ptr, size_t size, void *arg)
{
    const union header *block;
    void *moved;

    if (ptr == NULL)
        return take(size, arg);
    block = (const union header *)ptr - 1;
    if (size <= block->is.size)
        return ptr;
    if ((moved = take(size, arg)) == NULL)
        return NULL;
    memcpy(moved, ptr, block->is.size);
    give_back(ptr, arg);
    return moved;
}

struct pool_mem *
pool_mem_new(void)
{
    struct pool_mem *pool = calloc(1, sizeof *pool);

    if (pool == NULL)
        return NULL;
    pool->mem = (nghttp2_mem){
        .mem_user_data = pool,
        .malloc = take,
        .free = give_back,
        .calloc = take_zeroed,
        .realloc = resize,
    };
    return pool;
}

void
pool_mem_free(struct pool_mem *pool)
{
    struct slab *slab;

    if (pool == NULL)
        return;
    while ((slab = pool->slabs) != NULL) {
        pool->slabs = slab->next;
        free(slab);
    }
    free(pool);
}

nghttp2_mem *
pool_mem_get(struct pool_mem *pool)
{
    return &pool->mem;
}
