/* SPDX-License-Identifier: MIT */

/*
 * The façade of waves: between its words and the store's.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

struct wave_call {
    struct rouse *rouse;
    rouse_waves_fn *done; /* ask, get, list */
    rouse_done_fn *on_cancelled;
    void *arg;
    int64_t id; /* cancel */
};

static const char *
or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* ${kinds} has room for all there are. */
static struct rouse_filter
translate_filter(const struct store_wave *wave, const char **kinds)
{
    const struct store_filter *filter = &wave->filter;
    struct rouse_filter out = {
        .topic = or_null(filter->topic),
        .parent = or_null(filter->parent),
        .group = or_null(filter->group),
        .kinds = filter->kinds != 0 ? kinds : NULL,
    };

    for (unsigned i = 0; i < STORE_N_KINDS; i++)
        if ((filter->kinds & 1U << i) != 0)
            kinds[out.n_kinds++] = store_kind_text((enum store_kind)i);
    /* the time was fixed when the wave was asked for */
    if (filter->seen_before_ms != 0)
        out.silent_for_s =
            (uint32_t)((wave->asked_at_ms - filter->seen_before_ms) / 1000);
    return out;
}

static struct rouse_wave
translate(const struct store_wave *wave, const char **kinds)
{
    return (struct rouse_wave){
        .id = wave->id,
        .state = store_wave_state_text(wave->state),
        .filter = translate_filter(wave, kinds),
        .until = wave->until == STORE_UNTIL_CHECK_IN ? ROUSE_UNTIL_CHECK_IN
                                                     : ROUSE_UNTIL_ACCEPTED,
        .asked_by = wave->asked_by,
        .pace = wave->pace,
        .asked_at_ms = wave->asked_at_ms,
        .deadline_ms = wave->deadline_ms,
        .ended_at_ms = wave->ended_at_ms,
        .n_total = wave->n_total,
        .n_accepted = wave->n_accepted,
        .n_dead = wave->n_dead,
        .n_suspect = wave->n_suspect,
        .n_dropped = wave->n_dropped,
        .n_expired = wave->n_expired,
        .n_cancelled = wave->n_cancelled,
        .n_skipped = wave->n_skipped,
        .n_waiting = wave->n_waiting,
    };
}

static struct wave_call *
new_call(struct rouse *rouse, rouse_waves_fn *done, void *arg)
{
    struct wave_call *call = calloc(1, sizeof *call);

    if (call == NULL)
        return NULL;
    call->rouse = rouse;
    call->done = done;
    call->arg = arg;
    return call;
}

static void
on_waves(void *arg, enum store_err err, const struct store_wave *waves,
         size_t n, int64_t next)
{
    struct wave_call *call = arg;
    struct rouse_wave *out = NULL;
    const char *(*kinds)[STORE_N_KINDS] = NULL;
    enum rouse_err answer = rouse_err_of_store(err);

    if (answer == ROUSE_OK && n > 0 &&
        ((out = calloc(n, sizeof *out)) == NULL ||
         (kinds = calloc(n, sizeof *kinds)) == NULL))
        answer = ROUSE_ENOMEM;
    for (size_t i = 0; kinds != NULL && i < n; i++)
        out[i] = translate(&waves[i], kinds[i]);
    if (call->done != NULL)
        call->done(call->arg, answer, out, kinds != NULL ? n : 0, next);
    free(kinds);
    free(out);
    free(call);
}

static void
tell_asked(struct rouse *rouse, const struct store_wave *wave)
{
    char subject[24];
    char detail[64];

    snprintf(subject, sizeof subject, "%" PRId64, wave->id);
    snprintf(detail, sizeof detail, "total=%" PRId64, wave->n_total);
    notice_event(rouse, "wave.asked", subject, wave->asked_by, detail);
}

static void
on_asked(void *arg, enum store_err err, const struct store_wave *waves,
         size_t n, int64_t next)
{
    struct wave_call *call = arg;
    struct rouse *rouse = call->rouse;

    rouse->walks.n_asked--;
    if (err == STORE_OK && n == 1 && !rouse->is_freeing) {
        tell_asked(rouse, &waves[0]);
        if (!walk_add(rouse, &waves[0]))
            notice_log(rouse, APNS_LOG_ERROR, EVENT_WAVE_NOT_LOADED);
    }
    on_waves(call, err, waves, n, next);
}

static bool
read_kinds(const struct rouse_filter *filter, uint32_t *kinds)
{
    enum store_kind kind;

    *kinds = 0;
    if (filter->kinds == NULL)
        return true;
    for (size_t i = 0; i < filter->n_kinds; i++) {
        if (!store_kind_read(filter->kinds[i], &kind))
            return false;
        *kinds |= 1U << kind;
    }
    return true;
}

