/* SPDX-License-Identifier: MIT */
#include "store/batch.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"
#include "store/wake_row.h"

#define ENABLED_BIT (1U << STORE_STATE_ENABLED)

/*
 * Claim a page.
 */

struct page_request {
    struct store_request request;
    store_page_fn *done;
    int64_t wave;
    int64_t after;
    size_t max;
    struct batch_builder builder;
    struct store_batch *batch;
    int64_t next;
};

/* A running wave as far as the walk needs it; texts lie in the request. */
struct walk {
    struct store_filter filter;
    int64_t asked_at;
    int64_t deadline;
    int64_t last_row;
    bool has_waiting;
};

static enum store_err
get_walk(struct page_request *it, struct db *db, struct walk *walk)
{
    struct arena *arena = &it->request.arena;
    struct bind bind;
    enum store_err err = STORE_ENOTFOUND, end;

    bind_begin(&bind, db, SQL_WAVE_WALK);
    bind_int(&bind, it->wave);
    if (bind_row(&bind)) {
        err = bind_take_int(&bind) == STORE_WAVE_RUNNING ? STORE_OK
                                                         : STORE_ECONFLICT;
        walk->filter.topic = bind_take_text(&bind, arena);
        walk->filter.parent = bind_take_text(&bind, arena);
        walk->filter.serial = bind_take_text(&bind, arena);
        walk->filter.kinds = bind_take_u32(&bind);
        walk->filter.states = bind_take_u32(&bind);
        walk->filter.seen_before_ms = bind_take_int(&bind);
        walk->asked_at = bind_take_int(&bind);
        walk->deadline = bind_take_int(&bind);
        walk->last_row = bind_take_int(&bind);
        walk->has_waiting = bind_take_int(&bind) > 0;
        walk->filter.group = bind_take_text(&bind, arena);
    }
    if ((end = bind_end(&bind)) != STORE_OK)
        return end;
    return arena->is_failed ? STORE_ENOMEM : err;
}

/* After a crash a page is walked again, and some of its pushes may have
   become wakes of the wave already. */
static enum store_err
is_waiting(struct db *db, const struct page_request *it,
           const struct walk *walk, int64_t row, bool *is)
{
    struct wake_row wake;
    enum store_err err;

    *is = false;
    if (!walk->has_waiting)
        return STORE_OK;
    err = wake_row_get(db, row, &wake);
    *is = err == STORE_OK && wake.exists && wake.wave == it->wave;
    return err;
}

/* SQL_SWEEP_COLUMNS */
static enum store_err
take_row(struct page_request *it, struct db *db, struct bind *bind,
         const struct walk *walk, int64_t row)
{
    struct store_due *due =
        batch_add(&it->builder, db, sqlite3_column_int64(bind->stmt, 1));

    if (due == NULL)
        return STORE_ENOMEM;
    bind_skip(bind, 1);
    due->row = row;
    due->wave = it->wave;
    due->asked_at_ms = walk->asked_at;
    due->deadline_ms = walk->deadline;
    batch_take_token(&it->builder, due, bind);
    return STORE_OK;
}

/* Columns of SQL_SWEEP_COLUMNS that are looked at out of order. */
#define COLUMN_PUSHED_AT 6
#define COLUMN_PUSHED_BY 7

/* One row; those pushed since the ask are left out, and counted unless this
   wave itself pushed them. */
static enum store_err
visit(struct page_request *it, struct db *db, struct bind *bind,
      const struct walk *walk, struct sweep_page *page)
{
    int64_t pushed_at = sqlite3_column_int64(bind->stmt, COLUMN_PUSHED_AT);
    int64_t row = bind_take_int(bind);
    bool is;
    enum store_err err;

    page->end = row;
    if (pushed_at != 0 && pushed_at >= walk->asked_at) {
        if (sqlite3_column_int64(bind->stmt, COLUMN_PUSHED_BY) != it->wave)
            page->n_left_out++;
        return STORE_OK;
    }
    if ((err = is_waiting(db, it, walk, row, &is)) != STORE_OK || is)
        return err;
    return take_row(it, db, bind, walk, row);
}

static enum store_err
fill_page(struct page_request *it, struct db *db, const struct walk *walk)
{
    struct sweep_page page = {.wave = it->wave, .after = it->after};
    int64_t last = walk->last_row;
    enum store_err err = STORE_OK, end;
    struct bind bind;

    if (!sweep_is_indexed(&walk->filter) &&
        last - it->after > SWEEP_MAX_WAVE_ROWS)
        last = it->after + SWEEP_MAX_WAVE_ROWS;
    it->next = last < walk->last_row ? last : 0;
    sweep_begin(&bind, db, SWEEP_WAVE, &walk->filter, it->after, last);
    while (err == STORE_OK && bind_row(&bind)) {
        if (it->builder.batch->n == it->max) {
            it->next = page.end;
            break;
        }
        err = visit(it, db, &bind, walk, &page);
    }
    end = bind_end(&bind);
    if (err == STORE_OK)
        err = end;
    page.end = it->next == 0 ? INT64_MAX : it->next;
    if (err == STORE_OK)
        sweep_note_page(db, &page);
    return err;
}

static void
forget_page(struct store_request *request)
{
    struct page_request *it = (struct page_request *)request;

    if (it->builder.batch != NULL)
        batch_drop(&it->builder);
    store_batch_free(it->batch);
    it->batch = NULL;
}

