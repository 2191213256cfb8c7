/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/push/suspects.h"
#include "tests/support/unit.h"

static struct suspects suspects;
static char text[sizeof SLOT_PATH_PREFIX + 2 * APNS_MAX_TOKEN];

/* A push whose token's hex digits are ${hex}. */
static struct slot
push_to(const char *hex)
{
    int len = snprintf(text, sizeof text, "%s%s", SLOT_PATH_PREFIX, hex);

    return (struct slot){.text = text, .path_len = (uint16_t)len};
}

static int
set_up(void **state)
{
    (void)state;
    memset(&suspects, 0, sizeof suspects);
    return 0;
}

EACH(set_up, NULL);

TEST(a_suspect_is_known_until_it_is_removed)
{
    static const char *const tokens[] = {
        "00",
        "0000",
        "00112233445566778899aabbccddeeff",
        "00112233445566778899aabbccddeefe",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff01",
    };
    struct slot slot;

    for (size_t i = 0; i < 5; i++) {
        slot = push_to(tokens[i]);
        assert_false(suspects_has(&suspects, &slot));
        suspects_add(&suspects, &slot);
        suspects_add(&suspects, &slot);
        assert_true(suspects_has(&suspects, &slot));
        assert_int_equal(suspects.n, i + 1);
    }
    for (size_t i = 0; i < 5; i++) {
        slot = push_to(tokens[i]);
        assert_true(suspects_has(&suspects, &slot));
        suspects_remove(&suspects, &slot);
        suspects_remove(&suspects, &slot);
        assert_false(suspects_has(&suspects, &slot));
        assert_int_equal(suspects.n, 4 - i);
    }
}

/* Hundreds fit; beyond what fits each displaces another. */
TEST(too_many_displace_others)
{
    const uint32_t max = SUSPECTS_SETS * SUSPECTS_WAYS;
    uint32_t n_known = 0;
    struct slot slot;
    char hex[17];

    for (uint32_t i = 0; i < 10 * max; i++) {
        snprintf(hex, sizeof hex, "%016x", i);
        slot = push_to(hex);
        suspects_add(&suspects, &slot);
        assert_true(suspects_has(&suspects, &slot));
        if (i == 500)
            assert_int_equal(suspects.n, 501);
    }
    assert_in_range(suspects.n, max * 9 / 10, max);
    for (uint32_t i = 0; i < 10 * max; i++) {
        snprintf(hex, sizeof hex, "%016x", i);
        slot = push_to(hex);
        n_known += suspects_has(&suspects, &slot);
        suspects_remove(&suspects, &slot);
    }
    assert_in_range(n_known, max * 9 / 10, max);
    assert_int_equal(suspects.n, 0);
}
