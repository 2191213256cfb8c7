/* SPDX-License-Identifier: MIT */

/*
 * The durable cursor of a wave, and its end.
 */

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "wake_row.h"

struct pass_request {
    struct done_head head;
    int64_t wave;
    int64_t cursor;
    bool is_end;
};

static enum store_err
move_cursor(struct db *db, int64_t wave, int64_t cursor)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_WAVE_MOVE);
    bind_int(&bind, wave);
    bind_int(&bind, cursor);
    return bind_run(&bind);
}

/* Whether the walk stopped before the last of those that were meant. */
static enum store_err
is_cut_off(struct db *db, const struct pass_request *it, bool *is)
{
    struct bind bind;
    int64_t value = 0;
    enum store_err err;

    bind_begin(&bind, db, SQL_WAVE_REST);
    bind_int(&bind, it->wave);
    bind_int(&bind, db_now(db));
    err = bind_run_int(&bind, &value);
    *is = value != 0;
    return err;
}

/* All that match are settled. Who was meant at the ask and is not counted yet
   was not enabled any more, or no longer matched, when its turn came; or its
   turn never came before the deadline. */
static enum store_err
end_walk(struct db *db, const struct pass_request *it, struct tally *tally)
{
    bool is_late;
    enum store_err err = is_cut_off(db, it, &is_late);
    int64_t rest = tally->n_total - count_sum(tally);

    if (err != STORE_OK)
        return err;
    if (rest > 0)
        tally->n[is_late ? COUNTER_EXPIRED : COUNTER_SKIPPED] += rest;
    tally->state =
        tally->n[COUNTER_WAITING] > 0 ? STORE_WAVE_SETTLING : STORE_WAVE_DONE;
    return count_set(db, it->wave, tally);
}

/* What lies behind the cursor until now is passed with it. */
static enum store_err
run_pass(struct store_request *request, struct db *db)
{
    struct pass_request *it = (struct pass_request *)request;
    struct tally tally;
    enum store_err err = count_get(db, it->wave, &tally);

    if (err != STORE_OK)
        return err;
    if (!tally.exists)
        return STORE_ENOTFOUND;
    if (tally.state != STORE_WAVE_RUNNING)
        return STORE_ECONFLICT;
    trail_pass(&db->trails, it->wave, it->is_end ? INT64_MAX : it->cursor,
               tally.n);
    count_balance(&tally);
    if ((err = move_cursor(db, it->wave, it->cursor)) != STORE_OK)
        return err;
    return it->is_end ? end_walk(db, it, &tally)
                      : count_set(db, it->wave, &tally);
}

static const struct store_request_kind passing = {
    .is_write = true,
    .run = run_pass,
    .complete = head_done,
    .size = sizeof(struct pass_request),
};

enum store_err
store_wave_pass(struct store *store, int64_t wave, int64_t cursor, bool is_end,
                store_done_fn *done, void *arg)
{
    struct pass_request like = {
        .head.done = done, .wave = wave, .cursor = cursor, .is_end = is_end};

    if (cursor < 0)
        return STORE_EINVAL;
    return store_request_put(store, &passing, &like, arg);
}

/* One that others wait for, or that was also asked for by itself, lives on
   without the wave. */
static enum store_err
cancel_wake(struct db *db, int64_t wave, int64_t row)
{
    struct wake_row wake;
    bool is_joined;
    enum store_err err = wake_row_leave(db, row, wave, COUNTER_CANCELLED);

    if (err != STORE_OK ||
        (err = wake_row_is_joined(db, row, &is_joined)) != STORE_OK ||
        is_joined || (err = wake_row_get(db, row, &wake)) != STORE_OK)
        return err;
    if (!wake.exists || wake.flags & WAKE_ASKED)
        return STORE_OK;
    return wake_row_end(db, &wake, COUNTER_CANCELLED);
}

#define CANCEL_PAGE 256 /* wakes gathered before they are ended */

static enum store_err
cancel_wakes(struct db *db, int64_t wave)
{
    int64_t rows[CANCEL_PAGE];
    enum store_err err;
    struct bind bind;
    size_t n;

    do {
        n = 0;
        bind_begin(&bind, db, SQL_WAKE_OF_WAVE);
        bind_int(&bind, wave);
        bind_int(&bind, CANCEL_PAGE);
        while (n < CANCEL_PAGE && bind_row(&bind))
            rows[n++] = bind_take_int(&bind);
        err = bind_end(&bind);
        for (size_t i = 0; i < n && err == STORE_OK; i++)
            err = cancel_wake(db, wave, rows[i]);
    } while (n > 0 && err == STORE_OK);
    return err;
}

static enum store_err
run_cancel(struct store_request *request, struct db *db)
{
    struct pass_request *it = (struct pass_request *)request;
    struct tally tally;
    int64_t rest;
    enum store_err err = count_get(db, it->wave, &tally);

    if (err != STORE_OK)
        return err;
    if (!tally.exists)
        return STORE_ENOTFOUND;
    if (tally.state >= STORE_WAVE_DONE)
        return STORE_ECONFLICT;
    if ((err = cancel_wakes(db, it->wave)) != STORE_OK ||
        (err = claim_end_wave(&db->claims, it->wave)) != STORE_OK ||
        (err = count_get(db, it->wave, &tally)) != STORE_OK)
        return err;
    trail_pass(&db->trails, it->wave, INT64_MAX, tally.n);
    count_balance(&tally);
    /* What is in flight counts as cancelled until its settle says better. */
    rest = tally.n_total - count_sum(&tally);
    tally.n[COUNTER_CANCELLED] += rest > 0 ? rest : 0;
    tally.state = STORE_WAVE_CANCELLED;
    return count_set(db, it->wave, &tally);
}

static const struct store_request_kind cancelling = {
    .is_write = true,
    .run = run_cancel,
    .complete = head_done,
    .size = sizeof(struct pass_request),
};

enum store_err
store_wave_cancel(struct store *store, int64_t wave, store_done_fn *done,
                  void *arg)
{
    struct pass_request like = {.head.done = done, .wave = wave};

    return store_request_put(store, &cancelling, &like, arg);
}
