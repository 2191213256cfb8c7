/* SPDX-License-Identifier: MIT */
#include "checkin_plist.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <plist/plist.h>

#include "apns/base/utf8.h"
#include "plist_guard.h"

/* Shared iPad sends this in place of every user's UserID. */
#define SHARED_IPAD_USER "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"

/* A message being read: the dict, and room for what is wrong with it. */
struct message {
    plist_t dict;
    char *detail;
};

static bool __attribute__((format(printf, 2, 3)))
refuse(const struct message *message, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(message->detail, CHECKIN_PLIST_MAX_DETAIL, fmt, args);
    va_end(args);
    return false;
}

static const char *
type_name(plist_t node)
{
    switch (plist_get_node_type(node)) {
    case PLIST_BOOLEAN:
        return "a boolean";
    case PLIST_UINT:
        return "an integer";
    case PLIST_REAL:
        return "a real";
    case PLIST_STRING:
        return "a string";
    case PLIST_ARRAY:
        return "an array";
    case PLIST_DICT:
        return "a dict";
    case PLIST_DATE:
        return "a date";
    case PLIST_DATA:
        return "data";
    default:
        return "of unknown type";
    }
}

/*
 * Strings.
 */

/* What a string may hold beside valid UTF-8 without NUL. */
enum charset {
    ANY,       /* control characters too */
    CLEAN,     /* none of them */
    PRINTABLE, /* ASCII without blanks: goes into an HTTP header */
};

struct field {
    const char *key;
    size_t max;
    enum charset charset;
    bool is_required; /* else missing and empty are the same */
};

static bool
is_allowed(uint32_t code, enum charset charset)
{
    switch (charset) {
    case ANY:
        return code != 0;
    case CLEAN:
        return code >= 0x20 && (code < 0x7f || code > 0x9f);
    default:
        return code > 0x20 && code < 0x7f;
    }
}

static bool
check_text(const struct message *message, const struct field *field,
           const char *text, size_t len)
{
    for (size_t used = 0; used < len;) {
        uint32_t code = 0;
        size_t n = utf8_read(text + used, len - used, &code);

        if (n == 0)
            return refuse(message, "%s is not UTF-8", field->key);
        if (!is_allowed(code, field->charset))
            return refuse(message,
                          "%s contains a character that is not allowed: U+%04X "
                          "at byte %zu",
                          field->key, code, used);
        used += n;
    }
    return true;
}

/* Copy a string into ${out}, which has room for the field's maximum. */
static bool
copy_string(const struct message *message, const struct field *field, char *out)
{
    plist_t node = plist_dict_get_item(message->dict, field->key);
    const char *text;
    uint64_t len = 0;

    out[0] = '\0';
    if (node == NULL)
        return !field->is_required ||
               refuse(message, "%s is missing", field->key);
    if (plist_get_node_type(node) != PLIST_STRING)
        return refuse(message, "%s is %s, not a string", field->key,
                      type_name(node));
    text = plist_get_string_ptr(node, &len);
    if (text == NULL || len == 0)
        return !field->is_required ||
               refuse(message, "%s is empty", field->key);
    if (len > field->max)
        return refuse(message, "%s has %llu bytes, at most %zu", field->key,
                      (unsigned long long)len, field->max);
    if (!check_text(message, field, text, (size_t)len))
        return false;
    memcpy(out, text, (size_t)len);
    out[len] = '\0';
    return true;
}

bool
checkin_plist_id(const char *key, const char *text, char *out, char *detail)
{
    const struct message message = {.detail = detail};
    const struct field field = {key, STORE_MAX_ID, CLEAN, true};
    size_t len = strlen(text);

    if (len > field.max)
        return refuse(&message, "%s has %zu bytes, at most %zu", key, len,
                      field.max);
    if (!check_text(&message, &field, text, len))
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bool
copy_token(const struct message *message, struct checkin *out)
{
    plist_t node = plist_dict_get_item(message->dict, "Token");
    const char *bytes;
    uint64_t len = 0;

    if (node == NULL)
        return refuse(message, "Token is missing");
    if (plist_get_node_type(node) != PLIST_DATA)
        return refuse(message, "Token is %s, not data", type_name(node));
    bytes = plist_get_data_ptr(node, &len);
    if (bytes == NULL || len == 0)
        return refuse(message, "Token is empty");
    if (len > sizeof out->token)
        return refuse(message, "Token has %llu bytes, at most %zu",
                      (unsigned long long)len, sizeof out->token);
    memcpy(out->token, bytes, (size_t)len);
    out->token_len = (size_t)len;
    return true;
}

/*
 * Who it is, as NanoMDM resolves it (mdm/type.go).
 */

static bool
join_id(const struct message *message, const char *user_key, const char *user,
        struct checkin *out)
{
    size_t parent_len = strlen(out->id);
    size_t len = parent_len + 1 + strlen(user);

    if (user[0] == '\0')
        return refuse(message, "%s is missing", user_key);
    if (len > STORE_MAX_ID)
        return refuse(message,
                      "the id made of device and %s has %zu bytes, "
                      "at most %d",
                      user_key, len, STORE_MAX_ID);
    memcpy(out->parent, out->id, sizeof out->parent);
    out->id[parent_len] = ':';
    memcpy(out->id + parent_len + 1, user, strlen(user) + 1);
    return true;
}

static bool
resolve_user(const struct message *message, const char *user_id,
             struct checkin *out)
{
    static const struct field short_name = {"UserShortName", STORE_MAX_ID,
                                            CLEAN, false};
    char user[STORE_MAX_ID + 1];

    if (strcmp(user_id, SHARED_IPAD_USER) != 0) {
        out->kind = STORE_KIND_USER;
        return join_id(message, "UserID", user_id, out);
    }
    out->kind = STORE_KIND_SHARED_IPAD;
    return copy_string(message, &short_name, user) &&
           join_id(message, short_name.key, user, out);
}

static bool
resolve(const struct message *message, struct checkin *out)
{
    static const struct field udid = {"UDID", STORE_MAX_ID, CLEAN, false};
    static const struct field user_id = {"UserID", STORE_MAX_ID, CLEAN, false};
    static const struct field enrollment = {"EnrollmentID", STORE_MAX_ID, CLEAN,
                                            false};
    static const struct field enrollment_user = {"EnrollmentUserID",
                                                 STORE_MAX_ID, CLEAN, false};
    char user[STORE_MAX_ID + 1];

    if (!copy_string(message, &udid, out->id))
        return false;
    if (out->id[0] != '\0') {
        out->kind = STORE_KIND_DEVICE;
        return copy_string(message, &user_id, user) &&
               (user[0] == '\0' || resolve_user(message, user, out));
    }
    if (!copy_string(message, &enrollment, out->id))
        return false;
    if (out->id[0] == '\0')
        return refuse(message, "UDID and EnrollmentID are both missing");
    out->kind = STORE_KIND_USER_ENROLLMENT_DEVICE;
    if (!copy_string(message, &enrollment_user, user))
        return false;
    if (user[0] == '\0')
        return true;
    out->kind = STORE_KIND_USER_ENROLLMENT;
    return join_id(message, enrollment_user.key, user, out);
}

/*
 * What it says.
 */

enum store_checkin_type
checkin_plist_type(const char *word)
{
    static const struct {
        const char *word;
        enum store_checkin_type type;
    } types[] = {
        {"Authenticate", STORE_CHECKIN_AUTHENTICATE},
        {"TokenUpdate", STORE_CHECKIN_TOKEN_UPDATE},
        {"CheckOut", STORE_CHECKIN_CHECK_OUT},
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].word, word) == 0)
            return types[i].type;
    return STORE_CHECKIN_SEEN;
}

