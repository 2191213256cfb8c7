/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <jansson.h>

#include "apns/log.h"
#include "apns/push/payload.h"
#include "tests/support/unit.h"

/* An independent reader must get the magic back, and nothing beside it. */
static void
assert_carries(const char *magic)
{
    char out[PAYLOAD_MAX];
    size_t len = payload_write(out, sizeof out, magic);
    json_t *root;

    assert_true(len > 0);
    assert_true(len <= sizeof out);
    root = json_loadb(out, len, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_object_size(root), 1);
    assert_string_equal(json_string_value(json_object_get(root, "mdm")), magic);
    json_decref(root);
}

static void
assert_writes(const char *magic, const char *expected)
{
    char out[PAYLOAD_MAX];
    size_t len = payload_write(out, sizeof out, magic);

    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}

TEST(plain_magic_is_written_as_apple_shows_it)
{
    assert_writes("3E9A5C24-2AF8-4B6B-9B5C-5F3B1C6B7D10",
                  "{\"mdm\":\"3E9A5C24-2AF8-4B6B-9B5C-5F3B1C6B7D10\"}");
    assert_writes("a", "{\"mdm\":\"a\"}");
}

TEST(quotes_backslashes_and_controls_are_escaped)
{
    assert_writes("a\"b", "{\"mdm\":\"a\\\"b\"}");
    assert_writes("a\\b", "{\"mdm\":\"a\\\\b\"}");
    assert_writes("a\nb\x01", "{\"mdm\":\"a\\u000ab\\u0001\"}");
    assert_writes("\x7f/", "{\"mdm\":\"\x7f/\"}");
}

/* The fast way takes eight bytes at once: a special one at every offset. */
TEST(every_byte_is_carried_at_every_place)
{
    char magic[32];

    for (int c = 1; c < 0x80; c++)
        for (size_t at = 0; at < 24; at++) {
            memset(magic, 'x', sizeof magic);
            magic[at] = (char)c;
            magic[24] = '\0';
            assert_carries(magic);
        }
}

TEST(utf8_passes_through)
{
    assert_writes("pä€😀", "{\"mdm\":\"pä€😀\"}");
    assert_carries("\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
                   "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

TEST(invalid_utf8_is_refused)
{
    static const char *const wrong[] = {
        "\x80",             /* continuation first */
        "\xc3",             /* cut off */
        "\xe2\x82",         /* cut off */
        "\xf0\x9f\x98",     /* cut off */
        "\xc0\xaf",         /* overlong */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "1234567\xc3",
        "12345678\xe2\x82g",
    };
    char out[PAYLOAD_MAX];

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(payload_write(out, sizeof out, wrong[i]), 0);
}

TEST(longest_magic_fits_however_it_is_escaped)
{
    char magic[APNS_MAX_MAGIC + 1];
    char out[PAYLOAD_MAX];

    memset(magic, 1, APNS_MAX_MAGIC);
    magic[APNS_MAX_MAGIC] = '\0';
    assert_int_equal(payload_write(out, sizeof out, magic), PAYLOAD_MAX);
    assert_carries(magic);
}

TEST(nothing_is_written_beyond_the_room)
{
    static const char *const magics[] = {"0123456789abcdef0", "\x01\x02\"\\",
                                         "€uro, 20 bytes long", ""};
    char out[128];

    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        size_t whole = payload_write(out, sizeof out, magics[i]);

        assert_true(whole > 0);
        for (size_t room = 0; room < whole; room++) {
            memset(out, '~', sizeof out);
            assert_int_equal(payload_write(out, room, magics[i]), 0);
            assert_int_equal(out[room], '~');
        }
        assert_int_equal(payload_write(out, whole, magics[i]), whole);
    }
}

static char logged[LOG_MAX_LINE + 1];

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    (void)arg;
    assert_int_equal(level, APNS_LOG_WARN);
    strncpy(logged, line, sizeof logged - 1);
}

TEST(log_line_stays_one_bounded_line)
{
    struct apns_config config = {.log = on_log};
    char text[3 * LOG_MAX_LINE];

    log_line(&config, APNS_LOG_WARN, "event=goaway reason=%s", "a\nb\x1b");
    assert_string_equal(logged, "event=goaway reason=a?b?");
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_line(&config, APNS_LOG_WARN, "%s", text);
    assert_int_equal(strlen(logged), LOG_MAX_LINE - 1);
    config.log = NULL;
    log_line(&config, APNS_LOG_WARN, "nobody listens");
}
