/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "apns/base/must.h"

static void
a_true_condition_is_silent_and_evaluated_once(void **state)
{
    int n = 0;

    (void)state;
    must(++n == 1);
    assert_int_equal(n, 1);
}

static void
a_false_condition_says_where_and_aborts(void **state)
{
    char text[256] = "";
    int status, ends[2];
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    if ((child = fork()) == 0) {
        dup2(ends[1], STDERR_FILENO);
        must(state == NULL);
        _exit(0);
    }
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "tests/base/test_must.c:"));
    assert_non_null(strstr(text, ": must: state == NULL\n"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_true_condition_is_silent_and_evaluated_once),
        cmocka_unit_test(a_false_condition_says_where_and_aborts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
