/* SPDX-License-Identifier: MIT */

/*
 * The façade of wakes: checks and defaults; the rest is in ask.c.
 */

#include "ask.h"
#include "server/engine/engine_core.h"

static enum rouse_err
read_terms(const struct rouse *rouse, const struct rouse_wake_terms *terms,
           struct rouse_wake_terms *out)
{
    int64_t now_ms = tick_now(rouse);
    int64_t last_ms = now_ms + (int64_t)ROUSE_MAX_SPAN_S * 1000;

    *out = (struct rouse_wake_terms){.until = ROUSE_UNTIL_ACCEPTED};
    if (terms != NULL)
        *out = *terms;
    if (out->until != ROUSE_UNTIL_ACCEPTED || out->due_ms < 0)
        return ROUSE_EINVAL;
    if (out->deadline_ms == 0) {
        out->deadline_ms = (out->due_ms > now_ms ? out->due_ms : now_ms) +
                           (int64_t)rouse->wake_deadline_s * 1000;
        if (out->deadline_ms > last_ms)
            out->deadline_ms = last_ms;
    }
    if (out->deadline_ms <= now_ms || out->deadline_ms <= out->due_ms ||
        out->deadline_ms > last_ms)
        return ROUSE_EINVAL;
    return ROUSE_OK;
}

static enum rouse_err
send(struct rouse *rouse, const char *const *ids, size_t n,
     const struct rouse_wake_terms *terms, const struct ask *like)
{
    struct rouse_wake_terms full;
    enum rouse_err err;
    struct ask *ask;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((err = read_terms(rouse, terms, &full)) != ROUSE_OK)
        return err;
    if ((ask = ask_new(rouse, ids, n, &err)) == NULL)
        return err;
    ask->done = like->done;
    ask->arg = like->arg;
    ask->is_push = like->is_push;
    ask->wait_ms = like->wait_ms;
    if ((err = ask_send(ask, &full)) != ROUSE_OK)
        ask_free(ask);
    return err;
}

enum rouse_err
rouse_wake(struct rouse *rouse, const char *const *ids, size_t n,
           const struct rouse_wake_terms *terms, rouse_wake_fn *done, void *arg)
{
    struct ask like = {.done = done, .arg = arg};

    return send(rouse, ids, n, terms, &like);
}

enum rouse_err
rouse_push(struct rouse *rouse, const char *const *ids, size_t n,
           const struct rouse_wake_terms *terms, uint32_t wait_ms,
           rouse_wake_fn *done, void *arg)
{
    struct ask like = {
        .done = done, .arg = arg, .is_push = true, .wait_ms = wait_ms};

    return send(rouse, ids, n, terms, &like);
}
