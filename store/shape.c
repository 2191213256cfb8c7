/* SPDX-License-Identifier: MIT */
#include "store/shape.h"

#include <string.h>

const char *
shape_given(const char *text)
{
    return text == NULL ? "" : text;
}

bool
shape_text(const char *text, size_t max)
{
    return text == NULL || strnlen(text, max + 1) <= max;
}

bool
shape_name(const char *text, size_t max)
{
    return text != NULL && text[0] != '\0' && shape_text(text, max);
}

bool
shape_ids(const char *const *ids, size_t n)
{
    if (n > STORE_MAX_BATCH)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!shape_name(ids[i], STORE_MAX_ID))
            return false;
    }
    return true;
}

bool
shape_enrollment(const struct store_enrollment *enrollment)
{
    return shape_name(enrollment->id, STORE_MAX_ID) &&
           enrollment->kind < STORE_N_KINDS &&
           enrollment->state < STORE_N_STATES &&
           shape_text(enrollment->parent, STORE_MAX_ID) &&
           shape_text(enrollment->serial, STORE_MAX_SERIAL) &&
           shape_text(enrollment->topic, STORE_MAX_TOPIC) &&
           shape_text(enrollment->magic, STORE_MAX_MAGIC) &&
           enrollment->token_len <= STORE_MAX_TOKEN &&
           enrollment->token_at_ms >= 0 && enrollment->seen_at_ms >= 0;
}

static bool
shape_token_update(const struct store_checkin *checkin)
{
    return shape_name(checkin->topic, STORE_MAX_TOPIC) &&
           shape_name(checkin->magic, STORE_MAX_MAGIC) &&
           checkin->token_len > 0 && checkin->token_len <= STORE_MAX_TOKEN;
}

bool
shape_checkin(const struct store_checkin *checkin)
{
    if (!shape_name(checkin->id, STORE_MAX_ID) ||
        checkin->kind >= STORE_N_KINDS || checkin->type > STORE_CHECKIN_SEEN ||
        checkin->at_ms < 0 || !shape_text(checkin->parent, STORE_MAX_ID) ||
        !shape_text(checkin->serial, STORE_MAX_SERIAL) ||
        !shape_text(checkin->topic, STORE_MAX_TOPIC))
        return false;
    return checkin->type != STORE_CHECKIN_TOKEN_UPDATE ||
           shape_token_update(checkin);
}
