/* SPDX-License-Identifier: MIT */

/*
 * Which pushes show whether a stopped certificate works again: from different
 * places of the fleet, since what stands together may be of one fate.
 */

#include "batch.h"
#include "store/bind.h"
#include "store/core.h"
#include "wake_row.h"

#define MAX_ROWS     65536    /* looked at behind a place */
#define NO_WAKE_SPAN 86400000 /* ms, deadline of a push that nobody asked for */

struct probe_request {
    struct batch_head head;
    store_claim_fn *done;
    const char *topic;
    bool is_any;
    size_t max;
    uint32_t chance;
};

static enum store_err
find_span(const struct probe_request *it, struct db *db, int64_t topic,
          int64_t *first, int64_t *last)
{
    struct bind bind;

    *first = *last = 0;
    bind_begin(&bind, db, it->is_any ? SQL_FLEET_SPAN : SQL_WAITS_SPAN);
    bind_int(&bind, topic);
    if (bind_row(&bind)) {
        *first = bind_take_int(&bind);
        *last = bind_take_int(&bind);
    }
    return bind_end(&bind);
}

/* The first one from ${from} on; 0: there is none. */
static enum store_err
find_row(const struct probe_request *it, struct db *db, int64_t topic,
         int64_t from, int64_t *row)
{
    struct bind bind;

    *row = 0;
    bind_begin(&bind, db, it->is_any ? SQL_FLEET_FROM : SQL_WAITS_FROM);
    bind_int(&bind, topic);
    bind_int(&bind, from);
    if (it->is_any)
        bind_int(&bind, MAX_ROWS);
    return bind_run_int(&bind, row);
}

static void
take_wake(const struct wake_row *wake, int64_t now, struct store_due *due)
{
    due->asked_at_ms = wake->exists ? wake->asked_at : now;
    due->deadline_ms = wake->exists ? wake->deadline : now + NO_WAKE_SPAN;
    due->attempt = wake->attempt;
    due->again = (wake->flags & WAKE_AGAIN) != 0;
}

static enum store_err
take(struct probe_request *it, struct db *db, int64_t topic, int64_t row)
{
    struct store_due *due = batch_add(&it->head.builder, db, topic);
    struct wake_row wake;
    struct claim claim;
    struct bind bind;
    enum store_err err;

    if (due == NULL)
        return STORE_ENOMEM;
    due->row = row;
    due->ask_no = db->ask_no.newest;
    bind_begin(&bind, db, SQL_PROBE_TOKEN);
    bind_int(&bind, row);
    if (bind_row(&bind))
        batch_take_token(&it->head.builder, due, &bind);
    if ((err = bind_end(&bind)) != STORE_OK ||
        (err = wake_row_get(db, row, &wake)) != STORE_OK)
        return err;
    take_wake(&wake, db_now(db), due);
    claim = (struct claim){.row = row};
    return claim_put(&db->claims, &claim);
}

/* The places lie evenly over the span, from one that chance has found; when
   nothing is behind one of them, the first of all counts. */
static enum store_err
take_places(struct probe_request *it, struct db *db, int64_t topic)
{
    int64_t first, last, row;
    enum store_err err = find_span(it, db, topic, &first, &last);
    uint64_t span = (uint64_t)(last - first) + 1;

    for (size_t i = 0; i < it->max && err == STORE_OK && last > 0; i++) {
        uint64_t at =
            (span * it->chance / UINT32_MAX + span * i / it->max) % span;

        err = find_row(it, db, topic, first + (int64_t)at, &row);
        if (err == STORE_OK && row == 0)
            err = find_row(it, db, topic, first, &row);
        if (err == STORE_OK && row != 0)
            err = take(it, db, topic, row);
    }
    return err;
}

static enum store_err
run_probe(struct store_request *request, struct db *db)
{
    struct probe_request *it = (struct probe_request *)request;
    size_t n_before = db->claims.n_changes;
    int64_t topic;
    enum store_err err = batch_begin(&it->head.builder, db, it->max);

    if (err == STORE_OK)
        err = topic_find(db, it->topic, &topic);
    if (err == STORE_OK && topic >= 0)
        err = take_places(it, db, topic);
    if (err == STORE_OK)
        err = batch_finish(&it->head);
    while (err != STORE_OK && db->claims.n_changes > n_before)
        claim_undo_one(&db->claims);
    return err;
}

static void
complete_probe(struct store_request *request, enum store_err err)
{
    struct probe_request *it = (struct probe_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err,
                 err == STORE_OK ? batch_give(&it->head) : NULL, false);
}

static const struct store_text probe_texts[] = {
    TEXT(probe_request, topic, STORE_MAX_TOPIC, NEEDED),
    {0},
};

static const struct store_request_kind probing = {
    .run = run_probe,
    .complete = complete_probe,
    .forget = batch_forget,
    .size = sizeof(struct probe_request),
    .texts = probe_texts,
};

enum store_err
store_wake_probe(struct store *store, const char *topic, bool is_any,
                 size_t max, uint32_t chance, store_claim_fn *done, void *arg)
{
    struct probe_request like = {.done = done,
                                 .topic = topic,
                                 .is_any = is_any,
                                 .max = max,
                                 .chance = chance};

    if (max == 0 || max > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &probing, &like, arg);
}
