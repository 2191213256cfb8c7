/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAILING_MEMORY_H
#define TESTS_FAILING_MEMORY_H

/*
 * The nth allocation of this thread fails. For the one source file of a
 * program that is linked with --wrap=malloc, calloc and strdup.
 */

#include <stdbool.h>
#include <stddef.h>

static _Thread_local int countdown; /* 0: nothing fails; 1: the next one */
static _Thread_local int n_failed;

static bool
must_fail(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    n_failed++;
    return true;
}

static void
arm(int nth)
{
    n_failed = 0;
    countdown = nth;
}

/* Whether one failed since. */
static bool
disarm(void)
{
    countdown = 0;
    return n_failed > 0;
}

/* What the linker gives for malloc and the like. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
char *__wrap_strdup(const char *text);

void *
__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return must_fail() ? NULL : __real_calloc(n, size);
}

char *
__wrap_strdup(const char *text)
{
    return must_fail() ? NULL : __real_strdup(text);
}

#endif /* TESTS_FAILING_MEMORY_H */
