/* SPDX-License-Identifier: MIT */
#include "webhook_event.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rfc3339.h"

/* Other fields of the event are the sender's business. */
static bool
has_prefix(const char *text, const char *prefix)
{
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
decode(const char *base64, size_t len, struct webhook_event *event)
{
    size_t padding = len - strcspn(base64, "=");
    int n;

    if (len == 0 || len % 4 != 0 || padding > 2 ||
        (padding == 2 && base64[len - 1] != '='))
        return false;
    event->plist = malloc(len / 4 * 3 + 1);
    if (event->plist == NULL)
        return false;
    n = EVP_DecodeBlock(event->plist, (const unsigned char *)base64, (int)len);
    if (n < 0) {
        free(event->plist);
        event->plist = NULL;
        return false;
    }
    /* It counts the padding as bytes. */
    event->len = (size_t)n - padding;
    return true;
}

bool
webhook_event_read(const json_t *json, struct webhook_event *event,
                   char why[JSON_IN_WHY])
{
    const char *topic = json_string_value(json_object_get(json, "topic"));
    const char *at = json_string_value(json_object_get(json, "created_at"));
    const char *name = "checkin_event";
    const json_t *inner = json_object_get(json, name);
    const json_t *payload;

    memset(event, 0, sizeof *event);
    if (topic == NULL) {
        snprintf(why, JSON_IN_WHY, "topic must be a string");
        return false;
    }
    if (!has_prefix(topic, "mdm."))
        return true;
    if (!json_is_object(inner)) {
        name = "acknowledge_event";
        inner = json_object_get(json, name);
    }
    if (!json_is_object(inner))
        return true;
    payload = json_object_get(inner, "raw_payload");
    if (payload == NULL || json_is_null(payload))
        return true;
    if (!json_is_string(payload) ||
        !decode(json_string_value(payload), json_string_length(payload),
                event)) {
        snprintf(why, JSON_IN_WHY, "%s.raw_payload must be base64", name);
        return false;
    }
    event->has_plist = true;
    /* Go's zero time, and whatever cannot be read, is no time at all. */
    if (at == NULL || !rfc3339_read(at, &event->at_ms) || event->at_ms < 0)
        event->at_ms = 0;
    return true;
}
