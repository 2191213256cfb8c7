/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>

#include "bench/harness/work/apple_host.h"
#include "tests/support/unit.h"

static bool
is_address(const char *text)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_in in = {.sin_family = AF_INET};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return apple_host_is_address((const struct sockaddr *)&in);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return apple_host_is_address((const struct sockaddr *)&in6);
}

TEST(names_of_apple_are_known)
{
    static const char *const names[] = {
        "api.push.apple.com",
        "api.sandbox.push.apple.com",
        "api.development.push.apple.com",
        "API.Push.APPLE.com",
        "api.push.apple.com.",
        "api.push.apple.com..",
        "1-courier.push.apple.com",
        "push.apple.com",
        "apple.com",
        "api.push-apple.com.akadns.net",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!apple_host_is_name(names[i]))
            fail_msg("%s was taken", names[i]);
}

TEST(other_names_are_not_apples)
{
    static const char *const names[] = {
        "localhost",
        "notapple.com",
        "push.apple.com.example.org",
        "",
        ".",
        "com",
        "apple.co",
        "apple.com.test",
        "api.push.pineapple.com",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (apple_host_is_name(names[i]))
            fail_msg("%s was refused", names[i]);
}

TEST(networks_of_apple_are_known)
{
    assert_true(is_address("17.0.0.0"));
    assert_true(is_address("17.57.144.22"));
    assert_true(is_address("17.255.255.255"));
    assert_true(is_address("::ffff:17.57.144.22"));
    assert_true(is_address("64:ff9b::17.57.144.22"));
    assert_true(is_address("2620:149:a44::5"));
    assert_true(is_address("2403:300:a42::5"));
    assert_true(is_address("2a01:b740:a42::5"));
}

TEST(other_networks_are_not_apples)
{
    static const struct sockaddr_storage local = {.ss_family = AF_UNIX};

    assert_false(is_address("127.0.0.1"));
    assert_false(is_address("16.255.255.255"));
    assert_false(is_address("18.0.0.0"));
    assert_false(is_address("::1"));
    assert_false(is_address("::ffff:127.0.0.1"));
    assert_false(is_address("::17.57.144.22"));
    assert_false(is_address("2620:14a::5"));
    assert_false(apple_host_is_address((const struct sockaddr *)&local));
}

/* As the resolver reads addresses, so that no DNS is asked. */
TEST(a_host_is_known_by_where_it_leads)
{
    assert_true(apple_host_is("17.57.144.22"));
    assert_true(apple_host_is("17.3735574"));
    assert_true(apple_host_is("0x11399016"));
    assert_true(apple_host_is("::ffff:17.57.144.22"));
    assert_true(apple_host_is("api.push.apple.com"));
    assert_false(apple_host_is("127.0.0.1"));
    assert_false(apple_host_is("::1"));
    assert_false(apple_host_is("localhost"));
}
