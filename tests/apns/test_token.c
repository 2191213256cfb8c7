/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "apns/apns.h"
#include "tests/support/unit.h"

TEST(every_byte_comes_back_from_its_hex)
{
    uint8_t token[APNS_MAX_TOKEN], again[APNS_MAX_TOKEN];
    char hex[2 * APNS_MAX_TOKEN + 1], expected[3];
    size_t len = 0;

    for (size_t i = 0; i < sizeof token; i++)
        token[i] = (uint8_t)i;
    apns_token_hex(token, sizeof token, hex);
    assert_int_equal(strlen(hex), 2 * sizeof token);
    for (size_t i = 0; i < sizeof token; i++) {
        snprintf(expected, sizeof expected, "%02zx", i);
        assert_memory_equal(hex + 2 * i, expected, 2);
    }
    assert_int_equal(apns_token_read(hex, again, &len), APNS_OK);
    assert_int_equal(len, sizeof token);
    assert_memory_equal(again, token, len);
}

TEST(no_bytes_are_the_empty_string)
{
    char hex[] = "x";

    apns_token_hex((const uint8_t *)"", 0, hex);
    assert_string_equal(hex, "");
}

TEST(digits_of_either_case_are_read)
{
    uint8_t token[APNS_MAX_TOKEN];
    size_t len = 0;

    assert_int_equal(apns_token_read("aBcDeF09", token, &len), APNS_OK);
    assert_int_equal(len, 4);
    assert_memory_equal(token, "\xab\xcd\xef\x09", 4);
}

TEST(every_other_character_is_refused)
{
    uint8_t token[APNS_MAX_TOKEN];
    size_t len = 77;

    for (int c = 1; c < 256; c++) {
        char first[] = {(char)c, '0', '\0'}, second[] = {'0', (char)c, '\0'};
        bool is_digit = strchr("0123456789abcdefABCDEF", c) != NULL;
        enum apns_err expected = is_digit ? APNS_OK : APNS_EINVAL;

        assert_int_equal(apns_token_read(first, token, &len), expected);
        assert_int_equal(apns_token_read(second, token, &len), expected);
    }
}

TEST(empty_odd_and_too_long_are_refused)
{
    uint8_t token[APNS_MAX_TOKEN];
    char hex[2 * APNS_MAX_TOKEN + 3];
    size_t len = 77;

    memset(hex, 'a', sizeof hex);
    hex[sizeof hex - 1] = '\0';
    assert_int_equal(apns_token_read("", token, &len), APNS_EINVAL);
    assert_int_equal(apns_token_read("abc", token, &len), APNS_EINVAL);
    assert_int_equal(apns_token_read(hex, token, &len), APNS_EINVAL);
    assert_int_equal(len, 77);
    hex[2 * APNS_MAX_TOKEN] = '\0';
    assert_int_equal(apns_token_read(hex, token, &len), APNS_OK);
    assert_int_equal(len, APNS_MAX_TOKEN);
}

/* The texts live beside the tokens in no file of their own. */
TEST(every_error_has_its_own_name_and_text)
{
    assert_string_equal(apns_err_name(APNS_EBUSY), "APNS_EBUSY");
    assert_int_equal(apns_err_category(APNS_OK), APNS_CATEGORY_NONE);
    assert_int_equal(apns_err_category(APNS_EBUSY), APNS_CATEGORY_LIMIT);
    assert_int_equal(apns_err_category(APNS_EEXPIRED), APNS_CATEGORY_CERT);
    for (int i = 0; i < APNS_N_ERRORS; i++) {
        assert_true(strlen(apns_err_text((enum apns_err)i)) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(apns_err_name((enum apns_err)i),
                                    apns_err_name((enum apns_err)j));
    }
    assert_int_equal(apns_err_category(APNS_N_ERRORS), APNS_CATEGORY_USAGE);
    assert_string_equal(apns_err_name(APNS_N_ERRORS), "APNS_E?");
    assert_non_null(apns_err_text(APNS_N_ERRORS));
    assert_non_null(apns_err_text((enum apns_err)9999));
    assert_non_null(apns_err_name((enum apns_err) - 1));
    assert_string_equal(apns_class_name(APNS_CLASS_DEAD_TOKEN), "dead_token");
    assert_string_equal(apns_class_name((enum apns_class)99), "unknown");
    assert_string_equal(apns_identity_state_name(APNS_IDENTITY_BACKOFF),
                        "backoff");
}
