/* SPDX-License-Identifier: MIT */
#include "audit_tally.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "server/api/api_private.h"
#include "server/api/request.h"

static const char kind[] = "enrollment.deleted";

void
audit_tally_end(struct api *api)
{
    struct audit_tally *tally = &api->deletes;

    ev_timer_stop(api->loop, &tally->timer);
    if (tally->n > 0)
        audit_say(api, tally->actor, kind, "", "and %" PRIu64 " more",
                  tally->n);
    tally->n = 0;
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    audit_tally_end(timer->data);
}

void
audit_tally_init(struct api *api)
{
    ev_timer_init(&api->deletes.timer, on_time, AUDIT_TALLY_S, 0.);
    api->deletes.timer.data = api;
}

void
audit_tally_add(const struct request *request, const char *id)
{
    struct api *api = request->api;
    struct audit_tally *tally = &api->deletes;
    char actor[AUTH_NAME_SIZE];

    request_actor(request, actor);
    if (ev_is_active(&tally->timer) && strcmp(actor, tally->actor) == 0) {
        tally->n++;
        return;
    }
    audit_tally_end(api);
    snprintf(tally->actor, sizeof tally->actor, "%s", actor);
    audit_say(api, actor, kind, id, "%s", "");
    if (!api->is_closed)
        ev_timer_start(api->loop, &tally->timer);
}