static bool
read_filter(const struct rouse_filter *filter, int64_t now_ms,
            struct store_filter *out)
{
    if (!text_is_short(filter->topic, STORE_MAX_TOPIC) ||
        !text_is_short(filter->parent, STORE_MAX_ID) ||
        !read_kinds(filter, &out->kinds))
        return false;
    if (filter->topic != NULL && filter->topic[0] != '\0')
        out->topic = filter->topic;
    if (filter->parent != NULL && filter->parent[0] != '\0')
        out->parent = filter->parent;
    if (!text_is_short(filter->group, STORE_MAX_GROUP_PATH))
        return false;
    if (filter->group != NULL && filter->group[0] != '\0')
        out->group = filter->group;
    if (filter->silent_for_s != 0)
        out->seen_before_ms = now_ms - (int64_t)filter->silent_for_s * 1000;
    return true;
}

static bool
read_terms(const struct rouse *rouse, const struct rouse_wave_terms *terms,
           int64_t now_ms, struct store_wave *wave)
{
    if (terms->until != ROUSE_UNTIL_ACCEPTED || terms->pace > ROUSE_MAX_PACE ||
        !text_is_short(terms->asked_by, STORE_MAX_NAME))
        return false;
    wave->until = STORE_UNTIL_ACCEPTED;
    wave->pace = terms->pace;
    wave->asked_by = terms->asked_by != NULL ? terms->asked_by : "";
    wave->deadline_ms = terms->deadline_ms;
    if (wave->deadline_ms == 0)
        wave->deadline_ms = now_ms + (int64_t)rouse->wake_deadline_s * 1000;
    return wave->deadline_ms > now_ms &&
           wave->deadline_ms <= now_ms + (int64_t)ROUSE_MAX_SPAN_S * 1000;
}

enum rouse_err
rouse_wave_ask(struct rouse *rouse, const struct rouse_filter *filter,
               const struct rouse_wave_terms *terms, rouse_waves_fn *done,
               void *arg)
{
    static const struct rouse_filter everything;
    static const struct rouse_wave_terms defaults;
    int64_t now_ms = tick_now(rouse);
    struct store_wave wave = {0};
    struct wave_call *call;
    enum store_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (!read_filter(filter != NULL ? filter : &everything, now_ms,
                     &wave.filter) ||
        !read_terms(rouse, terms != NULL ? terms : &defaults, now_ms, &wave))
        return ROUSE_EINVAL;
    if (rouse->walks.n + rouse->walks.n_asked >= WALK_MAX)
        return ROUSE_EBUSY;
    if ((call = new_call(rouse, done, arg)) == NULL)
        return ROUSE_ENOMEM;
    err = store_wave_ask(rouse->store, &wave, on_asked, call);
    if (err == STORE_OK)
        rouse->walks.n_asked++;
    else
        free(call);
    return rouse_err_of_store(err);
}

enum rouse_err
rouse_wave_get(struct rouse *rouse, int64_t id, rouse_waves_fn *done, void *arg)
{
    struct wave_call *call = new_call(rouse, done, arg);

    if (call == NULL)
        return ROUSE_ENOMEM;
    return call_asked(call, store_wave_get(rouse->store, id, on_waves, call));
}

enum rouse_err
rouse_wave_list(struct rouse *rouse, bool only_open, int64_t before,
                size_t limit, rouse_waves_fn *done, void *arg)
{
    struct wave_call *call = new_call(rouse, done, arg);

    if (call == NULL)
        return ROUSE_ENOMEM;
    return call_asked(call, store_wave_list(rouse->store, only_open, before,
                                            limit, on_waves, call));
}

static void
on_cancelled(void *arg, enum store_err err)
{
    struct wave_call *call = arg;
    struct rouse *rouse = call->rouse;
    char subject[24];

    if (err == STORE_OK && !rouse->is_freeing) {
        snprintf(subject, sizeof subject, "%" PRId64, call->id);
        notice_event(rouse, "wave.cancelled", subject, "rouse", "");
        walk_cancel(rouse, call->id);
    } else if (!rouse->is_freeing) {
        walk_pause(rouse, call->id, false);
    }
    if (call->on_cancelled != NULL)
        call->on_cancelled(call->arg, rouse_err_of_store(err));
    free(call);
}

enum rouse_err
rouse_wave_cancel(struct rouse *rouse, int64_t id, rouse_done_fn *done,
                  void *arg)
{
    struct wave_call *call;
    enum store_err err;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if ((call = new_call(rouse, NULL, arg)) == NULL)
        return ROUSE_ENOMEM;
    call->on_cancelled = done;
    call->id = id;
    err = store_wave_cancel(rouse->store, id, on_cancelled, call);
    if (err == STORE_OK)
        walk_pause(rouse, id, true); /* no more pushes while it is stored */
    else
        free(call);
    return rouse_err_of_store(err);
}
