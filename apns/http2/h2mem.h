/* SPDX-License-Identifier: MIT */
#ifndef APNS_H2MEM_H
#define APNS_H2MEM_H

/*
 * Memory for nghttp2. Each push makes nghttp2 allocate a few small things and
 * free them with the answer; free lists by size hand them out again, without
 * a lock and without malloc once as many exist as are in use at a time.
 *
 * A session also has a buffer for the largest frame there can be, of which
 * ours fill the beginning. Blocks of that size get pages of their own, so
 * that what is never written to takes no memory.
 */

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stdint.h>

#define H2MEM_STEP    64   /* bytes between two size classes */
#define H2MEM_CLASSES 16   /* blocks over STEP * CLASSES are not pooled */
#define H2MEM_PAGES   8192 /* blocks from here on are pages of their own */

struct h2mem_block;

struct h2mem {
    struct h2mem_block *free[H2MEM_CLASSES];
    nghttp2_mem mem;   /* what nghttp2 takes */
    uint64_t n_malloc; /* times the system was asked */
    uint32_t n_live;   /* blocks in nghttp2's hands */
    uint32_t n_free;   /* blocks in the lists */
};

/** h2mem_init(mem): ${mem} must stay where it is. */
void h2mem_init(struct h2mem *mem);

/** h2mem_trim(mem): give what is not in use back to the system. */
void h2mem_trim(struct h2mem *mem);

/** h2mem_fini(mem): every block must have come back. */
void h2mem_fini(struct h2mem *mem);

#endif /* APNS_H2MEM_H */