static enum store_err
run_page(struct store_request *request, struct db *db)
{
    struct page_request *it = (struct page_request *)request;
    struct walk walk = {0};
    enum store_err err = get_walk(it, db, &walk);

    it->next = 0;
    if (err != STORE_OK ||
        (err = batch_begin(&it->builder, db, it->max)) != STORE_OK)
        return err;
    if (walk.filter.states == 0 || walk.filter.states & ENABLED_BIT) {
        walk.filter.states = ENABLED_BIT;
        err = fill_page(it, db, &walk);
    }
    if (err == STORE_OK && (it->batch = batch_end(&it->builder)) == NULL)
        err = STORE_ENOMEM;
    return err;
}

static void
complete_page(struct store_request *request, enum store_err err)
{
    struct page_request *it = (struct page_request *)request;
    struct store_batch *batch = it->batch;

    if (it->done == NULL)
        return;
    it->batch = NULL; /* the callee's now */
    it->done(request->arg, err, err == STORE_OK ? batch : NULL,
             err == STORE_OK ? it->next : 0);
}

static const struct store_request_kind paging = {
    .run = run_page,
    .complete = complete_page,
    .forget = forget_page,
};

enum store_err
store_wave_claim(struct store *store, int64_t wave, int64_t after, size_t max,
                 store_page_fn *done, void *arg)
{
    struct page_request *it;

    if (after < 0 || max == 0 || max > STORE_MAX_BATCH)
        return STORE_EINVAL;
    it = store_request_new(store, &paging, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->wave = wave;
    it->after = after;
    it->max = max;
    return store_request_add(store, &it->request);
}

/*
 * Pass and cancel.
 */

struct pass_request {
    struct done_request head;
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

    *is = false;
    bind_begin(&bind, db, SQL_WAVE_REST);
    bind_int(&bind, it->wave);
    bind_int(&bind, db_now(db));
    if (bind_row(&bind))
        *is = bind_take_int(&bind) != 0;
    return bind_end(&bind);
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

static enum store_err
run_pass(struct store_request *request, struct db *db)
{
    struct pass_request *it = (struct pass_request *)request;
    struct tally tally;
    int64_t n;
    enum store_err err = count_get(db, it->wave, &tally);

    if (err != STORE_OK)
        return err;
    if (!tally.exists)
        return STORE_ENOTFOUND;
    if (tally.state != STORE_WAVE_RUNNING)
        return STORE_ECONFLICT;
    n = sweep_pass(db, it->wave, it->is_end ? INT64_MAX : it->cursor);
    if (n > tally.n_total - count_sum(&tally))
        n = tally.n_total - count_sum(&tally);
    tally.n[COUNTER_SKIPPED] += n;
    if ((err = move_cursor(db, it->wave, it->cursor)) != STORE_OK)
        return err;
    if (it->is_end)
        return end_walk(db, it, &tally);
    return n == 0 ? STORE_OK : count_set(db, it->wave, &tally);
}

static const struct store_request_kind passing = {
    .is_write = true,
    .run = run_pass,
    .complete = done_request_complete,
};

static enum store_err
add_pass(struct store *store, const struct store_request_kind *kind,
         const struct pass_request *like, store_done_fn *done, void *arg)
{
    struct pass_request *it = store_request_new(store, kind, sizeof *it, arg);

    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->wave = like->wave;
    it->cursor = like->cursor;
    it->is_end = like->is_end;
    return store_request_add(store, &it->head.request);
}

enum store_err
store_wave_pass(struct store *store, int64_t wave, int64_t cursor, bool is_end,
                store_done_fn *done, void *arg)
{
    struct pass_request like = {
        .wave = wave, .cursor = cursor, .is_end = is_end};

    if (cursor < 0)
        return STORE_EINVAL;
    return add_pass(store, &passing, &like, done, arg);
}

/* One that was also asked for by itself lives on without the wave. */
static enum store_err
cancel_wake(struct db *db, int64_t row)
{
    struct wake_row wake;
    enum store_err err = wake_row_get(db, row, &wake);

    if (err != STORE_OK || !wake.exists)
        return err;
    if (!(wake.flags & WAKE_ASKED))
        return wake_row_end(db, &wake, COUNTER_CANCELLED);
    if ((err = count_add(db, wake.wave, COUNTER_WAITING, -1)) != STORE_OK ||
        (err = count_add(db, wake.wave, COUNTER_CANCELLED, 1)) != STORE_OK)
        return err;
    wake.wave = 0;
    return wake_row_set(db, &wake);
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
            err = cancel_wake(db, rows[i]);
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
        (err = count_get(db, it->wave, &tally)) != STORE_OK)
        return err;
    /* What is in flight counts as cancelled until its settle says better. */
    rest = tally.n_total - count_sum(&tally);
    tally.n[COUNTER_CANCELLED] += rest > 0 ? rest : 0;
    tally.state = STORE_WAVE_CANCELLED;
    sweep_pass(db, it->wave, INT64_MAX);
    return count_set(db, it->wave, &tally);
}

static const struct store_request_kind cancelling = {
    .is_write = true,
    .run = run_cancel,
    .complete = done_request_complete,
};

enum store_err
store_wave_cancel(struct store *store, int64_t wave, store_done_fn *done,
                  void *arg)
{
    struct pass_request like = {.wave = wave};

    return add_pass(store, &cancelling, &like, done, arg);
}
