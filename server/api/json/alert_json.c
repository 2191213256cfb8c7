/* SPDX-License-Identifier: MIT */
#include "alert_json.h"

#include <string.h>

#include "json_out.h"

json_t *
alert_json_out(const struct rouse_alert *alert)
{
    return json_pack(
        "{s:I, s:o, s:s, s:o, s:s, s:o, s:s, s:o, s:o}", "id",
        (json_int_t)alert->id, "at", json_out_time(alert->at_ms), "kind",
        alert->kind, "topic", json_out_text(alert->topic), "severity",
        alert->severity, "text", json_out_text(alert->text), "state",
        alert->ended_at_ms == 0 ? "open" : "ended", "ended_at",
        json_out_time(alert->ended_at_ms), "threshold_days",
        alert->threshold_days < 0 ? json_null()
                                  : json_integer(alert->threshold_days));
}

static void
on_alert(void *arg, const struct rouse_alert *alert)
{
    json_out_append(arg, alert_json_out(alert));
}

json_t *
alert_json_open(struct rouse *rouse)
{
    json_t *list = json_array();

    rouse_alert_each(rouse, on_alert, &list);
    return list;
}

struct search {
    const char *topic;
    json_t *found; /* NULL: not yet */
};

static void
on_searched(void *arg, const struct rouse_alert *alert)
{
    struct search *search = arg;

    if (search->found == NULL && strcmp(alert->topic, search->topic) == 0)
        search->found = alert_json_out(alert);
}

json_t *
alert_json_of(struct rouse *rouse, const char *topic)
{
    struct search search = {.topic = topic};

    rouse_alert_each(rouse, on_searched, &search);
    return search.found != NULL ? search.found : json_null();
}
