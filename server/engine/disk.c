/* SPDX-License-Identifier: MIT */
#include "server/engine/disk.h"

#include "server/engine/engine_core.h"

#define TRY_MIN_MS 1000
#define TRY_MAX_MS 30000 /* after space is back, at most so long */

void
disk_failed(struct rouse *rouse, enum store_err err, const char *what)
{
    struct disk *disk = &rouse->disk;
    int64_t now_ms = tick_now(rouse);

    if (err == STORE_ECLOSED || store_err_category(err) == STORE_CATEGORY_LIMIT)
        return; /* no trouble of the disk: the next turn tries again */
    if (!disk->is_failing) {
        notice_log(rouse, APNS_LOG_ERROR,
                   EVENT_DISK_FAILING " what=%s err=%s text=\"%s\"", what,
                   store_err_name(err), store_err_text(err));
        disk->is_failing = true;
        disk->span_ms = 0;
        disk->try_at_ms = 0;
    }
    if (now_ms < disk->try_at_ms)
        return; /* requests made before the first failure was known */
    disk->span_ms = disk->span_ms == 0 ? TRY_MIN_MS : disk->span_ms * 2;
    if (disk->span_ms > TRY_MAX_MS)
        disk->span_ms = TRY_MAX_MS;
    disk->try_at_ms = now_ms + disk->span_ms;
}

void
disk_worked(struct rouse *rouse)
{
    if (!rouse->disk.is_failing)
        return;
    rouse->disk.is_failing = false;
    notice_log(rouse, APNS_LOG_NOTICE, EVENT_DISK_WORKS);
    tick_wake(rouse);
}

bool
disk_may_try(const struct rouse *rouse, int64_t now_ms)
{
    return !rouse->disk.is_failing || now_ms >= rouse->disk.try_at_ms;
}

static void
on_probed(void *arg, enum store_err err)
{
    struct rouse *rouse = arg;

    rouse->disk.is_probing = false;
    if (err == STORE_OK)
        disk_worked(rouse);
    else
        disk_failed(rouse, err, "probe");
}

/*
 * With results to settle, those are the try. Else it is the row that says
 * that the disk works again: once it is there, it is true.
 */
void
disk_run(struct rouse *rouse, int64_t now_ms)
{
    struct disk *disk = &rouse->disk;
    struct store_event event = {
        .at_ms = now_ms,
        .kind = "store.works",
        .subject = "",
        .actor = "rouse",
        .detail = "after it could not be written",
    };

    if (!disk->is_failing || disk->is_probing || now_ms < disk->try_at_ms ||
        rouse->settler.n_ended > 0 || rouse->settler.n_underway > 0)
        return;
    disk->is_probing =
        store_event_add(rouse->store, &event, on_probed, rouse) == STORE_OK;
}
