/* SPDX-License-Identifier: MIT */

/*
 * /v1/pushcerts/requests and /v1/pushcerts/mdmcert: requests for push
 * certificates, signed here, elsewhere, or by mdmcert.download.
 */

#include <string.h>

#include "cert_json.h"
#include "server/api/api_private.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define MAX_EMAIL 128 /* certlife's limits, so that errors name the field */
#define MAX_CN    64
#define MAX_KEY   256

static json_t *
pack_request(const struct rouse_cert_request *it)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:b, s:o}", "name",
        json_out_text(it->name), "topic",
        it->topic[0] != '\0' ? json_out_text(it->topic) : json_null(),
        "created_at", json_out_time(it->created_at_ms), "created_by",
        json_out_text(it->created_by), "csr", json_out_text(it->csr_pem),
        "spki_sha256", it->spki_sha256, "upload",
        it->upload[0] != '\0' ? json_out_text(it->upload) : json_null(),
        "mail_awaited", (int)it->is_mail_awaited, "warnings",
        cert_json_strings(it->warnings, it->n_warnings));
}

static void
on_made(void *arg, enum rouse_err err, const struct rouse_cert_refusal *refusal,
        const struct rouse_cert_request *it, size_t n)
{
    struct request *request = arg;
    json_t *json;

    if (err != ROUSE_OK || n != 1) {
        cert_json_fail(request, err, refusal);
        return;
    }
    json = pack_request(it);
    /* What goes to mdmcert.download is JSON itself. */
    if (json != NULL && it->message[0] != '\0')
        json_object_set_new(json, "request", json_loads(it->message, 0, NULL));
    request_json(request, HTTP_CREATED, json);
}

static void
make(struct request *request, struct json_in *in, json_t *json,
     const struct rouse_cert_wish *wish)
{
    enum rouse_err err = ROUSE_OK;
    bool is_good = json_in_end(in);

    if (!is_good)
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in->why);
    else if (wish->topic != NULL ? !request_sees(request, wish->topic)
                                 : request->caller.topic[0] != '\0')
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this key is limited to the topic %s",
                     request->caller.topic);
    else
        err = rouse_cert_request_make(request->api->rouse, wish, on_made,
                                      request);
    json_decref(json);
    if (err == ROUSE_EINVAL)
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "name must be 1 to %d letters, digits, '.', '-', '_'",
                     ROUSE_CERT_MAX_NAME);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_certrequests_make(struct request *request)
{
    json_t *json = request_load_json(request);
    struct rouse_cert_wish wish = {0};
    char actor[AUTH_NAME_SIZE];
    struct json_in in;

    if (json == NULL)
        return;
    request_actor(request, actor);
    wish.by = actor;
    json_in_begin(&in, json);
    wish.topic = json_in_string(&in, "topic", APNS_MAX_TOPIC);
    wish.name = json_in_string(&in, "name", ROUSE_CERT_MAX_NAME);
    wish.common_name = json_in_string(&in, "common_name", MAX_CN);
    wish.country = json_in_string(&in, "country", 2);
    wish.email = json_in_string(&in, "email", MAX_EMAIL);
    wish.is_to_sign = json_in_bool(&in, "sign", false);
    make(request, &in, json, &wish);
}

void
serve_certrequests_mail(struct request *request)
{
    json_t *json = request_load_json(request);
    struct rouse_cert_wish wish = {0};
    char actor[AUTH_NAME_SIZE];
    struct json_in in;

    if (json == NULL)
        return;
    request_actor(request, actor);
    wish.by = actor;
    json_in_begin(&in, json);
    wish.topic = json_in_string(&in, "topic", APNS_MAX_TOPIC);
    wish.name = json_in_string(&in, "name", ROUSE_CERT_MAX_NAME);
    wish.email = json_in_need(&in, "email", MAX_EMAIL);
    wish.mail_key = json_in_need(&in, "key", MAX_KEY);
    make(request, &in, json, &wish);
}

static void
on_listed(void *arg, enum rouse_err err,
          const struct rouse_cert_refusal *refusal,
          const struct rouse_cert_request *requests, size_t n)
{
    struct request *request = arg;
    json_t *list = json_array();

    if (err != ROUSE_OK) {
        json_decref(list);
        cert_json_fail(request, err, refusal);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (request_sees(request, requests[i].topic))
            json_out_append(&list, pack_request(&requests[i]));
    request_json(request, HTTP_OK, json_pack("{s:o}", "requests", list));
}

void
serve_certrequests_list(struct request *request)
{
    enum rouse_err err =
        rouse_cert_request_list(request->api->rouse, NULL, on_listed, request);

    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

/* Of one request, by its name. */
static void
fail(struct request *request, enum rouse_err err)
{
    if (err == ROUSE_ENOTFOUND)
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "no pending request %s", request->rest);
    else
        request_fail_rouse(request, err, NULL);
}

static void
on_got(void *arg, enum rouse_err err, const struct rouse_cert_refusal *refusal,
       const struct rouse_cert_request *it, size_t n)
{
    struct request *request = arg;

    if (err == ROUSE_OK && (n != 1 || !request_sees(request, it->topic)))
        err = ROUSE_ENOTFOUND;
    if (err == ROUSE_EGUARD)
        cert_json_refuse(request, refusal, NULL);
    else if (err != ROUSE_OK)
        fail(request, err);
    else
        request_json(request, HTTP_OK, pack_request(it));
}

void
serve_certrequests_get(struct request *request)
{
    enum rouse_err err = rouse_cert_request_list(
        request->api->rouse, request->rest, on_got, request);

    if (err != ROUSE_OK)
        fail(request, err);
}

static void
on_deleted(void *arg, enum rouse_err err)
{
    struct request *request = arg;

    if (err == ROUSE_OK)
        request_empty(request, HTTP_NO_CONTENT);
    else
        fail(request, err);
}

void
serve_certrequests_delete(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    request_actor(request, actor);
    err = rouse_cert_request_delete(request->api->rouse, request->rest, actor,
                                    on_deleted, request);
    if (err != ROUSE_OK)
        fail(request, err);
}

void
serve_certrequests_open(struct request *request)
{
    json_t *json = request_load_json(request);
    enum rouse_err err = ROUSE_OK;
    const char *reply;
    struct json_in in;

    if (json == NULL)
        return;
    json_in_begin(&in, json);
    reply = json_in_need(&in, "reply", ROUSE_CERT_MAX_LEN);
    if (!json_in_end(&in))
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    else
        err =
            rouse_cert_request_open_mail(request->api->rouse, request->rest,
                                         reply, strlen(reply), on_got, request);
    json_decref(json);
    if (err != ROUSE_OK)
        fail(request, err);
}
