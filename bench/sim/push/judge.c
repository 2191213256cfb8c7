/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <jansson.h>
#include <string.h>

#define BIT(kind)      (1U << FIELD_##kind)
#define PSEUDO         ((1U << FIELD_N_PSEUDO) - 1)
#define PAYLOAD_BEGIN  "{\"mdm\":\""
#define PAYLOAD_END    "\"}"
#define PAYLOAD_AROUND (sizeof PAYLOAD_BEGIN PAYLOAD_END - 1)

void
judge_request_reset(struct judge_request *request)
{
    request->seen = request->bad = 0;
    request->is_malformed = request->is_duplicated = false;
    request->token_len = 0;
    request->body_len = 0;
}

/* Digits only, and few enough for 64 bits. */
static bool
read_length(struct field_text text, uint64_t *length)
{
    *length = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *length = *length * 10 + (uint64_t)(text.at[i] - '0');
    }
    return text.len > 0 && text.len < 19;
}

/* What must not have come before a field: one of its kind, and before a
 * pseudo-header all that is none. */
static uint32_t
find_excluded(enum field_kind kind)
{
    if (kind == FIELD_OTHER)
        return 0;
    return 1U << kind | (kind < FIELD_N_PSEUDO ? ~PSEUDO : 0);
}

void
judge_field_add(struct judge_request *request, struct field_text name,
                struct field_text value, const char *topic)
{
    /* Pseudo-headers come first, and once; so does the length. */
    const uint32_t strict = PSEUDO | BIT(CONTENT_LENGTH);
    struct field field = field_read(name, value, topic);
    uint32_t bit = 1U << field.kind;
    bool is_misplaced = (request->seen & find_excluded(field.kind)) != 0;

    request->is_malformed |=
        field.is_malformed || (is_misplaced && (bit & strict) != 0);
    request->is_duplicated |= is_misplaced;
    request->seen |= bit;
    if (field.kind == FIELD_PATH)
        field.reason =
            field_path_read(value, request->token, &request->token_len);
    else if (field.kind == FIELD_ID && field.reason == NULL)
        memcpy(request->id, value.at, JUDGE_ID_LEN);
    else if (field.kind == FIELD_CONTENT_LENGTH &&
             !read_length(value, &request->content_length))
        request->is_malformed = true;
    if (field.reason == NULL)
        return;
    request->bad |= bit;
    request->reason[field.kind] = field.reason;
}

void
judge_body_add(struct judge_request *request, const uint8_t *body, size_t len)
{
    if (request->body_len < JUDGE_MAX_PAYLOAD) {
        size_t room = JUDGE_MAX_PAYLOAD - request->body_len;

        memcpy(request->body + request->body_len, body,
               len < room ? len : room);
    }
    request->body_len += len;
}

/* {"mdm":"<text>"} to the letter, and nothing in it that needs JSON. */
static bool
is_usual_payload(const uint8_t *body, size_t len)
{
    uint32_t bad = 0;

    if (len <= PAYLOAD_AROUND ||
        memcmp(body, PAYLOAD_BEGIN, sizeof PAYLOAD_BEGIN - 1) != 0 ||
        memcmp(body + len - 2, PAYLOAD_END, 2) != 0)
        return false;
    for (size_t i = sizeof PAYLOAD_BEGIN - 1; i < len - 2; i++)
        bad |= ((uint8_t)(body[i] - ' ') > '~' - ' ') | (body[i] == '"') |
               (body[i] == '\\');
    return bad == 0;
}

/* Exactly {"mdm":"<text>"}, as JSON; spaces do not matter. */
static bool
is_mdm_payload(const uint8_t *body, size_t len)
{
    json_t *root;
    const char *magic;
    bool ok;

    if (is_usual_payload(body, len))
        return true;
    root = json_loadb((const char *)body, len, JSON_REJECT_DUPLICATES, NULL);
    magic = json_string_value(json_object_get(root, "mdm"));
    ok = json_object_size(root) == 1 && magic != NULL && *magic != '\0';
    json_decref(root);
    return ok;
}

static struct judge_verdict
reject(uint16_t status, const char *reason)
{
    return (struct judge_verdict){.status = status, .reason = reason};
}

/* The first of the header fields that is wrong or missing, as APNs looks. */
static struct judge_verdict
find_fault(const struct judge_request *request, uint32_t needed)
{
    static const struct {
        enum field_kind kind;
        uint16_t status;
        const char *missing; /* where it is needed */
    } order[] = {
        {FIELD_METHOD, 405, "MethodNotAllowed"},
        {FIELD_PATH, 400, "MissingDeviceToken"},
        {FIELD_OTHER, 400, NULL}, /* here: one came twice */
        {FIELD_ID, 400, NULL},
        {FIELD_TOPIC, 400, "MissingTopic"},
        {FIELD_PUSH_TYPE, 400, "InvalidPushType"},
        {FIELD_PRIORITY, 400, NULL},
        {FIELD_EXPIRATION, 400, NULL},
        {FIELD_COLLAPSE_ID, 400, NULL},
    };

    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum field_kind kind = order[i].kind;
        const char *reason = order[i].missing;

        if (kind == FIELD_OTHER)
            reason = request->is_duplicated ? "DuplicateHeaders" : NULL;
        else if (judge_has(request, kind))
            reason = request->bad & (1U << kind) ? request->reason[kind] : NULL;
        else if ((needed & (1U << kind)) == 0)
            reason = NULL;
        if (reason != NULL)
            return reject(
                strcmp(reason, "BadPath") == 0 ? 404 : order[i].status, reason);
    }
    return (struct judge_verdict){.status = 200};
}

struct judge_verdict
judge_request_check(const struct judge_request *request, const char *topic,
                    bool is_explicit)
{
    const uint32_t needed = BIT(METHOD) | BIT(PATH) |
                            (is_explicit ? BIT(TOPIC) | BIT(PUSH_TYPE) : 0);

    if (topic[0] == '\0')
        return reject(403, "BadCertificate");
    if (request->bad != 0 || request->is_duplicated ||
        (request->seen & needed) != needed)
        return find_fault(request, needed);
    if (request->body_len == 0)
        return reject(400, "PayloadEmpty");
    if (request->body_len > JUDGE_MAX_PAYLOAD)
        return reject(413, "PayloadTooLarge");
    if (!is_mdm_payload(request->body, request->body_len))
        return reject(400, "BadPayload");
    return (struct judge_verdict){.status = 200};
}
