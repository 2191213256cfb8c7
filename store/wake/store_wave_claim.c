/* SPDX-License-Identifier: MIT */

/*
 * A page of a wave: what becomes of each enrollment that it means. A table
 * in words, the first that holds:
 *
 *   a push of it is in flight       the page ends before it: whatever comes
 *                                   of that push decides
 *   a push after the ask accepted   it counts so
 *   dead or suspect since a push
 *   after the ask                   it counts so
 *   a wake waits for it             the wave joins that
 *   APNs wants a pause              a wake waits for the end of the pause,
 *                                   and the wave for the wake
 *   else                            it is handed out
 */

#include "batch.h"
#include "store/bind.h"
#include "store/core.h"
#include "wake_row.h"

#define ENABLED_BIT (1U << STORE_STATE_ENABLED)
#define LOST_BITS   (1U << STORE_STATE_DEAD | 1U << STORE_STATE_SUSPECT)

struct page_request {
    struct batch_head head;
    store_page_fn *done;
    int64_t wave;
    int64_t after;
    size_t max;
    struct trail_page page;
    int64_t next;
    bool is_blocked;
};

/* A running wave as far as the walk needs it; texts lie in the request. */
struct walk {
    struct store_filter filter;
    int64_t asked_at;
    int64_t deadline;
    int64_t last_row;
    enum store_until until;
    int64_t ask_no;
};

static enum store_err
get_walk(struct page_request *it, struct db *db, struct walk *walk)
{
    struct arena *arena = &it->head.request.arena;
    struct bind bind;
    enum store_err err = STORE_ENOTFOUND;

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
        walk->until = (enum store_until)bind_take_int(&bind);
        walk->ask_no = bind_take_int(&bind);
        walk->filter.group = bind_take_text(&bind, arena);
    }
    return bind_end_taken(&bind, arena, err);
}

/* Columns of SQL_SWEEP_COLUMNS that are looked at before those in front. */
enum {
    COLUMN_ROW = 0,
    COLUMN_TOPIC = 1,
    COLUMN_STATE = 6,
    COLUMN_ASK_NO = 7,
    COLUMN_SERVED = 8,
    COLUMN_NOT_BEFORE = 9,
    COLUMN_PAUSE = 10,
};

static enum store_err
take_row(struct page_request *it, struct db *db, struct bind *bind,
         const struct walk *walk)
{
    struct claim claim = {.row = bind_peek_int(bind, COLUMN_ROW),
                          .wave = it->wave};
    struct store_due *due =
        batch_add(&it->head.builder, db, bind_peek_int(bind, COLUMN_TOPIC));

    if (due == NULL)
        return STORE_ENOMEM;
    bind_skip(bind, 2);
    due->row = claim.row;
    due->wave = it->wave;
    due->ask_no = db->ask_no.newest;
    due->asked_at_ms = walk->asked_at;
    due->deadline_ms = walk->deadline;
    batch_take_token(&it->head.builder, due, bind);
    return claim_put(&db->claims, &claim);
}

/* Somebody asked for a later hour: the wave does not wait for that. What
   waits because a push failed goes on waiting. */
static bool
hurry(struct wake_row *wake, const struct pause *pause, int64_t now)
{
    int64_t due = pause_end(pause, now);

    if (wake->attempt > 0 || wake->flags & WAKE_WAITS || due >= wake->due)
        return false;
    wake->due = due;
    wake->pause = due > now ? pause->span : 0;
    return true;
}

static enum store_err
join(struct page_request *it, struct db *db, const struct walk *walk,
     struct wake_row *wake, const struct pause *pause)
{
    struct wake_row before = *wake;
    bool is_changed = hurry(wake, pause, db_now(db));
    enum store_err err;

    wake_row_merge(wake, walk->deadline, walk->until);
    is_changed |=
        wake->deadline != before.deadline || wake->until != before.until;
    if (is_changed && (err = wake_row_set(db, wake)) != STORE_OK)
        return err;
    return wake_row_join(db, wake->row, it->wave);
}

static enum store_err
put_off(struct page_request *it, struct db *db, const struct walk *walk,
        const struct bind *bind, const struct pause *pause)
{
    struct wake_row wake = {
        .row = bind_peek_int(bind, COLUMN_ROW),
        .topic = bind_peek_int(bind, COLUMN_TOPIC),
        .due = pause_end(pause, db_now(db)),
        .asked_at = walk->asked_at,
        .deadline = walk->deadline,
        .until = (uint8_t)walk->until,
        .ask_no = walk->ask_no,
        .pause = pause->span,
    };
    enum store_err err;

    wake_row_bound(&wake);
    if ((err = wake_row_add(db, &wake)) != STORE_OK)
        return err;
    return wake_row_join(db, wake.row, it->wave);
}

