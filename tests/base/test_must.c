/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apns/base/must.h"
#include "tests/support/unit.h"

TEST(a_true_condition_is_silent_and_evaluated_once)
{
    int n = 0;

    must(++n == 1);
    assert_int_equal(n, 1);
}

TEST(a_false_condition_says_where_and_aborts)
{
    char text[256] = "";
    int status, ends[2];
    pid_t child;

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
