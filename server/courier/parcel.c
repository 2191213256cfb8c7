/* SPDX-License-Identifier: MIT */
#include "server/courier/parcel.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/hex.h"
#include "apns/base/rfc3339.h"

static json_t *
time_json(int64_t at_ms)
{
    char text[RFC3339_SIZE];

    return at_ms <= 0 ? json_null() : json_string(rfc3339_text(at_ms, text));
}

/* Broken UTF-8 may be in a topic, but not in JSON. */
static json_t *
text_json(const char *text)
{
    json_t *json = json_string(text);

    return json != NULL ? json : json_string("?");
}

char *
parcel_json(const struct store_message *message)
{
    const struct store_alert *alert = &message->alert;
    int threshold = alert->threshold_days;
    char *text;
    json_t *json = json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "id",
        (json_int_t)alert->id, "at", time_json(alert->at_ms), "kind",
        text_json(alert->kind), "topic", text_json(alert->topic), "severity",
        text_json(alert->severity), "state", message->is_end ? "ended" : "open",
        "text", text_json(alert->text), "threshold_days",
        threshold < 0 ? json_null() : json_integer(threshold), "ended_at",
        message->is_end ? time_json(alert->ended_at_ms) : json_null());

    if (json == NULL)
        return NULL;
    text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return text;
}

bool
parcel_sign(const char *key, const char *body, size_t len,
            char value[PARCEL_SIGNATURE])
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int n = 0;

    if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)body,
             len, mac, &n) == NULL)
        return false;
    memcpy(value, "sha256=", 8);
    hex_write(mac, n < 32 ? n : 32, value + 7);
    return true;
}

int64_t
parcel_delay_ms(uint32_t attempt, uint32_t chance)
{
    int64_t span = PARCEL_MAX_MS;

    if (attempt >= 1 && attempt <= 12)
        span = (int64_t)PARCEL_MIN_MS << (attempt - 1);
    if (span > PARCEL_MAX_MS)
        span = PARCEL_MAX_MS;
    return span - span / 4 + (span / 2) * chance / UINT32_MAX;
}
