/* SPDX-License-Identifier: MIT */

/*
 * Requests that a browser sends for another site's page.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/auth/origin.h"

static void
sec_fetch_site_decides(void **state)
{
    (void)state;
    assert_false(origin_is_foreign("same-origin", "https://evil", "rouse"));
    assert_false(origin_is_foreign("none", NULL, "rouse"));
    assert_true(origin_is_foreign("cross-site", NULL, "rouse"));
    assert_true(origin_is_foreign("same-site", "http://rouse", "rouse"));
    assert_true(origin_is_foreign("", NULL, "rouse"));
}

static void
else_origin_against_host(void **state)
{
    (void)state;
    assert_false(origin_is_foreign(NULL, "http://rouse:9000", "rouse:9000"));
    assert_false(origin_is_foreign(NULL, "https://ROUSE", "rouse"));
    assert_true(origin_is_foreign(NULL, "http://rouse", "rouse:9000"));
    assert_true(origin_is_foreign(NULL, "http://rouse.evil", "rouse"));
    assert_true(origin_is_foreign(NULL, "null", "rouse"));
    assert_true(origin_is_foreign(NULL, "http://rouse", NULL));
}

static void
what_is_no_browser_sends_neither(void **state)
{
    (void)state;
    assert_false(origin_is_foreign(NULL, NULL, "rouse"));
    assert_false(origin_is_foreign(NULL, NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sec_fetch_site_decides),
        cmocka_unit_test(else_origin_against_host),
        cmocka_unit_test(what_is_no_browser_sends_neither),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
