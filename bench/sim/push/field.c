/* SPDX-License-Identifier: MIT */
#include "field.h"

#include <string.h>

/*
 * APNs' rules.
 */

static bool
is(struct field_text text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

static bool
begins_with(struct field_text text, const char *word)
{
    size_t len = strlen(word);

    return text.len >= len && memcmp(text.at, word, len) == 0;
}

static const char *
check_method(struct field_text value, const char *topic)
{
    (void)topic;
    return is(value, "POST") ? NULL : "MethodNotAllowed";
}

static const char *
check_topic(struct field_text value, const char *topic)
{
    if (value.len > FIELD_MAX_TOPIC ||
        !begins_with(value, FIELD_TOPIC_PREFIX) ||
        value.len == sizeof FIELD_TOPIC_PREFIX - 1)
        return "BadTopic";
    return is(value, topic) ? NULL : "TopicDisallowed";
}

static const char *
check_type(struct field_text value, const char *topic)
{
    (void)topic;
    return is(value, "mdm") ? NULL : "InvalidPushType";
}

static const char *
check_priority(struct field_text value, const char *topic)
{
    (void)topic;
    return is(value, "10") || is(value, "5") || is(value, "1") ? NULL
                                                               : "BadPriority";
}

/* Seconds since 1970: digits only, and few enough for 64 bits. */
static const char *
check_time(struct field_text value, const char *topic)
{
    bool is_good = value.len >= 1 && value.len <= 18;

    (void)topic;
    for (size_t i = 0; i < value.len; i++)
        is_good = is_good && value.at[i] >= '0' && value.at[i] <= '9';
    return is_good ? NULL : "BadExpirationDate";
}

/* A hex digit's value + 1; 0 for what is none. */
static const uint8_t hex_digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* 8-4-4-4-12 hex digits of either case. */
static const char *
check_id(struct field_text value, const char *topic)
{
    bool is_good = value.len == 36;

    (void)topic;
    for (size_t i = 0; is_good && i < 36; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        is_good = is_dash ? value.at[i] == '-'
                          : hex_digits[(uint8_t)value.at[i]] != 0;
    }
    return is_good ? NULL : "BadMessageId";
}

static const char *
check_size(struct field_text value, const char *topic)
{
    (void)topic;
    return value.len <= FIELD_MAX_COLLAPSE ? NULL : "BadCollapseId";
}

/* Tokens' digits are random: a branch on each would be mispredicted. */
uint16_t
field_bytes_read(struct field_text hex, uint8_t *bytes, bool *is_zero)
{
    size_t n = hex.len / 2;
    uint8_t any = 0, bad = 0;

    if (n == 0 || n > FIELD_MAX_TOKEN || hex.len % 2 != 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t high = hex_digits[(uint8_t)hex.at[2 * i]] - 1U;
        uint32_t low = hex_digits[(uint8_t)hex.at[2 * i + 1]] - 1U;

        bad |= (uint8_t)((high | low) >> 8);
        bytes[i] = (uint8_t)(high << 4 | low);
        any |= bytes[i];
    }
    *is_zero = any == 0;
    return bad != 0 ? 0 : (uint16_t)n;
}

uint16_t
field_token_read(struct field_text hex, uint8_t *token)
{
    bool is_zero = false;
    uint16_t n = field_bytes_read(hex, token, &is_zero);

    /* Zeros alone: no device ever had that, as a test push knows. */
    return is_zero ? 0 : n;
}

const char *
field_path_read(struct field_text path, uint8_t *token, uint16_t *len)
{
    size_t prefix_len = sizeof FIELD_PATH_PREFIX - 1;

    *len = 0;
    if (is(path, "/3/device") || is(path, FIELD_PATH_PREFIX))
        return "MissingDeviceToken";
    if (!begins_with(path, FIELD_PATH_PREFIX))
        return "BadPath";
    path.at += prefix_len;
    path.len -= prefix_len;
    *len = field_token_read(path, token);
    return *len == 0 ? "BadDeviceToken" : NULL;
}

/*
 * HTTP's.
 */

/* RFC 9110's tchar, without capitals, which HTTP/2 forbids. */
static bool
is_name(struct field_text name)
{
    static const char odd[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            memchr(odd, c, sizeof odd - 1) == NULL)
            return false;
    }
    return name.len > 0;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* No control characters but tabs, and no blanks around. */
static bool
is_value(struct field_text value)
{
    uint32_t bad = 0;

    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = (uint8_t)value.at[i];

        bad |= ((c < ' ') & (c != '\t')) | (c == 0x7f);
    }
    return bad == 0 && (value.len == 0 || (!is_blank(value.at[0]) &&
                                           !is_blank(value.at[value.len - 1])));
}

/* What is about one connection of HTTP/1 does not belong into HTTP/2. */
static bool
is_forbidden(struct field_text name, struct field_text value)
{
    static const char *const names[] = {"connection", "keep-alive",
                                        "proxy-connection", "transfer-encoding",
                                        "upgrade"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is(name, names[i]))
            return true;
    return is(name, "te") && !is(value, "trailers");
}

static bool
is_allowed(enum field_kind kind, struct field_text name,
           struct field_text value)
{
    if (kind == FIELD_OTHER && (!is_name(name) || is_forbidden(name, value)))
        return false;
    if (kind == FIELD_PATH && !begins_with(value, "/") && !is(value, "*"))
        return false;
    return is_value(value);
}

/*
 * As a whole.
 */

static const struct {
    const char *name;
    size_t len;
    const char *(*check)(struct field_text value, const char *topic);
} kinds[FIELD_OTHER] = {
#define X(kind, name, check) {(name), sizeof(name) - 1, (check)},
    FIELD_KINDS(X)
#undef X
};

static enum field_kind
find_kind(struct field_text name)
{
    for (int i = 0; i < FIELD_OTHER; i++)
        if (kinds[i].len == name.len &&
            memcmp(kinds[i].name, name.at, name.len) == 0)
            return (enum field_kind)i;
    return FIELD_OTHER;
}

struct field
field_read(struct field_text name, struct field_text value, const char *topic)
{
    struct field field = {.kind = find_kind(name)};

    field.is_malformed = !is_allowed(field.kind, name, value);
    if (field.kind != FIELD_OTHER && kinds[field.kind].check != NULL)
        field.reason = kinds[field.kind].check(value, topic);
    return field;
}
