/* SPDX-License-Identifier: MIT */

/*
 * /v1/keys: API keys. The secret is in the answer that creates a key and
 * nowhere else, ever.
 */

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "server/api/api_private.h"
#include "server/api/auth/audit.h"
#include "server/api/auth/keyring.h"
#include "server/api/http/httpd.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define LIST_LIMIT 100  /* keys in a page */
#define LIST_MAX   1000 /* the most that may be asked for */

/* A key on its way from the store into the ring. */
struct creation {
    struct request *request;
    char secret[AUTH_SECRET_LEN + 1];
};

static json_t *
pack_verbs(uint32_t verbs)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < AUTH_N_VERBS; i++) {
        if ((verbs & AUTH_BIT(i)) != 0)
            json_out_append(&list,
                            json_string(auth_verb_text((enum auth_verb)i)));
    }
    return list;
}

static json_t *
pack_key(const struct store_key *key)
{
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)key->id,
        "name", json_out_text(key->name), "verbs", pack_verbs(key->verbs),
        "topic", json_out_text(key->topic), "group", json_out_text(key->group),
        "created_at", json_out_time(key->created_at_ms), "revoked_at",
        json_out_time(key->revoked_at_ms));
}

static void
on_keys(void *arg, enum store_err err, const struct store_key *keys, size_t n,
        int64_t next)
{
    struct request *request = arg;
    json_t *list;

    if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_out_append(&list, pack_key(&keys[i]));
    request_json(request, HTTP_OK,
                 json_pack("{s:o, s:o}", "keys", list, "next_cursor",
                           json_out_cursor(next)));
}

void
serve_keys_list(struct request *request)
{
    int64_t limit = LIST_LIMIT;
    int64_t after = 0;
    enum store_err err;

    if (!query_int(request, "limit", 1, LIST_MAX, &limit) ||
        !query_int(request, "cursor", 0, INT64_MAX, &after))
        return;
    err = store_key_list(request->api->store, false, after, (size_t)limit,
                         on_keys, request);
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}

static void
free_creation(void *state)
{
    struct creation *creation = state;

    OPENSSL_cleanse(creation->secret, sizeof creation->secret);
    free(creation);
}

static void
note_event(struct request *request, const char *kind, int64_t id,
           const char *detail)
{
    char subject[32];

    snprintf(subject, sizeof subject, "%" PRId64, id);
    audit_note(request, kind, subject, "%s", detail);
}

/* The one answer that has the secret. */
static void
answer_created(struct request *request, const struct store_key *key,
               const char *secret)
{
    json_t *answer = pack_key(key);
    char text[AUTH_KEY_SIZE];

    snprintf(text, sizeof text, "rouse_%" PRId64 "_%s", key->id, secret);
    if (answer != NULL &&
        json_object_set_new(answer, "key", json_string(text)) != 0) {
        json_decref(answer);
        answer = NULL;
    }
    OPENSSL_cleanse(text, sizeof text);
    request_json(request, HTTP_CREATED, answer);
}

static void
on_created(void *arg, enum store_err err, const struct store_key *keys,
           size_t n, int64_t next)
{
    struct creation *creation = arg;
    struct request *request = creation->request;
    struct keyring *keyring = request->api->keyring;

    (void)next;
    if (err != STORE_OK || n == 0) {
        keyring_release(keyring);
        request_fail_store(request, err, NULL);
        return;
    }
    keyring_add(keyring, keys);
    if (request_is_over(request))
        return;
    note_event(request, "key.created", keys->id, keys->name);
    answer_created(request, keys, creation->secret);
}

static uint32_t
read_verbs(struct json_in *in)
{
    size_t n;
    const char **texts = json_in_strings(in, "verbs", AUTH_N_VERBS, 32, &n);
    enum auth_verb verb;
    uint32_t verbs = 0;

    if (texts == NULL)
        json_in_fail(in, "verbs must be an array of at least one of read, "
                         "checkin, wake, enrollments, export, pushcert, "
                         "admin");
    for (size_t i = 0; texts != NULL && i < n; i++) {
        if (auth_verb_read(texts[i], &verb))
            verbs |= AUTH_BIT(verb);
        else
            json_in_fail(in,
                         "verbs[%zu] must be one of read, checkin, wake, "
                         "enrollments, export, pushcert, admin",
                         i);
    }
    free((void *)texts);
    return verbs;
}

static void
create(struct request *request, struct store_key *key)
{
    struct creation *creation = calloc(1, sizeof *creation);
    enum store_err err;

    if (creation == NULL) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    creation->request = request;
    request_keep(request, creation, free_creation);
    if (!auth_secret_new(creation->secret, key->hash)) {
        request_fail(request, HTTP_INTERNAL_SERVER_ERROR, "no_random",
                     "the system provides no random bytes");
        return;
    }
    key->created_at_ms = clock_unix_ms();
    if (!keyring_reserve(request->api->keyring)) {
        request_fail(request, HTTP_CONFLICT, "too_many",
                     "%d keys are in force already; revoke one first",
                     KEYRING_MAX);
        return;
    }
    err = store_key_put(request->api->store, key, on_created, creation);
    if (err == STORE_OK)
        return;
    keyring_release(request->api->keyring);
    request_fail_store(request, err, NULL);
}

void
serve_keys_create(struct request *request)
{
    struct store_key key = {0};
    struct json_in in;
    json_t *json = request_load_json(request);

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    key.name = json_in_need(&in, "name", STORE_MAX_NAME);
    json_in_name(&in, "name", key.name);
    key.verbs = read_verbs(&in);
    key.topic = json_in_string(&in, "topic", STORE_MAX_TOPIC);
    json_in_name(&in, "topic", key.topic);
    if (key.topic == NULL)
        key.topic = "";
    key.group = json_in_string(&in, "group", STORE_MAX_GROUP_PATH);
    if (key.group != NULL && *key.group != '\0' &&
        !store_group_path_ok(key.group))
        json_in_fail(&in, "group is not the path of a group");
    if (!json_in_end(&in))
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    else
        create(request, &key);
    json_decref(json);
}

static void
on_revoked(void *arg, enum store_err err)
{
    struct request *request = arg;
    int64_t id;

    if (err == STORE_ENOTFOUND) {
        request_fail(request, HTTP_NOT_FOUND, "not_found", "no key %s",
                     request->rest);
    } else if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
    } else if (!request_is_over(request) && query_rest_id(request, &id)) {
        keyring_drop(request->api->keyring, id);
        httpd_revoke(request->api->local, id);
        httpd_revoke(request->api->remote, id);
        note_event(request, "key.revoked", id, "");
        request_empty(request, HTTP_NO_CONTENT);
    }
}

void
serve_keys_revoke(struct request *request)
{
    enum store_err err;
    int64_t id;

    if (!query_rest_id(request, &id))
        return;
    err = store_key_revoke(request->api->store, id, on_revoked, request);
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}
