/* SPDX-License-Identifier: MIT */

/*
 * /healthz, /readyz and /version: for load balancers, service managers and
 * people; without a key and without a secret.
 */

#include <string.h>

#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"

static void
answer_health(struct request *request, const char *why)
{
    if (why == NULL)
        request_json(request, HTTP_OK, json_pack("{s:s}", "status", "ok"));
    else
        request_json(
            request, HTTP_SERVICE_UNAVAILABLE,
            json_pack("{s:s, s:s}", "status", "unavailable", "why", why));
}

void
serve_health_live(struct request *request)
{
    struct rouse_status status;

    rouse_status_get(request->api->rouse, &status);
    answer_health(request, status.is_disk_failing
                               ? "the disk fails: nothing can be written"
                               : NULL);
}

void
serve_health_ready(struct request *request)
{
    struct rouse_status status;

    rouse_status_get(request->api->rouse, &status);
    if (request->api->is_draining)
        answer_health(request, "stopping");
    else if (status.is_disk_failing)
        answer_health(request, "the disk fails: nothing can be written");
    else
        answer_health(request,
                      status.is_ready ? NULL : "no connection to APNs yet");
}

void
serve_health_version(struct request *request)
{
    static const char text[] = "{\"version\":\"v" ROUSE_VERSION "\"}";

    request_text(request, HTTP_OK, "application/json", strdup(text),
                 strlen(text));
}
