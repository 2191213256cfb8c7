/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "batch.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/shape.h"
#include "wake_row.h"

static bool
is_held(const char *topic, const char *const *held, size_t n_held)
{
    for (size_t i = 0; i < n_held; i++) {
        if (strcmp(topic, held[i]) == 0)
            return true;
    }
    return false;
}

static bool
shape_held(const char *const *held, size_t n_held)
{
    for (size_t i = 0; i < n_held; i++) {
        if (!shape_text(held[i], STORE_MAX_TOPIC) || held[i] == NULL)
            return false;
    }
    return n_held <= STORE_MAX_TOPICS;
}

/*
 * Claim.
 */

struct claim_request {
    struct batch_head head;
    store_claim_fn *done;
    int64_t now;
    const char *const *held;
    size_t n_held;
    size_t max;
    bool is_more;
};

static enum store_err
take_due(struct claim_request *it, struct db *db, struct bind *bind,
         size_t topic)
{
    struct store_due *due = batch_add(&it->head.builder, db, (int64_t)topic);
    struct claim claim;

    if (due == NULL)
        return STORE_ENOMEM;
    due->row = bind_take_int(bind);
    due->ask_no = db->ask_no.newest;
    due->asked_at_ms = bind_take_int(bind);
    due->deadline_ms = bind_take_int(bind);
    due->attempt = bind_take_u32(bind);
    due->again = (bind_take_int(bind) & WAKE_AGAIN) != 0;
    batch_take_token(&it->head.builder, due, bind);
    claim = (struct claim){.row = due->row};
    return claim_put(&db->claims, &claim);
}

static enum store_err
claim_topic(struct claim_request *it, struct db *db, size_t topic, size_t max)
{
    enum store_err err = STORE_OK, end;
    struct bind bind;
    size_t n = 0;

    bind_begin(&bind, db, SQL_WAKE_DUE);
    bind_int(&bind, (int64_t)topic);
    bind_int(&bind, it->now);
    bind_int(&bind, (int64_t)max);
    while (err == STORE_OK && bind_row(&bind)) {
        err = take_due(it, db, &bind, topic);
        n++;
    }
    end = bind_end(&bind);
    if (n == max)
        it->is_more = true;
    return err != STORE_OK ? err : end;
}

static bool
is_open(const struct claim_request *it, const struct db *db, size_t topic)
{
    return db->topics[topic].n_wakes > 0 &&
           !is_held(db->topics[topic].name, it->held, it->n_held);
}

/*
 * A fair share for every topic first, so that the backlog of one does not
 * hold up the others; what is left goes to whoever comes first.
 */
static enum store_err
claim_all(struct claim_request *it, struct db *db)
{
    size_t n_open = 0, share;
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < db->n_topics; i++)
        n_open += is_open(it, db, i);
    if (n_open == 0)
        return STORE_OK;
    share = it->max / n_open > 0 ? it->max / n_open : 1;
    for (int round = 0; round < 2 && err == STORE_OK; round++) {
        it->is_more = false;
        for (size_t i = 0; i < db->n_topics && err == STORE_OK; i++) {
            size_t left = it->max - it->head.builder.batch->n;

            if (!is_open(it, db, i))
                continue;
            if (left == 0) {
                it->is_more = true;
                break;
            }
            err = claim_topic(it, db, i,
                              round == 0 && share < left ? share : left);
        }
        if (!it->is_more)
            break;
    }
    return err;
}

/* In a transaction that is undone the claims are undone with it; else here. */
static void
unclaim(struct db *db, size_t n_before)
{
    struct claims *claims = &db->claims;

    while (claims->n_changes > n_before)
        claim_undo_one(claims);
}

static enum store_err
run_claim(struct store_request *request, struct db *db)
{
    struct claim_request *it = (struct claim_request *)request;
    size_t n_before = db->claims.n_changes;
    enum store_err err;

    it->is_more = false;
    err = batch_begin(&it->head.builder, db, it->max);
    if (err == STORE_OK)
        err = claim_all(it, db);
    if (err == STORE_OK)
        err = batch_finish(&it->head);
    if (err != STORE_OK)
        unclaim(db, n_before);
    return err;
}

static void
complete_claim(struct store_request *request, enum store_err err)
{
    struct claim_request *it = (struct claim_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, batch_give(&it->head), it->is_more);
    else
        it->done(request->arg, err, NULL, false);
}

static const struct store_request_kind claiming = {
    .run = run_claim,
    .complete = complete_claim,
    .forget = batch_forget,
    .size = sizeof(struct claim_request),
};

enum store_err
store_wake_claim(struct store *store, int64_t now_ms, const char *const *held,
                 size_t n_held, size_t max, store_claim_fn *done, void *arg)
{
    struct claim_request *it;

    if (max == 0 || max > STORE_MAX_BATCH || !shape_held(held, n_held))
        return STORE_EINVAL;
    it = store_request_new(store, &claiming, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->now = now_ms;
    it->max = max;
    it->n_held = n_held;
    it->held = store_request_texts(&it->head.request, held, n_held);
    return store_request_add(store, &it->head.request);
}

/*
 * Next.
 */

struct next_request {
    struct count_head head; /* n: when */
    const char *const *held;
    size_t n_held;
};

static enum store_err
run_next(struct store_request *request, struct db *db)
{
    struct next_request *it = (struct next_request *)request;
    enum store_err err = STORE_OK;

    it->head.n = -1;
    for (size_t i = 0; i < db->n_topics && err == STORE_OK; i++) {
        struct bind bind;
        int64_t due;

        if (db->topics[i].n_wakes == 0 ||
            is_held(db->topics[i].name, it->held, it->n_held))
            continue;
        bind_begin(&bind, db, SQL_WAKE_NEXT);
        bind_int(&bind, (int64_t)i);
        if (bind_row(&bind)) {
            due = bind_take_int(&bind);
            if (it->head.n < 0 || due < it->head.n)
                it->head.n = due;
        }
        err = bind_end(&bind);
    }
    return err;
}

static const struct store_request_kind looking = {
    .run = run_next,
    .complete = head_count,
    .size = sizeof(struct next_request),
};

enum store_err
store_wake_next(struct store *store, const char *const *held, size_t n_held,
                store_count_fn *done, void *arg)
{
    struct next_request *it;

    if (!shape_held(held, n_held))
        return STORE_EINVAL;
    it = store_request_new(store, &looking, arg);
    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->n_held = n_held;
    it->held = store_request_texts(&it->head.request, held, n_held);
    return store_request_add(store, &it->head.request);
}
