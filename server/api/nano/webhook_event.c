/* SPDX-License-Identifier: MIT */
#include "webhook_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/base64.h"
#include "apns/base/rfc3339.h"

#define TOPIC_PREFIX "mdm."

/* Other fields of the event are the sender's business. */
static bool
has_prefix(const char *text, const char *prefix)
{
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
decode(const char *base64, size_t len, struct webhook_event *event)
{
    event->plist = malloc(BASE64_ROOM(len) + 1);
    if (event->plist != NULL &&
        base64_read(base64, len, event->plist, &event->len))
        return true;
    free(event->plist);
    event->plist = NULL;
    return false;
}

#define CHECKIN  "checkin_event"
#define RESPONSE "acknowledge_event"

/* What the body is called; NULL: it need not have one. */
static const char *
needed_body(const char *type)
{
    static const struct {
        const char *type;
        const char *body;
    } needs[] = {
        {"Authenticate", CHECKIN},
        {"TokenUpdate", CHECKIN},
        {"CheckOut", CHECKIN},
        {"Connect", RESPONSE},
    };

    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (strcmp(needs[i].type, type) == 0)
            return needs[i].body;
    return NULL;
}

static const char *
text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void
read_about(const json_t *json, const char *type, const json_t *body,
           struct rouse_checkin_about *about)
{
    const char *at = text_of(json, "created_at");
    const json_t *ids = json_object_get(body, "ids");
    json_int_t tally =
        json_integer_value(json_object_get(body, "token_update_tally"));

    /* Go's zero time, and whatever cannot be read, is no time at all. */
    if (at == NULL || !rfc3339_read(at, &about->at_ms) || about->at_ms < 0)
        about->at_ms = 0;
    if (tally > 0 && tally <= INT32_MAX)
        about->tally = (uint32_t)tally;
    about->message_type = type;
    about->udid = text_of(body, "udid");
    about->enrollment_id = text_of(body, "enrollment_id");
    about->id = text_of(ids, "id");
    about->parent = text_of(ids, "parent_id");
    about->kind = text_of(ids, "type");
}

static bool
read_payload(const json_t *body, const char *name, bool is_needed,
             struct webhook_event *event, char why[JSON_IN_WHY])
{
    const json_t *payload = json_object_get(body, "raw_payload");

    if (payload == NULL || json_is_null(payload)) {
        snprintf(why, JSON_IN_WHY, "%s.raw_payload is missing", name);
        return !is_needed;
    }
    event->has_plist =
        json_is_string(payload) &&
        decode(json_string_value(payload), json_string_length(payload), event);
    if (!event->has_plist)
        snprintf(why, JSON_IN_WHY, "%s.raw_payload must be base64", name);
    return event->has_plist;
}

bool
webhook_event_read(const json_t *json, struct webhook_event *event,
                   char why[JSON_IN_WHY])
{
    const char *topic = text_of(json, "topic");
    const char *type, *name;
    const json_t *body;
    bool is_needed;

    memset(event, 0, sizeof *event);
    if (topic == NULL) {
        snprintf(why, JSON_IN_WHY, "topic must be a string");
        return false;
    }
    if (!has_prefix(topic, TOPIC_PREFIX))
        return true;
    type = topic + strlen(TOPIC_PREFIX);
    name = needed_body(type);
    is_needed = name != NULL;
    if (name == NULL)
        name =
            json_is_object(json_object_get(json, CHECKIN)) ? CHECKIN : RESPONSE;
    body = json_object_get(json, name);
    if (!json_is_object(body)) {
        snprintf(why, JSON_IN_WHY,
                 "%s is missing; an event mdm.%.32s needs one", name, type);
        return !is_needed;
    }
    if (!read_payload(body, name, is_needed, event, why))
        return false;
    read_about(json, type, body, &event->about);
    return true;
}
