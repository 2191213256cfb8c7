/* SPDX-License-Identifier: MIT */

/*
 * /v1/events: who did what to which certificate, what died, what was alarming.
 */

#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define LIST_LIMIT 100  /* events in a page */
#define LIST_MAX   1000 /* the most that may be asked for */

static json_t *
pack_event(const struct store_event *event)
{
    return json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)event->id, "at",
        json_out_time(event->at_ms), "kind", json_out_text(event->kind),
        "subject", json_out_text(event->subject), "actor",
        json_out_text(event->actor), "detail", json_out_text(event->detail));
}

static void
on_events(void *arg, enum store_err err, const struct store_event *events,
          size_t n)
{
    struct request *request = arg;
    json_t *list;

    if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
        return;
    }
    list = json_array();
    for (size_t i = 0; i < n; i++)
        json_out_append(&list, pack_event(&events[i]));
    request_json(request, HTTP_OK, json_pack("{s:o}", "events", list));
}

void
serve_events_list(struct request *request)
{
    int64_t after = 0;
    int64_t limit = LIST_LIMIT;
    enum store_err err;

    if (!query_int(request, "after", 0, INT64_MAX, &after) ||
        !query_int(request, "limit", 1, LIST_MAX, &limit))
        return;
    err = store_event_list(request->api->store, after, (size_t)limit, on_events,
                           request);
    if (err != STORE_OK)
        request_fail_store(request, err, NULL);
}
