/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/rfc3339.h"
#include "tests/support/unit.h"

static void
expect_time(const char *text, int64_t wanted)
{
    int64_t ms = -1;

    if (!rfc3339_read(text, &ms))
        fail_msg("%s is not read", text);
    assert_int_equal(ms, wanted);
}

TEST(times_are_read_with_fraction_and_zone)
{
    static const char *const wrong[] = {
        "",
        "2026-01-07",
        "2026-01-07T04:04:46",
        "2026-01-07 04:04:46Z",
        "2026-13-07T04:04:46Z",
        "2026-01-32T04:04:46Z",
        "2026-01-00T04:04:46Z",
        "2026-02-29T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-06-31T00:00:00Z",
        "2026-09-31T00:00:00Z",
        "2026-11-31T00:00:00Z",
        "2026-01-07T24:04:46Z",
        "2026-01-07T04:04:46.Z",
        "2026-01-07T04:04:46.1234567890Z",
        "2026-01-07T04:04:46+0100",
        "2026-01-07T04:04:46Zx",
    };
    int64_t ms;

    expect_time("2026-01-07T04:04:46Z", 1767758686000);
    expect_time("2026-01-07T04:04:46.1Z", 1767758686100);
    expect_time("2026-01-07T04:04:46.123999999Z", 1767758686123);
    expect_time("2026-01-07T05:34:46+01:30", 1767758686000);
    expect_time("2026-01-06T23:04:46-05:00", 1767758686000);
    expect_time("0001-01-01T00:00:00Z", -62135596800000);
    expect_time("2024-02-29T00:00:00Z", 1709164800000);
    expect_time("2000-02-29T00:00:00Z", 951782400000);
    expect_time("2026-12-31T23:59:59Z", 1798761599000);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (rfc3339_read(wrong[i], &ms))
            fail_msg("\"%s\" is taken for a time", wrong[i]);
    }
}

TEST(times_are_written_in_three_lengths)
{
    char text[RFC3339_SIZE];

    assert_string_equal(rfc3339_text(INT64_C(1767758686123), text),
                        "2026-01-07T04:04:46.123Z");
    assert_string_equal(rfc3339_text(-1, text), "1969-12-31T23:59:59.999Z");
    assert_string_equal(rfc3339_text_s(-62135596800, text),
                        "0001-01-01T00:00:00Z");
    assert_string_equal(rfc3339_day(1767758686, text), "2026-01-07");
    /* What no calendar holds stays within its room. */
    assert_int_equal(strlen(rfc3339_text(INT64_MAX, text)), RFC3339_SIZE - 1);
    assert_int_equal(strlen(rfc3339_day(INT64_MIN, text)), RFC3339_DAY - 1);
    (void)rfc3339_text(INT64_MIN, text);
}
