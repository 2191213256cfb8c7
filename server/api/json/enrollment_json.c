/* SPDX-License-Identifier: MIT */
#include "enrollment_json.h"

#include <stdio.h>
#include <string.h>

#include "json_out.h"
#include "server/api/serve/until.h"

#define PREFIX_BYTES 4 /* of a token that may be shown */

static json_t *
pack_wake(const struct store_wake_state *wake)
{
    return json_pack(
        "{s:o, s:o, s:o, s:i, s:s, s:b, s:b}", "asked_at",
        json_out_time(wake->asked_at_ms), "due",
        json_out_time(wake->is_undecided ? 0 : wake->due_ms), "deadline",
        json_out_time(wake->deadline_ms), "attempt", (int)wake->attempt,
        "until", until_text((enum rouse_until)wake->until), "in_flight",
        (int)wake->is_claimed, "undecided", (int)wake->is_undecided);
}

json_t *
enrollment_json_wake(const char *id, const struct store_wake_state *wake)
{
    json_t *json = pack_wake(wake);

    if (json == NULL || json_object_set_new(json, "id", json_string(id)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *
pack_last_push(const struct store_last_push *push)
{
    if (push->at_ms == 0)
        return json_null();
    return json_pack("{s:o, s:i, s:o, s:o, s:o}", "at",
                     json_out_time(push->at_ms), "status", (int)push->status,
                     "reason", json_out_text(push->reason), "apns_id",
                     json_out_text(push->apns_id), "not_before",
                     json_out_time(push->not_before_ms));
}

/* Whole token and push magic, for those who may export. */
static bool
add_secrets(json_t *json, const struct store_enrollment *enrollment)
{
    char hex[2 * APNS_MAX_TOKEN + 1] = "";

    apns_token_hex(enrollment->token, enrollment->token_len, hex);
    return json_object_set_new(json, "token", json_string(hex)) == 0 &&
           json_object_set_new(json, "push_magic",
                               json_out_text(enrollment->magic)) == 0;
}

json_t *
enrollment_json_out(const struct store_enrollment *enrollment,
                    bool with_secrets)
{
    char prefix[2 * PREFIX_BYTES + 1] = "";
    size_t n = enrollment->token_len;
    json_t *json;

    apns_token_hex(enrollment->token, n < PREFIX_BYTES ? n : PREFIX_BYTES,
                   prefix);
    json = json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o, "
        "s:b}",
        "id", json_out_text(enrollment->id), "kind",
        store_kind_text(enrollment->kind), "parent_id",
        json_out_text(enrollment->parent), "serial_number",
        json_out_text(enrollment->serial), "topic",
        json_out_text(enrollment->topic), "token_prefix", prefix, "state",
        store_state_text(enrollment->state), "token_updated_at",
        json_out_time(enrollment->token_at_ms), "token_update_tally",
        (json_int_t)enrollment->tally, "last_seen_at",
        json_out_time(enrollment->seen_at_ms), "last_push",
        pack_last_push(&enrollment->last_push), "wake",
        enrollment->wake.exists ? pack_wake(&enrollment->wake) : json_null(),
        "group",
        enrollment->group != NULL && enrollment->group[0] != '\0'
            ? json_out_text(enrollment->group)
            : json_null(),
        "is_mismatched", (int)enrollment->is_mismatched);
    if (json != NULL && with_secrets && !add_secrets(json, enrollment)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void
read_kind(struct json_in *in, struct store_enrollment *enrollment)
{
    const char *text = json_in_string(in, "kind", 64);

    enrollment->kind = STORE_KIND_DEVICE;
    if (text != NULL && !store_kind_read(text, &enrollment->kind))
        json_in_fail(in, "kind must be one of \"Device\", \"User\", "
                         "\"Shared iPad\", \"User Enrollment (Device)\", "
                         "\"User Enrollment\"");
}

/* It goes into an HTTP header. */
static void
check_topic(struct json_in *in, const char *topic)
{
    for (; *topic != '\0'; topic++) {
        if (*topic <= ' ' || *topic >= 0x7f)
            json_in_fail(in, "topic must be printable ASCII without spaces");
    }
}

/* A user channel's id begins with its device's, a colon behind it. */
static void
read_parent(struct json_in *in, struct enrollment_json *read)
{
    struct store_enrollment *enrollment = &read->enrollment;
    const char *parent = json_in_string(in, "parent_id", STORE_MAX_ID);
    const char *colon =
        enrollment->id == NULL ? NULL : strchr(enrollment->id, ':');

    enrollment->parent = or_empty(parent);
    if (!store_kind_is_user(enrollment->kind)) {
        if (*enrollment->parent != '\0')
            json_in_fail(in, "parent_id is for user channels; this is a %s",
                         store_kind_text(enrollment->kind));
        return;
    }
    if (*enrollment->parent != '\0')
        return;
    if (colon == NULL || colon == enrollment->id) {
        json_in_fail(in, "parent_id is missing; a %s needs one",
                     store_kind_text(enrollment->kind));
        return;
    }
    snprintf(read->parent, sizeof read->parent, "%.*s",
             (int)(colon - enrollment->id), enrollment->id);
    enrollment->parent = read->parent;
}

static void
read_token(struct json_in *in, struct enrollment_json *read)
{
    struct store_enrollment *enrollment = &read->enrollment;
    const char *hex =
        or_empty(json_in_string(in, "token", 2 * STORE_MAX_TOKEN));

    enrollment->token = read->token;
    enrollment->token_len = 0;
    enrollment->magic =
        or_empty(json_in_string(in, "push_magic", STORE_MAX_MAGIC));
    if (*hex != '\0' &&
        apns_token_read(hex, read->token, &enrollment->token_len) != APNS_OK)
        json_in_fail(in,
                     "token must be 2 to %d hexadecimal digits, an even "
                     "number of them",
                     2 * STORE_MAX_TOKEN);
    if (enrollment->token_len == 0)
        return;
    if (*enrollment->magic == '\0')
        json_in_fail(in, "push_magic is missing; a token needs one");
    if (*enrollment->topic == '\0')
        json_in_fail(in, "topic is missing; a token needs one");
}

/* One that is to be woken has all that a push needs. */
static void
need_push_data(struct json_in *in, const struct store_enrollment *enrollment)
{
    const char *missing = *enrollment->topic == '\0'   ? "topic"
                          : enrollment->token_len == 0 ? "token"
                          : *enrollment->magic == '\0' ? "push_magic"
                                                       : NULL;

    if (missing != NULL)
        json_in_fail(in,
                     "%s is missing; only an enrollment with "
                     "\"state\":\"disabled\" may lack it",
                     missing);
}

static void
read_state(struct json_in *in, struct store_enrollment *enrollment)
{
    const char *text = json_in_string(in, "state", 64);

    enrollment->state = STORE_STATE_ENABLED;
    if (text != NULL && !store_state_read(text, &enrollment->state))
        json_in_fail(in, "state must be one of \"enabled\", \"disabled\", "
                         "\"dead\", \"suspect\"");
}

static void
read_times(struct json_in *in, int64_t now_ms,
           struct store_enrollment *enrollment)
{
    enrollment->token_at_ms = json_in_time(in, "token_updated_at");
    if (json_object_get(in->object, "token_updated_at") == NULL &&
        enrollment->token_len > 0)
        enrollment->token_at_ms = now_ms;
    enrollment->tally = (uint32_t)json_in_int(
        in, "token_update_tally", 0, INT32_MAX, enrollment->token_len > 0);
    enrollment->seen_at_ms = json_in_time(in, "last_seen_at");
    /* An exported line comes back as it was; these are the store's own. */
    json_in_ignore(in, "token_prefix");
    json_in_ignore(in, "last_push");
    json_in_ignore(in, "wake");
    json_in_ignore(in, "is_mismatched");
}

/* An export says null of one that is in no group; where nothing is said, the
   group stays as it is. */
static void
read_group(struct json_in *in, struct store_enrollment *enrollment)
{
    const char *path = json_in_string(in, "group", STORE_MAX_GROUP_PATH);

    if (path == NULL && json_object_get(in->object, "group") != NULL)
        path = "";
    enrollment->group = path;
    json_in_name(in, "group", path);
    if (path != NULL && path[0] != '\0' && !store_group_path_ok(path))
        json_in_fail(in,
                     "group must be 1 to %d parts of 1 to %d bytes, joined by "
                     "\"/\"",
                     STORE_MAX_GROUP_DEPTH, STORE_MAX_GROUP_PART);
}

bool
enrollment_json_in(struct json_in *in, const char *id, int64_t now_ms,
                   struct enrollment_json *read)
{
    struct store_enrollment *enrollment = &read->enrollment;

    memset(read, 0, sizeof *read);
    if (id == NULL) {
        enrollment->id = json_in_need(in, "id", STORE_MAX_ID);
    } else {
        const char *inner = json_in_string(in, "id", STORE_MAX_ID);

        enrollment->id = id;
        if (inner != NULL && strcmp(inner, id) != 0)
            json_in_fail(in, "id is not the one in the path");
    }
    read_kind(in, enrollment);
    enrollment->serial =
        or_empty(json_in_string(in, "serial_number", STORE_MAX_SERIAL));
    enrollment->topic = or_empty(json_in_string(in, "topic", STORE_MAX_TOPIC));
    read_parent(in, read);
    json_in_name(in, "id", enrollment->id);
    json_in_name(in, "topic", enrollment->topic);
    json_in_name(in, "parent_id", enrollment->parent);
    json_in_name(in, "serial_number", enrollment->serial);
    check_topic(in, enrollment->topic);
    read_token(in, read);
    read_state(in, enrollment);
    read_times(in, now_ms, enrollment);
    read_group(in, enrollment);
    /* After the names: one that is misspelt is not missing. */
    if (json_in_end(in) && enrollment->state != STORE_STATE_DISABLED)
        need_push_data(in, enrollment);
    return !in->is_bad;
}
