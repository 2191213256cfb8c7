/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <jansson.h>
#include <string.h>

#define PATH_PREFIX     "/3/device/"
#define PATH_PREFIX_LEN (sizeof PATH_PREFIX - 1)

static const struct {
    const char *name;
    uint16_t name_len;
    uint16_t max;
} headers[JUDGE_N_HEADERS] = {
#define X(name, header, max) {(header), sizeof(header) - 1, (max)},
    JUDGE_HEADERS(X)
#undef X
};

static bool
has(const struct judge_request *request, enum judge_header header)
{
    return (request->seen & (1U << header)) != 0;
}

static bool
fits(const struct judge_request *request, enum judge_header header)
{
    return request->len[header] <= headers[header].max;
}

static bool
is_value(const struct judge_request *request, enum judge_header header,
         const char *text)
{
    return fits(request, header) && strcmp(request->value[header], text) == 0;
}

void
judge_request_reset(struct judge_request *request)
{
    request->seen = 0;
    request->is_duplicated = false;
    request->token_len = 0;
    request->body_len = 0;
    memset(request->len, 0, sizeof request->len);
}

static char *
place_of(struct judge_request *request, enum judge_header header)
{
    if (header == JUDGE_PATH)
        return request->path;
    if (header == JUDGE_TOPIC)
        return request->topic;
    return request->value[header];
}

void
judge_header_add(struct judge_request *request, const uint8_t *name,
                 size_t name_len, const uint8_t *value, size_t len)
{
    for (int i = 0; i < JUDGE_N_HEADERS; i++) {
        enum judge_header header = (enum judge_header)i;
        size_t kept = headers[i].max;
        char *place;

        if (headers[i].name_len != name_len ||
            memcmp(headers[i].name, name, name_len) != 0)
            continue;
        if (has(request, header))
            request->is_duplicated = true;
        request->seen |= (uint16_t)(1U << i);
        request->len[i] = (uint16_t)(len > UINT16_MAX ? UINT16_MAX : len);
        if (kept > len)
            kept = len;
        place = place_of(request, header);
        memcpy(place, value, kept);
        place[kept] = '\0';
        return;
    }
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

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
judge_token_read(struct judge_request *request)
{
    const char *hex = request->path + PATH_PREFIX_LEN;
    size_t n;

    request->token_len = 0;
    if (!has(request, JUDGE_PATH) || !fits(request, JUDGE_PATH) ||
        strncmp(request->path, PATH_PREFIX, PATH_PREFIX_LEN) != 0)
        return false;
    n = request->len[JUDGE_PATH] - PATH_PREFIX_LEN;
    if (n == 0 || n % 2 != 0)
        return false;
    for (size_t i = 0; i < n / 2; i++) {
        int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        request->token[i] = (uint8_t)(high << 4 | low);
    }
    /* Zeros alone: no device ever had that, as a test push knows. */
    if (strspn(hex, "0") == n)
        return false;
    request->token_len = (uint16_t)(n / 2);
    return true;
}

/* 8-4-4-4-12 hex digits of either case. */
static bool
is_uuid(const char *text, size_t len)
{
    if (len != 36)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (is_dash ? text[i] != '-' : hex_value(text[i]) < 0)
            return false;
    }
    return true;
}

/* Seconds since 1970: digits only, and few enough for 64 bits. */
static bool
is_time(const char *text, size_t len)
{
    return len >= 1 && len <= 18 && strspn(text, "0123456789") == len;
}

/* Exactly {"mdm":"<text>"}, as JSON; spaces do not matter. */
static bool
is_mdm_payload(const uint8_t *body, size_t len)
{
    json_t *root =
        json_loadb((const char *)body, len, JSON_REJECT_DUPLICATES, NULL);
    const char *magic = json_string_value(json_object_get(root, "mdm"));
    bool ok = json_object_size(root) == 1 && magic != NULL && *magic != '\0';

    json_decref(root);
    return ok;
}

static const char *
check_path(const struct judge_request *request)
{
    const char *path = request->path;

    if (strcmp(path, "/3/device") == 0 || strcmp(path, PATH_PREFIX) == 0)
        return "MissingDeviceToken";
    if (strncmp(path, PATH_PREFIX, PATH_PREFIX_LEN) != 0)
        return "BadPath";
    return request->token_len == 0 ? "BadDeviceToken" : NULL;
}

static const char *
check_topic(const struct judge_request *request, const char *topic)
{
    size_t prefix_len = sizeof JUDGE_TOPIC_PREFIX - 1;

    if (!has(request, JUDGE_TOPIC))
        return "MissingTopic";
    if (!fits(request, JUDGE_TOPIC) ||
        strncmp(request->topic, JUDGE_TOPIC_PREFIX, prefix_len) != 0 ||
        request->topic[prefix_len] == '\0')
        return "BadTopic";
    return strcmp(request->topic, topic) == 0 ? NULL : "TopicDisallowed";
}

static const char *
check_headers(const struct judge_request *request)
{
    const char *expiration = request->value[JUDGE_EXPIRATION];

    if (!has(request, JUDGE_PUSH_TYPE) ||
        !is_value(request, JUDGE_PUSH_TYPE, "mdm"))
        return "InvalidPushType";
    if (has(request, JUDGE_PRIORITY) &&
        !is_value(request, JUDGE_PRIORITY, "10") &&
        !is_value(request, JUDGE_PRIORITY, "5") &&
        !is_value(request, JUDGE_PRIORITY, "1"))
        return "BadPriority";
    if (has(request, JUDGE_EXPIRATION) &&
        (!fits(request, JUDGE_EXPIRATION) ||
         !is_time(expiration, request->len[JUDGE_EXPIRATION])))
        return "BadExpirationDate";
    if (has(request, JUDGE_COLLAPSE_ID) && !fits(request, JUDGE_COLLAPSE_ID))
        return "BadCollapseId";
    return NULL;
}

static struct judge_verdict
reject(uint16_t status, const char *reason)
{
    return (struct judge_verdict){.status = status, .reason = reason};
}

struct judge_verdict
judge_request_check(const struct judge_request *request, const char *topic)
{
    const char *reason;

    if (topic[0] == '\0')
        return reject(403, "BadCertificate");
    if (!has(request, JUDGE_METHOD) || !is_value(request, JUDGE_METHOD, "POST"))
        return reject(405, "MethodNotAllowed");
    if ((reason = check_path(request)) != NULL)
        return reject(strcmp(reason, "BadPath") == 0 ? 404 : 400, reason);
    if (request->is_duplicated)
        return reject(400, "DuplicateHeaders");
    if (has(request, JUDGE_ID) &&
        !is_uuid(request->value[JUDGE_ID], request->len[JUDGE_ID]))
        return reject(400, "BadMessageId");
    if ((reason = check_topic(request, topic)) != NULL ||
        (reason = check_headers(request)) != NULL)
        return reject(400, reason);
    if (request->body_len == 0)
        return reject(400, "PayloadEmpty");
    if (request->body_len > JUDGE_MAX_PAYLOAD)
        return reject(413, "PayloadTooLarge");
    if (!is_mdm_payload(request->body, request->body_len))
        return reject(400, "BadPayload");
    return (struct judge_verdict){.status = 200};
}