/* One row; see the table above. */
static enum store_err
visit(struct page_request *it, struct db *db, struct bind *bind,
      const struct walk *walk)
{
    int64_t row = bind_peek_int(bind, COLUMN_ROW);
    enum store_state state =
        (enum store_state)bind_peek_int(bind, COLUMN_STATE);
    struct pause pause = {bind_peek_int(bind, COLUMN_NOT_BEFORE),
                          bind_peek_int(bind, COLUMN_PAUSE)};
    struct wake_row wake;
    enum store_err err;

    if (claim_get(&db->claims, row) != NULL) {
        it->is_blocked = true;
        return STORE_OK;
    }
    it->page.end = row;
    if (bind_peek_int(bind, COLUMN_SERVED) >= walk->ask_no) {
        it->page.by[COUNTER_ACCEPTED]++;
        return STORE_OK;
    }
    if (state != STORE_STATE_ENABLED) {
        if (bind_peek_int(bind, COLUMN_ASK_NO) >= walk->ask_no)
            it->page.by[state == STORE_STATE_DEAD ? COUNTER_DEAD
                                                  : COUNTER_SUSPECT]++;
        return STORE_OK;
    }
    if ((err = wake_row_get(db, row, &wake)) != STORE_OK)
        return err;
    if (wake.exists)
        return join(it, db, walk, &wake, &pause);
    if (pause.not_before != 0 && pause_end(&pause, db_now(db)) > db_now(db))
        return put_off(it, db, walk, bind, &pause);
    return take_row(it, db, bind, walk);
}

static enum store_err
fill_page(struct page_request *it, struct db *db, const struct walk *walk)
{
    int64_t last = walk->last_row;
    enum store_err err, end;
    struct bind bind;

    if (!sweep_is_indexed(&walk->filter) &&
        last - it->after > SWEEP_MAX_WAVE_ROWS)
        last = it->after + SWEEP_MAX_WAVE_ROWS;
    it->next = last < walk->last_row ? last : 0;
    err = sweep_begin(&bind, db, SWEEP_WAVE, &walk->filter, it->after, last);
    if (err != STORE_OK)
        return err;
    bind_int(&bind, it->wave);
    while (err == STORE_OK && bind_row(&bind)) {
        if (it->head.builder.batch->n == it->max) {
            it->next = it->page.end;
            break;
        }
        err = visit(it, db, &bind, walk);
        if (it->is_blocked) {
            it->next = it->page.end;
            break;
        }
    }
    end = bind_end(&bind);
    return err != STORE_OK ? err : end;
}

/* One that ends where it began, before a push that is in flight, is none. What
   waits is counted by who joined, not by who was visited: before a crash one
   may have joined that the filter does not match any more. */
static enum store_err
note_page(struct page_request *it, struct db *db)
{
    bool is_end = it->next == 0 && !it->is_blocked;
    struct trail_page *page = &it->page;
    enum store_err err;

    page->end = is_end ? INT64_MAX : it->next;
    if (page->end == page->after)
        return STORE_OK;
    err = wake_row_n_joined(db, it->wave, page->after, page->end,
                            &page->by[COUNTER_WAITING]);
    return err == STORE_OK ? trail_note(&db->trails, it->wave, page) : err;
}

static enum store_err
run_page(struct store_request *request, struct db *db)
{
    struct page_request *it = (struct page_request *)request;
    struct walk walk = {0};
    enum store_err err = get_walk(it, db, &walk);

    it->page = (struct trail_page){.after = it->after, .end = it->after};
    it->is_blocked = false;
    if (err == STORE_OK && trail_is_full(&db->trails))
        err = STORE_EBUSY;
    if (err != STORE_OK ||
        (err = batch_begin(&it->head.builder, db, it->max)) != STORE_OK)
        return err;
    /* Others than enabled ones are never pushed; some were until lately. */
    if (walk.filter.states == 0 || walk.filter.states & ENABLED_BIT) {
        walk.filter.states = ENABLED_BIT | LOST_BITS;
        err = fill_page(it, db, &walk);
    }
    if (err == STORE_OK)
        err = note_page(it, db);
    return err == STORE_OK ? batch_finish(&it->head) : err;
}

static void
complete_page(struct store_request *request, enum store_err err)
{
    struct page_request *it = (struct page_request *)request;
    struct store_page page = {.next = it->next, .is_blocked = it->is_blocked};

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, batch_give(&it->head), &page);
    else
        it->done(request->arg, err, NULL, &(struct store_page){0});
}

/* It writes where the wave joins a wake, and takes claims back with a
   transaction that is undone. */
static const struct store_request_kind paging = {
    .is_write = true,
    .run = run_page,
    .complete = complete_page,
    .forget = batch_forget,
    .size = sizeof(struct page_request),
};

enum store_err
store_wave_claim(struct store *store, int64_t wave, int64_t after, size_t max,
                 store_page_fn *done, void *arg)
{
    struct page_request like = {
        .done = done, .wave = wave, .after = after, .max = max};

    if (after < 0 || max == 0 || max > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &paging, &like, arg);
}
