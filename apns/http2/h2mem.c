/* SPDX-License-Identifier: MIT */
#include "h2mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "apns/base/must.h"

/* Out of the way of the lists, which each push goes through. */
#define SELDOM __attribute__((cold, noinline))

/* In front of each block; as long as the strictest alignment asks for. */
struct h2mem_block {
    _Alignas(max_align_t) struct h2mem_block *next; /* in a free list */
    size_t size; /* usable bytes behind this header */
};

/* The class of blocks of ${size} usable bytes, H2MEM_CLASSES if not pooled. */
static size_t
class_of(size_t size)
{
    size_t class_ = size == 0 ? 0 : (size - 1) / H2MEM_STEP;

    return class_ < H2MEM_CLASSES ? class_ : H2MEM_CLASSES;
}

/* All zero. */
static struct h2mem_block *
map_pages(size_t size)
{
    struct h2mem_block *block =
        mmap(NULL, sizeof *block + size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED)
        return NULL;
#ifdef MADV_NOHUGEPAGE
    /* Many of them lie side by side; as one huge page they would all count. */
    (void)madvise(block, sizeof *block + size, MADV_NOHUGEPAGE);
#endif
    return block;
}

static SELDOM struct h2mem_block *
make_block(struct h2mem *mem, size_t size)
{
    struct h2mem_block *block;

    if (size > SIZE_MAX - sizeof *block)
        return NULL;
    if (size >= H2MEM_PAGES)
        block = map_pages(size);
    else
        block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    mem->n_malloc++;
    return block;
}

/* One that no list takes. */
static SELDOM void
free_block(struct h2mem_block *block)
{
    if (block->size >= H2MEM_PAGES)
        munmap(block, sizeof *block + block->size);
    else
        free(block);
}

static void *
on_malloc(size_t size, void *arg)
{
    struct h2mem *mem = arg;
    size_t class_ = class_of(size);
    struct h2mem_block *block;

    if (class_ < H2MEM_CLASSES) {
        size = (class_ + 1) * H2MEM_STEP;
        if ((block = mem->free[class_]) != NULL) {
            mem->free[class_] = block->next;
            mem->n_free--;
            mem->n_live++;
            return block + 1;
        }
    }
    if ((block = make_block(mem, size)) == NULL)
        return NULL;
    mem->n_live++;
    return block + 1;
}

static void
on_free(void *ptr, void *arg)
{
    struct h2mem *mem = arg;
    struct h2mem_block *block = ptr;
    size_t class_;

    if (ptr == NULL)
        return;
    block--;
    must(mem->n_live > 0);
    mem->n_live--;
    if ((class_ = class_of(block->size)) == H2MEM_CLASSES) {
        free_block(block);
        return;
    }
    block->next = mem->free[class_];
    mem->free[class_] = block;
    mem->n_free++;
}

static void *
on_calloc(size_t n, size_t size, void *arg)
{
    void *ptr;

    if (size != 0 && n > SIZE_MAX / size)
        return NULL;
    if ((ptr = on_malloc(n * size, arg)) != NULL && n * size < H2MEM_PAGES)
        memset(ptr, 0, n * size);
    return ptr;
}

static void *
on_realloc(void *ptr, size_t size, void *arg)
{
    const struct h2mem_block *block = ptr;
    void *moved;

    if (ptr == NULL)
        return on_malloc(size, arg);
    block--;
    if (size <= block->size)
        return ptr;
    if ((moved = on_malloc(size, arg)) == NULL)
        return NULL;
    memcpy(moved, ptr, block->size);
    on_free(ptr, arg);
    return moved;
}

void
h2mem_init(struct h2mem *mem)
{
    memset(mem, 0, sizeof *mem);
    mem->mem = (nghttp2_mem){
        .mem_user_data = mem,
        .malloc = on_malloc,
        .free = on_free,
        .calloc = on_calloc,
        .realloc = on_realloc,
    };
}

void
h2mem_trim(struct h2mem *mem)
{
    for (size_t i = 0; i < H2MEM_CLASSES; i++) {
        while (mem->free[i] != NULL) {
            struct h2mem_block *block = mem->free[i];

            mem->free[i] = block->next;
            free(block);
        }
    }
    mem->n_free = 0;
}

void
h2mem_fini(struct h2mem *mem)
{
    must(mem->n_live == 0);
    h2mem_trim(mem);
}
