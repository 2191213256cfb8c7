/* SPDX-License-Identifier: MIT */
#include "apns_id.h"

#include <stdbool.h>
#include <string.h>

#include "apns/base/hex.h"

#define UUID_LEN  16 /* packed */
#define UUID_TEXT 36

static bool
is_dash(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

static bool
read_uuid(const char *text, uint8_t *bytes)
{
    static const uint8_t groups[] = {8, 4, 4, 4, 12};

    for (size_t i = 0; i < sizeof groups; i++) {
        if ((i > 0 && *text++ != '-') || !hex_read(text, groups[i], bytes))
            return false;
        text += groups[i];
        bytes += groups[i] / 2;
    }
    return true;
}

/* Every accepted push has one, so without a branch for each digit. */
static void
find_cases(const char *text, uint8_t *lower, uint8_t *upper)
{
    *lower = *upper = 0;
    for (size_t at = 0; at < UUID_TEXT; at++) {
        uint8_t is_letter = (uint8_t)text[at] >> 6 & 1;
        uint8_t is_lower = (uint8_t)text[at] >> 5 & 1;

        *lower |= is_letter & is_lower;
        *upper |= is_letter & (is_lower ^ 1);
    }
}

size_t
apns_id_pack(const char *text, uint8_t bytes[APNS_ID_MAX])
{
    size_t len = strnlen(text, APNS_ID_MAX);
    uint8_t lower, upper;

    if (len == UUID_TEXT && read_uuid(text, bytes)) {
        find_cases(text, &lower, &upper);
        bytes[UUID_LEN] = 'U';
        if (!lower || !upper)
            return UUID_LEN + upper;
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
    const char *digits =
        len == UUID_LEN ? "0123456789abcdef" : "0123456789ABCDEF";
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
