/* SPDX-License-Identifier: MIT */

/*
 * /v1/webhook: set as the webhook of a NanoMDM or MicroMDM, it keeps the
 * enrollments up to date without another program between them.
 */

#include <stdlib.h>

#include "server/api/api_private.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "webhook_event.h"
#include "webhook_key.h"

static void
answer_ok(struct request *request)
{
    request_json(request, HTTP_OK, json_object());
}

static void
on_taken(void *arg, enum rouse_err err,
         const struct rouse_checkin_answer *answer)
{
    struct request *request = arg;

    if (err == ROUSE_EPLIST)
        request_fail(request, HTTP_BAD_REQUEST, "bad_plist", "raw_payload: %s",
                     answer->detail == NULL ? rouse_err_text(err)
                                            : answer->detail);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
    else
        answer_ok(request);
}

/* Where a key is set, whoever does not know it has no say. */
static bool
is_signed(struct request *request)
{
    const struct webhook_key *key = &request->api->webhook_key;
    const char *signature = request_header(request, WEBHOOK_SIGNATURE_HEADER);

    if (webhook_key_verify(key, request->body, request->body_len, signature))
        return true;
    request->api->n_refused++;
    request_fail(request, HTTP_FORBIDDEN, "bad_signature",
                 signature == NULL ? WEBHOOK_SIGNATURE_HEADER
                     " is missing; this roused has a webhook_hmac_key"
                                   : WEBHOOK_SIGNATURE_HEADER
                     " does not match this body and the webhook_hmac_key");
    return false;
}

void
serve_webhook_take(struct request *request)
{
    char why[JSON_IN_WHY];
    struct webhook_event event;
    enum rouse_err err;
    json_t *json;

    if (!is_signed(request) || (json = request_load_json(request)) == NULL)
        return;
    if (!webhook_event_read(json, &event, why)) {
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", why);
    } else if (!event.has_plist) {
        answer_ok(request);
    } else {
        err = rouse_checkin(request->api->rouse, event.plist, event.len,
                            &event.about, on_taken, request);
        if (err != ROUSE_OK)
            request_fail_rouse(request, err, "raw_payload");
    }
    free(event.plist);
    json_decref(json);
}
