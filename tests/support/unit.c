/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TESTS 256 /* of one program, files included */

static struct unit *first;
static CMFixtureFunction each_set_up, each_tear_down;
static CMFixtureFunction all_set_up, all_tear_down;

static struct CMUnitTest tests[MAX_TESTS];
static size_t n_tests;

void
unit_add(struct unit *unit)
{
    struct unit **at = &first;

    while (*at != NULL && (*at)->order < unit->order)
        at = &(*at)->next;
    unit->next = *at;
    *at = unit;
}

void
unit_each(CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    each_set_up = set_up;
    each_tear_down = tear_down;
}

void
unit_all(CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
    all_set_up = set_up;
    all_tear_down = tear_down;
}

static void
list(struct CMUnitTest test)
{
    if (n_tests == MAX_TESTS)
        abort();
    tests[n_tests++] = test;
}

static void
list_files(const struct unit *unit)
{
    static glob_t files; /* as long as the tests that are named after them */
    size_t i = files.gl_pathc;
    struct CMUnitTest test = unit->test;

    if (glob(unit->pattern, i > 0 ? GLOB_APPEND : 0, NULL, &files) != 0)
        return;
    for (; i < files.gl_pathc; i++) {
        test.initial_state = files.gl_pathv[i];
        test.name = strrchr(files.gl_pathv[i], '/') + 1;
        list(test);
    }
}

static void
list_unit(const struct unit *unit)
{
    struct CMUnitTest test = unit->test;

    if (unit->is_as_each) {
        test.setup_func = each_set_up;
        test.teardown_func = each_tear_down;
    }
    list(test);
}

/* Weak: a program's own goes before it. */
__attribute__((weak)) int
main(int argc, char *argv[])
{
    for (const struct unit *unit = first; unit != NULL; unit = unit->next) {
        if (unit->pattern != NULL)
            list_files(unit);
        else
            list_unit(unit);
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (n_tests == 0)
        return EXIT_FAILURE;
    return _cmocka_run_group_tests(program_invocation_short_name, tests,
                                   n_tests, all_set_up, all_tear_down);
}