static bool
read_type(const struct message *message, struct checkin *out)
{
    static const struct field message_type = {
        "MessageType", CHECKIN_PLIST_MAX_TYPE, CLEAN, true};

    out->type = STORE_CHECKIN_SEEN;
    if (plist_dict_get_item(message->dict, message_type.key) == NULL) {
        if (plist_dict_get_item(message->dict, "Status") == NULL)
            return refuse(message, "MessageType and Status are both missing");
        return true;
    }
    if (!copy_string(message, &message_type, out->message_type))
        return false;
    out->type = checkin_plist_type(out->message_type);
    return true;
}

/* Apple requires a topic in Authenticate too. But one without still says
 * that the old token is void, and that must not get lost. */
static bool
read_fields(const struct message *message, struct checkin *out)
{
    bool is_update = out->type == STORE_CHECKIN_TOKEN_UPDATE;
    const struct field serial = {"SerialNumber", STORE_MAX_SERIAL, CLEAN,
                                 false};
    const struct field topic = {"Topic", STORE_MAX_TOPIC, PRINTABLE, is_update};
    const struct field magic = {"PushMagic", STORE_MAX_MAGIC, ANY, true};

    if (!is_update && out->type != STORE_CHECKIN_AUTHENTICATE)
        return true;
    if (!copy_string(message, &serial, out->serial) ||
        !copy_string(message, &topic, out->topic))
        return false;
    return !is_update || (copy_token(message, out) &&
                          copy_string(message, &magic, out->magic));
}

static bool
read_message(const struct message *message, struct checkin *out)
{
    if (message->dict == NULL)
        return refuse(message, "not a well-formed plist");
    if (plist_get_node_type(message->dict) != PLIST_DICT)
        return refuse(message, "the plist is %s, not a dict",
                      type_name(message->dict));
    return read_type(message, out) && resolve(message, out) &&
           read_fields(message, out);
}

/* plist_from_memory() has other parameters since libplist 2.3, and takes
   formats that no device sends. */
static void
parse(const char *plist, size_t len, plist_t *dict)
{
    if (plist_guard_is_binary(plist, len))
        plist_from_bin(plist, (uint32_t)len, dict);
    else
        plist_from_xml(plist, (uint32_t)len, dict);
}

enum rouse_err
checkin_plist_read(const void *plist, size_t len, struct checkin *out,
                   char *detail)
{
    struct message message = {.detail = detail};
    const char *why;
    bool is_read;

    memset(out, 0, sizeof *out);
    detail[0] = '\0';
    if (len > (size_t)ROUSE_MAX_PLIST) {
        refuse(&message, "the plist has %zu bytes, at most %d", len,
               ROUSE_MAX_PLIST);
        return ROUSE_ETOOLARGE;
    }
    if (!plist_guard_check(plist, len, &why)) {
        refuse(&message, "%s", why);
        return ROUSE_EPLIST;
    }
    parse(plist, len, &message.dict);
    is_read = read_message(&message, out);
    plist_free(message.dict);
    if (is_read)
        return ROUSE_OK;
    OPENSSL_cleanse(out, sizeof *out);
    memset(out, 0, sizeof *out);
    return ROUSE_EPLIST;
}

void
checkin_plist_fini(struct checkin *checkin)
{
    OPENSSL_cleanse(checkin->token, sizeof checkin->token);
    OPENSSL_cleanse(checkin->magic, sizeof checkin->magic);
    checkin->token_len = 0;
}
