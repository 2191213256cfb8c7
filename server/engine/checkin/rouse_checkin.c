/* SPDX-License-Identifier: MIT */

/*
 * The façade of check-ins: read, stored, answered when durable.
 */

#include <stdio.h>
#include <stdlib.h>

#include "checkin_about.h"
#include "server/engine/engine_core.h"

struct checkin_call {
    struct later later;
    struct rouse *rouse;
    rouse_checkin_fn *done;
    void *arg;
    enum rouse_err err; /* of the reading */
    enum store_checkin_type type;
    int64_t at_ms; /* 0: nobody knows when the device sent it */
    struct rouse_checkin_answer answer;
    char detail[CHECKIN_PLIST_MAX_DETAIL];
};

static void
complete(struct checkin_call *call, enum rouse_err err)
{
    struct rouse *rouse = call->rouse;

    if (err == ROUSE_OK)
        rouse->n_checkins++;
    else
        rouse->n_checkins_refused++;
    if (call->done != NULL)
        call->done(call->arg, err, &call->answer);
    free(call);
}

static void
on_later(struct later *later)
{
    struct checkin_call *call =
        (struct checkin_call *)((char *)later -
                                offsetof(struct checkin_call, later));

    complete(call, call->err);
}

static void
on_stored(void *arg, enum store_err err,
          const struct store_checkin_answer *stored)
{
    struct checkin_call *call = arg;

    if (err == STORE_OK) {
        call->answer.is_known = stored->is_known;
        call->answer.is_applied = stored->is_applied;
        call->answer.tally = stored->tally;
        /* It may have revived one whose wake waits. */
        if (call->type == STORE_CHECKIN_TOKEN_UPDATE && stored->is_applied &&
            stored->is_known && !call->rouse->is_freeing)
            fetch_want(call->rouse);
        if (!call->rouse->is_freeing && call->at_ms != 0)
            sight_tell(call->rouse, call->answer.id, call->at_ms);
    }
    complete(call, rouse_err_of_store(err));
}

static enum rouse_err
store(struct checkin_call *call, const struct checkin *read,
      const struct rouse_checkin_about *about)
{
    int64_t now_ms = tick_now(call->rouse);
    struct store_checkin checkin = {
        .type = read->type,
        /* A clock ahead of ours must not make later check-ins look old. */
        .at_ms =
            about->at_ms != 0 && about->at_ms < now_ms ? about->at_ms : now_ms,
        .is_replayed = about->is_replayed,
        .tally = about->tally,
        .id = read->id,
        .kind = read->kind,
        .parent = read->parent,
        .serial = read->serial,
        .topic = read->topic,
        .token = read->token,
        .token_len = read->token_len,
        .magic = read->magic,
    };

    call->type = read->type;
    call->at_ms = about->is_replayed ? 0 : checkin.at_ms;
    snprintf(call->answer.id, sizeof call->answer.id, "%s", read->id);
    snprintf(call->answer.message_type, sizeof call->answer.message_type, "%s",
             read->message_type);
    return rouse_err_of_store(
        store_checkin(call->rouse->store, &checkin, on_stored, call));
}

/* ${read} needs checkin_plist_fini if it is ROUSE_OK. */
static enum rouse_err
read_plist(const void *plist, size_t len,
           const struct rouse_checkin_about *about, struct checkin *read,
           char *detail)
{
    enum rouse_err err = checkin_plist_read(plist, len, read, detail);

    if (err != ROUSE_OK || checkin_about_apply(about, read, detail))
        return err;
    checkin_plist_fini(read);
    return ROUSE_EPLIST;
}

enum rouse_err
rouse_checkin(struct rouse *rouse, const void *plist, size_t len,
              const struct rouse_checkin_about *about, rouse_checkin_fn *done,
              void *arg)
{
    static const struct rouse_checkin_about nothing = {0};
    struct checkin_call *call;
    struct checkin read;
    enum rouse_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (len > (size_t)ROUSE_MAX_PLIST)
        return ROUSE_ETOOLARGE;
    if ((call = calloc(1, sizeof *call)) == NULL)
        return ROUSE_ENOMEM;
    if (about == NULL)
        about = &nothing;
    call->rouse = rouse;
    call->done = done;
    call->arg = arg;
    call->answer.detail = call->detail;
    call->err = read_plist(plist, len, about, &read, call->detail);
    if (call->err != ROUSE_OK) {
        call->later.run = on_later;
        STAILQ_INSERT_TAIL(&rouse->laters, &call->later, link);
        tick_wake(rouse);
        return ROUSE_OK;
    }
    err = store(call, &read, about);
    checkin_plist_fini(&read);
    if (err != ROUSE_OK)
        free(call);
    return err;
}
