/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_UNIT_H
#define ROUSE_TESTS_UNIT_H

/*
 * A test program: cmocka, and tests that register themselves where they are
 * defined.
 *
 *     EACH(set_up, tear_down);
 *
 *     TEST(a_dead_token_is_not_pushed_to)
 *     {
 *         struct bed *bed = *state;
 *         ...
 *     }
 *
 * They run in the order of their definition. `test_x NAME` runs those of that
 * name, in which * and ? stand for others. main() is here.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/** TEST(name) { ... }: a test; `void **state` is what its set-up left. */
#define TEST(name)                          \
    static void name(void **state);         \
    UNIT_ADD(name, #name, true, NULL, NULL) \
    static void name(__attribute__((unused)) void **state)

/** TEST_WITH(name, set_up, tear_down) { ... }: one between others than EACH;
    NULL is none. */
#define TEST_WITH(name, set_up, tear_down)          \
    static void name(void **state);                 \
    UNIT_ADD(name, #name, false, set_up, tear_down) \
    static void name(__attribute__((unused)) void **state)

/** AGAIN(name, set_up, tear_down): run the test above between these, too. */
#define AGAIN(name, set_up, tear_down)                          \
    UNIT_ADD(name, #name "/" #set_up, false, set_up, tear_down) \
    static void name(void **state)

/** TEST_FILES(name, pattern) { ... }: one for each file that glob() finds, as
    the file is called; `*state` is its path. */
#define TEST_FILES(name, pattern)              \
    static void name(void **state);            \
    UNIT_ADD_FILES(__COUNTER__, name, pattern) \
    static void name(void **state)

/** EACH(set_up, tear_down): for every TEST of the program. */
#define EACH(set_up, tear_down) UNIT_FIXTURE(each, set_up, tear_down)

/** ALL(set_up, tear_down): once, around all tests of the program. */
#define ALL(set_up, tear_down) UNIT_FIXTURE(all, set_up, tear_down)

/*
 * What these are made of.
 */

struct unit {
    struct CMUnitTest test;
    int order;
    bool is_as_each;
    const char *pattern; /* of files; or NULL */
    struct unit *next;
};

/** unit_add(unit): behind all of a smaller order. */
void unit_add(struct unit *unit);

/** unit_each, unit_all(set_up, tear_down): what EACH and ALL set. */
void unit_each(CMFixtureFunction set_up, CMFixtureFunction tear_down);
void unit_all(CMFixtureFunction set_up, CMFixtureFunction tear_down);

/* A compiler may turn round what is defined in a row: the counter tells. */
#define UNIT_ADD(func, name, is_as_each, before, after) \
    UNIT_ADD_AS(__COUNTER__, func, name, is_as_each, before, after)
#define UNIT_ADD_AS(n, func, name, is_as_each, before, after) \
    UNIT_ADD_NTH(n, func, name, is_as_each, before, after)
#define UNIT_ADD_NTH(n, func, name, is_as_each, before, after)         \
    static struct unit unit_##n = {                                    \
        {name, func, before, after, NULL}, n, is_as_each, NULL, NULL}; \
    __attribute__((constructor)) static void unit_add_##n(void)        \
    {                                                                  \
        unit_add(&unit_##n);                                           \
    }

#define UNIT_ADD_FILES(n, func, pattern) UNIT_ADD_FILES_AS(n, func, pattern)
#define UNIT_ADD_FILES_AS(n, func, pattern)                          \
    static struct unit unit_##n = {                                  \
        {pattern, func, NULL, NULL, NULL}, n, false, pattern, NULL}; \
    __attribute__((constructor)) static void unit_add_##n(void)      \
    {                                                                \
        unit_add(&unit_##n);                                         \
    }

#define UNIT_FIXTURE(which, before, after)                          \
    __attribute__((constructor)) static void unit_set_##which(void) \
    {                                                               \
        unit_##which(before, after);                                \
    }                                                               \
    static void unit_set_##which(void)

#endif /* ROUSE_TESTS_UNIT_H */
