/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "server/api/gate.h"
#include "server/api/routes.h"
#include "tests/support/unit.h"

/* In a copy of the path, for it is cut. */
static const struct route *
find(const char *method, const char *path, const char **rest,
     struct route_near *near)
{
    static char copy[256];

    snprintf(copy, sizeof copy, "%s", path);
    return route_find(routes_table, routes_count, route_method_read(method),
                      copy, rest, near);
}

static void
expect(const char *method, const char *path, route_handler_fn *handle,
       const char *wanted_rest)
{
    struct route_near near;
    const char *rest;
    const struct route *route = find(method, path, &rest, &near);

    if (route == NULL)
        fail_msg("%s %s is unknown", method, path);
    assert_ptr_equal(route->handle, handle);
    assert_string_equal(rest, wanted_rest);
}

TEST(paths_find_their_handlers)
{
    expect("GET", "/v1/enrollments", serve_enrollments_list, "");
    expect("HEAD", "/v1/enrollments", serve_enrollments_list, "");
    expect("GET", "/v1/enrollments/A:b c", serve_enrollments_get, "A:b c");
    expect("GET", "/v1/enrollments/A/b", serve_enrollments_get, "A/b");
    expect("DELETE", "/v1/keys/7", serve_keys_revoke, "7");
    expect("PATCH", "/v1/groups/a/b", serve_groups_patch, "a/b");
    expect("PUT", "/v1/pushcert", serve_nano_put_cert, "");
    expect("PUT", "/v1/pushcerts", serve_certimport_put, "");
    expect("GET", "/v1/push/A,B", serve_nano_push, "A,B");
    expect("PATCH", "/v1/push/A", serve_nano_push, "A");
    expect("GET", "/v1/push/", serve_nano_push, "");
    expect("POST", "/version", serve_health_version, "");
}

/* And what is behind the braces of no route is the resource's own. */
TEST(the_word_behind_the_braces_is_cut_off)
{
    expect("PUT", "/v1/enrollments/A/group", serve_groups_assign, "A");
    expect("PUT", "/v1/enrollments/A/b/group", serve_groups_assign, "A/b");
    expect("PUT", "/v1/enrollments/group", serve_enrollments_put, "group");
    expect("PUT", "/v1/enrollments/A/groups", serve_enrollments_put,
           "A/groups");
    expect("GET", "/v1/enrollments/A/group", serve_enrollments_get, "A/group");
    expect("GET", "/v1/pushcerts/t/history", serve_certlife_history, "t");
    expect("GET", "/v1/pushcerts/history", serve_pushcerts_get, "history");
    expect("GET", "/v1/pushcerts//history", serve_pushcerts_get, "/history");
    expect("POST", "/v1/pushcerts/t/test", serve_certtools_test, "t");
    expect("POST", "/v1/pushcerts/test", serve_certtools_test_files, "");
    expect("DELETE", "/v1/pushcerts/t/test", serve_certlife_remove, "t/test");
}

static void
expect_none(const char *method, const char *path, unsigned methods)
{
    struct route_near near;
    const char *rest;

    assert_null(find(method, path, &rest, &near));
    assert_int_equal(near.methods, methods);
}

TEST(unknown_paths_and_methods_are_told_apart)
{
    expect_none("GET", "/", 0);
    expect_none("GET", "", 0);
    expect_none("GET", "/v1/enrollments/", 0);
    expect_none("GET", "/v1/push", 0);
    expect_none("GET", "/v1/statusx", 0);
    expect_none("GET", "/V1/status", 0);
    expect_none("DELETE", "/v1/status", ROUTE_GET);
    expect_none("PATCH", "/v1/status", ROUTE_GET);
    expect_none("POST", "/v1/pushcert", ROUTE_GET | ROUTE_PUT);
    expect_none("POST", "/v1/wakes/A", ROUTE_GET | ROUTE_DELETE);
}

TEST(allow_lists_methods)
{
    char text[64];

    route_methods_text(ROUTE_GET | ROUTE_PUT, text);
    assert_string_equal(text, "GET, HEAD, PUT");
    route_methods_text(ROUTE_POST | ROUTE_DELETE, text);
    assert_string_equal(text, "POST, DELETE");
}

TEST(no_two_routes_want_the_same_request)
{
    for (size_t i = 0; i < routes_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(routes_table[i].path, routes_table[k].path) == 0)
                assert_int_equal(
                    routes_table[i].methods & routes_table[k].methods, 0);
        }
    }
}

TEST(only_health_and_version_need_no_key)
{
    for (size_t i = 0; i < routes_count; i++) {
        bool is_public = (routes_table[i].flags & ROUTE_PUBLIC) != 0;
        const char *path = routes_table[i].path;
        bool may_be = strcmp(path, "/healthz") == 0 ||
                      strcmp(path, "/readyz") == 0 ||
                      strcmp(path, "/version") == 0;

        if (is_public && !may_be)
            fail_msg("%s is public", path);
    }
}

TEST(queries_know_their_parameters)
{
    static const struct route some = {.query = "after limit"};
    static const struct route none = {.query = ""};
    static const struct route any = {.query = NULL};

    assert_true(route_has_query(&some, "after"));
    assert_true(route_has_query(&some, "limit"));
    assert_false(route_has_query(&some, "lim"));
    assert_false(route_has_query(&some, "after limit"));
    assert_false(route_has_query(&some, ""));
    assert_false(route_has_query(&none, "x"));
    assert_true(route_has_query(&any, "x"));
}

TEST(unescaping_never_ends_a_string_early)
{
    char text[] = "a%20b%2Fc%00d%zz%4";

    assert_int_equal(gate_unescape(text), strlen("a b/c%00d%zz%4"));
    assert_string_equal(text, "a b/c%00d%zz%4");
}

/* The gate keeps keys of a group from all others. A route that opens itself
   to them has to look at the group itself, and be listed here. */
TEST(keys_of_a_group_see_four_resources_only)
{
    static const char *const open[] = {"/v1/enrollments", "/v1/groups",
                                       "/v1/wakes", "/v1/waves"};
    size_t n_open = 0;

    for (size_t i = 0; i < routes_count; i++) {
        bool is_listed = false;

        if ((routes_table[i].flags & ROUTE_GROUPS) == 0)
            continue;
        for (size_t k = 0; k < sizeof open / sizeof open[0]; k++)
            is_listed |=
                strncmp(routes_table[i].path, open[k], strlen(open[k])) == 0;
        if (!is_listed)
            fail_msg("%s is open to keys of a group", routes_table[i].path);
        n_open++;
    }
    assert_true(n_open > 10);
}
