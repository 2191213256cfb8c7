/* SPDX-License-Identifier: MIT */

/*
 * Requests that a browser sends for another site's page.
 */

#include "server/api/auth/origin.h"
#include "tests/support/unit.h"

TEST(sec_fetch_site_decides)
{
    assert_false(origin_is_foreign("same-origin", "https://evil", "rouse"));
    assert_false(origin_is_foreign("none", NULL, "rouse"));
    assert_true(origin_is_foreign("cross-site", NULL, "rouse"));
    assert_true(origin_is_foreign("same-site", "http://rouse", "rouse"));
    assert_true(origin_is_foreign("", NULL, "rouse"));
}

TEST(else_origin_against_host)
{
    assert_false(origin_is_foreign(NULL, "http://rouse:9000", "rouse:9000"));
    assert_false(origin_is_foreign(NULL, "https://ROUSE", "rouse"));
    assert_true(origin_is_foreign(NULL, "http://rouse", "rouse:9000"));
    assert_true(origin_is_foreign(NULL, "http://rouse.evil", "rouse"));
    assert_true(origin_is_foreign(NULL, "null", "rouse"));
    assert_true(origin_is_foreign(NULL, "http://rouse", NULL));
}

TEST(what_is_no_browser_sends_neither)
{
    assert_false(origin_is_foreign(NULL, NULL, "rouse"));
    assert_false(origin_is_foreign(NULL, NULL, NULL));
}
