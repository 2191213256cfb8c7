/* SPDX-License-Identifier: MIT */

#include "apns/link/address.h"
#include "tests/support/unit.h"

TEST(literal_addresses_are_read_and_written)
{
    struct address address;
    char text[ADDRESS_MAX_TEXT];

    assert_true(address_read(&address, "17.188.143.34", 443));
    address_write(&address, text);
    assert_string_equal(text, "17.188.143.34:443");
    assert_true(address_read(&address, "2620:149:208:4306::", 0));
    address_set_port(&address, 2197);
    address_write(&address, text);
    assert_string_equal(text, "[2620:149:208:4306::]:2197");
    assert_false(address_read(&address, "api.push.apple.com", 443));
    assert_false(address_read(&address, "", 443));
}

TEST(ports_do_not_make_another_host)
{
    struct address a, b;

    assert_true(address_read(&a, "127.0.0.1", 443));
    assert_true(address_read(&b, "127.0.0.1", 2197));
    assert_true(address_is_same_host(&a, &b));
    assert_true(address_read(&b, "127.0.0.2", 443));
    assert_false(address_is_same_host(&a, &b));
    assert_true(address_read(&b, "::1", 443));
    assert_false(address_is_same_host(&a, &b));
}

/* As many as there may be, each with its number as the port. */
TEST(addresses_in_use_come_last)
{
    struct address addresses[ADDRESS_MAX], order[ADDRESS_MAX + 1];
    static const uint16_t expected[ADDRESS_MAX] = {1,  3,  4,  6,  7,  8, 9, 10,
                                                   11, 12, 13, 14, 15, 0, 2, 5};
    bool is_in_use[ADDRESS_MAX] = {[0] = true, [2] = true, [5] = true};

    for (uint16_t i = 0; i < ADDRESS_MAX; i++)
        assert_true(address_read(&addresses[i], "127.0.0.1", i));
    assert_true(address_read(&order[ADDRESS_MAX], "127.0.0.1", 99));
    address_spread(addresses, ADDRESS_MAX, is_in_use, order);
    for (size_t i = 0; i < ADDRESS_MAX; i++)
        assert_int_equal(ntohs(order[i].at.v4.sin_port), expected[i]);
    assert_int_equal(ntohs(order[ADDRESS_MAX].at.v4.sin_port), 99);
}
