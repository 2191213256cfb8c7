/* SPDX-License-Identifier: MIT */

/*
 * What comes after the import: history, revert, removal, export, and the
 * master key that all is sealed with.
 */

#include <stdlib.h>
#include <string.h>

#include "cert_body.h"
#include "cert_json.h"
#include "serve_certimport.h"
#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define MAX_PASSPHRASE 1024

static void
on_history(void *arg, enum rouse_err err, const struct rouse_cert_record *certs,
           size_t n)
{
    struct request *request = arg;
    json_t *list;

    if (err == ROUSE_ENOTFOUND) {
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "there never was a push certificate for the topic %s",
                     request->rest);
        return;
    }
    if (err != ROUSE_OK) {
        request_fail_rouse(request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_out_append(&list, cert_json_history(&certs[i]));
    request_json(request, HTTP_OK, json_pack("{s:o}", "history", list));
}

void
serve_certlife_history(struct request *request)
{
    enum rouse_err err;

    if (!cert_body_may_touch(request))
        return;
    err = rouse_cert_history(request->api->rouse, request->rest, on_history,
                             request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_certlife_revert(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err = ROUSE_OK;
    struct json_in in;
    const char *note;
    bool is_tested;
    json_t *json;

    if (!cert_body_may_touch(request) ||
        (json = request_load_json(request)) == NULL)
        return;
    json_in_begin(&in, json);
    note = json_in_string(&in, "note", STORE_MAX_NOTE);
    is_tested = json_in_bool(&in, "test", true);
    request_actor(request, actor);
    if (!json_in_end(&in))
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    else
        err = rouse_cert_revert(request->api->rouse, request->rest, actor, note,
                                !is_tested, serve_certimport_answer, request);
    json_decref(json);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

static void
on_removed(void *arg, enum rouse_err err,
           const struct rouse_cert_refusal *refusal, uint64_t n)
{
    struct request *request = arg;

    if (err == ROUSE_OK)
        request_json(request, HTTP_OK,
                     json_pack("{s:I}", "enrollments", (json_int_t)n));
    else if (err == ROUSE_EGUARD)
        cert_json_refuse(request, refusal,
                         json_pack("{s:I}", "enrollments", (json_int_t)n));
    else
        cert_json_fail(request, err, refusal);
}

void
serve_certlife_remove(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    int64_t confirm = -1;
    enum rouse_err err;

    if (!cert_body_may_touch(request) ||
        !query_int(request, "confirm", 0, INT64_MAX, &confirm))
        return;
    request_actor(request, actor);
    err = rouse_cert_remove(request->api->rouse, request->rest, confirm >= 0,
                            confirm >= 0 ? (uint64_t)confirm : 0, actor,
                            on_removed, request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

static void
on_exported(void *arg, enum rouse_err err,
            const struct rouse_cert_refusal *refusal, const unsigned char *der,
            size_t len)
{
    struct request *request = arg;
    char *copy;

    if (err != ROUSE_OK) {
        cert_json_fail(request, err, refusal);
        return;
    }
    if ((copy = malloc(len)) != NULL)
        memcpy(copy, der, len);
    request_text(request, HTTP_OK, "application/x-pkcs12", copy, len);
}

void
serve_certlife_export(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err = ROUSE_OK;
    const char *passphrase;
    struct json_in in;
    json_t *json;

    if (!request_is_local(request) || !cert_body_may_touch(request) ||
        (json = request_load_json(request)) == NULL)
        return;
    json_in_begin(&in, json);
    passphrase = json_in_need(&in, "passphrase", MAX_PASSPHRASE);
    request_actor(request, actor);
    if (!json_in_end(&in))
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", in.why);
    else
        err = rouse_cert_export(request->api->rouse, request->rest, passphrase,
                                actor, on_exported, request);
    json_decref(json);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

static void
on_rotated(void *arg, enum rouse_err err,
           const struct rouse_cert_refusal *refusal, uint64_t n)
{
    struct request *request = arg;

    if (err == ROUSE_OK)
        request_json(request, HTTP_OK,
                     json_pack("{s:I}", "rotated", (json_int_t)n));
    else
        cert_json_fail(request, err, refusal);
}

void
serve_certlife_rotate(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    if (!request_is_local(request))
        return;
    request_actor(request, actor);
    err = rouse_cert_rotate_master(request->api->rouse, actor, on_rotated,
                                   request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
