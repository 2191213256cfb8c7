/* SPDX-License-Identifier: MIT */

#include <stdlib.h>
#include <time.h>

#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_when.h"
#include "tests/support/unit.h"

TEST(spans_with_a_unit_are_read)
{
    static const struct {
        const char *text;
        uint32_t seconds;
    } cases[] = {
        {"1s", 1},      {"90s", 90},     {"15m", 900}, {"6h", 21600},
        {"7d", 604800}, {"2w", 1209600}, {"030s", 30}, {"86400s", 86400},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t seconds = 0;

        assert_true(cli_duration_read(cases[i].text, 86400 * 30, &seconds));
        assert_int_equal(seconds, cases[i].seconds);
    }
}

TEST(anything_else_is_no_span)
{
    static const char *const texts[] = {
        "",
        "5",
        "s",
        "0s",
        "-1s",
        "1.5h",
        "1h30m",
        "7 d",
        " 7d",
        "7d ",
        "7D",
        "+7d",
        "7x",
        "99999999999999999999s",
        "31d",
        "5w",
        "4294967297s",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t seconds = 77;

        assert_false(cli_duration_read(texts[i], 86400 * 30, &seconds));
        assert_int_equal(seconds, 77);
    }
}

TEST(a_span_may_be_as_long_as_its_limit)
{
    uint32_t seconds;

    assert_true(cli_duration_read("60m", 3600, &seconds));
    assert_true(cli_duration_read("3600s", 3600, &seconds));
    assert_false(cli_duration_read("3601s", 3600, &seconds));
    assert_true(cli_duration_read("4294967295s", UINT32_MAX, &seconds));
    assert_int_equal(seconds, UINT32_MAX);
}

TEST(rates_are_per_second)
{
    uint32_t rate;

    assert_true(cli_duration_read_rate("500/s", 1000, &rate));
    assert_int_equal(rate, 500);
    assert_true(cli_duration_read_rate("1000", 1000, &rate));
    assert_int_equal(rate, 1000);
    assert_false(cli_duration_read_rate("1001/s", 1000, &rate));
    assert_false(cli_duration_read_rate("0/s", 1000, &rate));
    assert_false(cli_duration_read_rate("5/m", 1000, &rate));
    assert_false(cli_duration_read_rate("/s", 1000, &rate));
    assert_false(cli_duration_read_rate("", 1000, &rate));
}

TEST(numbers_are_digits_only)
{
    uint64_t number;

    assert_true(cli_duration_read_number("0", 10, &number));
    assert_true(
        cli_duration_read_number("9223372036854775807", INT64_MAX, &number));
    assert_true(number == INT64_MAX);
    assert_false(
        cli_duration_read_number("9223372036854775808", INT64_MAX, &number));
    assert_false(cli_duration_read_number("-1", 10, &number));
    assert_false(cli_duration_read_number("1x", 10, &number));
    assert_false(cli_duration_read_number("", 10, &number));
}

TEST(spans_are_written_with_two_units)
{
    char text[CLI_DURATION_TEXT];

    assert_string_equal(cli_duration_write(0, text), "0s");
    assert_string_equal(cli_duration_write(59, text), "59s");
    assert_string_equal(cli_duration_write(60, text), "1m");
    assert_string_equal(cli_duration_write(61, text), "1m 1s");
    assert_string_equal(cli_duration_write(3600, text), "1h");
    assert_string_equal(cli_duration_write(90061, text), "1d 1h");
    assert_string_equal(cli_duration_write(30 * 86400, text), "30d");
}

TEST(instants_are_shown_in_local_time)
{
    char text[CLI_WHEN_TEXT];

    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    assert_string_equal(cli_when_local("2026-03-01T08:30:00.250Z", text),
                        "2026-03-01 09:30:00 CET");
    assert_string_equal(cli_when_local("2026-07-01T22:30:00Z", text),
                        "2026-07-02 00:30:00 CEST");
    assert_string_equal(cli_when_local("", text), "-");
    assert_string_equal(cli_when_local("yesterday", text), "yesterday");
}
