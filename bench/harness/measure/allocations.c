/* SPDX-License-Identifier: MIT */
#include "allocations.h"

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_COUNTED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define IS_COUNTED 0
#endif
#endif
#if !defined(IS_COUNTED) && defined(__GLIBC__)
#define IS_COUNTED 1
#elif !defined(IS_COUNTED)
#define IS_COUNTED 0
#endif

/* Atomic, for the threads that some workloads have. */
static uint64_t n_allocations;

#if IS_COUNTED
#define IN_FRONT __attribute__((visibility("default")))

/* glibc's own, under the names it keeps for this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *ptr, size_t size);

IN_FRONT void *malloc(size_t size);
IN_FRONT void *calloc(size_t n, size_t size);
IN_FRONT void *realloc(void *ptr, size_t size);

void *
malloc(size_t size)
{
    __atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    __atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
    return __libc_calloc(n, size);
}

void *
realloc(void *ptr, size_t size)
{
    __atomic_fetch_add(&n_allocations, 1, __ATOMIC_RELAXED);
    return __libc_realloc(ptr, size);
}
#endif

uint64_t
allocations_count(void)
{
    return __atomic_load_n(&n_allocations, __ATOMIC_RELAXED);
}

bool
allocations_are_counted(void)
{
    return IS_COUNTED;
}
