/* SPDX-License-Identifier: MIT */
#include "apns_id.h"

#include <stdbool.h>
#include <string.h>

#define UUID_LEN  16 /* packed */
#define UUID_TEXT 36

static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

static bool
is_dash(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

static bool
read_uuid(const char *text, const char *digits, uint8_t *bytes)
{
    size_t n = 0;

    memset(bytes, 0, UUID_LEN);
    for (size_t at = 0; at < UUID_TEXT; at++) {
        const char *digit;

        if (is_dash(at) != (text[at] == '-'))
            return false;
        if (text[at] == '-')
            continue;
        if ((digit = memchr(digits, text[at], 16)) == NULL)
            return false;
        bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | (digit - digits));
        n++;
    }
    return true;
}

size_t
apns_id_pack(const char *text, uint8_t bytes[APNS_ID_MAX])
{
    size_t len = strnlen(text, APNS_ID_MAX);

    if (len == UUID_TEXT && read_uuid(text, lower, bytes))
        return UUID_LEN;
    if (len == UUID_TEXT && read_uuid(text, upper, bytes)) {
        bytes[UUID_LEN] = 'U';
        return UUID_LEN + 1;
    }
    /* No text of ours may look like a packed one. */
    if (len == UUID_LEN || len == UUID_LEN + 1)
        len = UUID_LEN - 1;
    memcpy(bytes, text, len);
    return len;
}

const char *
apns_id_unpack(struct arena *arena, const uint8_t *bytes, size_t len)
{
    bool is_uuid = len == UUID_LEN || len == UUID_LEN + 1;
    const char *digits = len == UUID_LEN ? lower : upper;
    char *text = arena_take(arena, is_uuid ? UUID_TEXT + 1 : len + 1);
    size_t n = 0;

    if (text == NULL)
        return NULL;
    if (!is_uuid) {
        if (len > 0)
            memcpy(text, bytes, len);
        return text;
    }
    for (size_t at = 0; at < UUID_TEXT; at++) {
        if (is_dash(at)) {
            text[at] = '-';
            continue;
        }
        text[at] = digits[n % 2 == 0 ? bytes[n / 2] >> 4 : bytes[n / 2] & 15];
        n++;
    }
    return text;
}
