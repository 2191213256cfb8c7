/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_POOL_MEM_H
#define ROUSE_BENCH_POOL_MEM_H

/*
 * A pooling allocator for nghttp2: free lists by size, no locks, memory goes
 * back to the system only with the pool. For one thread.
 */

#include <nghttp2/nghttp2.h>

struct pool_mem;

/** pool_mem_new(): NULL without memory. */
struct pool_mem *pool_mem_new(void);

/** pool_mem_free(pool): everything that it gave becomes invalid. */
void pool_mem_free(struct pool_mem *pool);

/** pool_mem_get(pool): what nghttp2_session_*_new3 takes; lives in ${pool}. */
nghttp2_mem *pool_mem_get(struct pool_mem *pool);

#endif /* ROUSE_BENCH_POOL_MEM_H */
