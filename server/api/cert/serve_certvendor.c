/* SPDX-License-Identifier: MIT */

/*
 * /v1/pushcerts/vendor: the MDM vendor's credential; its facts, never its key.
 */

#include "cert_body.h"
#include "cert_json.h"
#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"

static void
fail(struct request *request, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    if (err == ROUSE_ENOTFOUND)
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "there is no vendor certificate");
    else
        cert_json_fail(request, err, refusal);
}

static void
on_vendor(void *arg, enum rouse_err err,
          const struct rouse_cert_refusal *refusal,
          const struct rouse_cert_vendor *vendor)
{
    struct request *request = arg;
    const struct apns_cert *cert;

    if (err != ROUSE_OK) {
        fail(request, err, refusal);
        return;
    }
    cert = &vendor->cert;
    request_json(
        request, HTTP_OK,
        json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o}", "subject",
            json_out_text(cert->subject), "issuer", json_out_text(cert->issuer),
            "serial_number", json_out_text(cert->serial), "sha256",
            json_out_text(cert->sha256), "not_before",
            json_out_time(cert->not_before_unix * 1000), "not_after",
            json_out_time(cert->not_after_unix * 1000), "chain_length",
            (int)vendor->n_chain, "put_at", json_out_time(vendor->put_at_ms),
            "put_by", json_out_text(vendor->put_by), "warnings",
            cert_json_strings(vendor->warnings, vendor->n_warnings)));
}

void
serve_certvendor_put(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    struct cert_body body;
    enum rouse_err err;

    if (!cert_body_read(request, &body) || !cert_body_end(request, &body))
        return;
    request_actor(request, actor);
    err = rouse_cert_vendor_put(request->api->rouse, &body.files, actor,
                                on_vendor, request);
    cert_body_fini(&body);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_certvendor_get(struct request *request)
{
    enum rouse_err err =
        rouse_cert_vendor_get(request->api->rouse, on_vendor, request);

    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

static void
on_deleted(void *arg, enum rouse_err err)
{
    struct request *request = arg;

    if (err == ROUSE_OK)
        request_empty(request, HTTP_NO_CONTENT);
    else
        fail(request, err, NULL);
}

void
serve_certvendor_delete(struct request *request)
{
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    request_actor(request, actor);
    err = rouse_cert_vendor_delete(request->api->rouse, actor, on_deleted,
                                   request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
