/* SPDX-License-Identifier: MIT */

/*
 * /v1/alerts: open and ended alerts.
 */

#include "server/api/api_private.h"
#include "server/api/json/alert_json.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define LIST_LIMIT 100
#define LIST_MAX   STORE_MAX_ALERTS /* all that are kept */

static void
on_alerts(void *arg, enum rouse_err err, const struct rouse_alert *alerts,
          size_t n)
{
    struct request *request = arg;
    json_t *list;

    if (err != ROUSE_OK) {
        request_fail_rouse(request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_out_append(&list, alert_json_out(&alerts[i]));
    request_json(request, HTTP_OK, json_pack("{s:o}", "alerts", list));
}

void
serve_alerts_list(struct request *request)
{
    bool only_open = false;
    int64_t limit = LIST_LIMIT;
    enum rouse_err err;

    if (!query_flag(request, "open", &only_open) ||
        !query_int(request, "limit", 1, LIST_MAX, &limit))
        return;
    err = rouse_alert_list(request->api->rouse, only_open, (size_t)limit,
                           on_alerts, request);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
