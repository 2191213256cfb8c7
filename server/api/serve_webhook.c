/* SPDX-License-Identifier: MIT */

/*
 * /v1/webhook: set as the webhook of a NanoMDM or MicroMDM, it keeps the
 * enrollments up to date without another program between them.
 */

#include <stdlib.h>

#include "api_private.h"
#include "request.h"
#include "routes.h"
#include "webhook_event.h"

static void
answer_ok(struct request *request)
{
    request_json(request, MHD_HTTP_OK, json_object());
}

static void
on_taken(void *arg, enum rouse_err err,
         const struct rouse_checkin_answer *answer)
{
    struct request *request = arg;

    if (err == ROUSE_EPLIST)
        request_fail(
            request, MHD_HTTP_BAD_REQUEST, "bad_plist", "raw_payload: %s",
            answer->detail == NULL ? rouse_err_text(err) : answer->detail);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
    else
        answer_ok(request);
}

void
serve_webhook_take(struct request *request)
{
    char why[JSON_IN_WHY];
    struct webhook_event event;
    enum rouse_err err;
    json_t *json = request_load_json(request);

    if (json == NULL)
        return;
    if (!webhook_event_read(json, &event, why)) {
        request_fail(request, MHD_HTTP_BAD_REQUEST, "invalid", "%s", why);
    } else if (!event.has_plist) {
        answer_ok(request);
    } else {
        err = rouse_checkin(request->api->rouse, event.plist, event.len,
                            event.at_ms, on_taken, request);
        if (err != ROUSE_OK)
            request_fail_rouse(request, err, "raw_payload");
    }
    free(event.plist);
    json_decref(json);
}
