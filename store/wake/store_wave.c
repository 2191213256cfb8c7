/* SPDX-License-Identifier: MIT */
#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment/group_row.h"
#include "store/head.h"
#include "store/shape.h"
#include "wake_row.h"

#define ENABLED_BIT (1U << STORE_STATE_ENABLED)

COLUMNS_TAKE(take_wave, store_wave, WAVE_COLUMNS)

/* With what is counted behind the cursor. */
static void
add_trail(const struct db *db, struct store_wave *wave)
{
    int64_t n[N_COUNTERS] = {0};

    trail_sum(&db->trails, wave->id, n);
    wave->n_accepted += n[COUNTER_ACCEPTED];
    wave->n_dead += n[COUNTER_DEAD];
    wave->n_suspect += n[COUNTER_SUSPECT];
    wave->n_dropped += n[COUNTER_DROPPED];
    wave->n_expired += n[COUNTER_EXPIRED];
    wave->n_cancelled += n[COUNTER_CANCELLED];
    wave->n_skipped += n[COUNTER_SKIPPED];
    wave->n_waiting += n[COUNTER_WAITING];
}

/*
 * Ask, get and list all answer with waves.
 */

struct waves_request {
    struct list_head list;
    store_waves_fn *done;
    struct store_wave asked; /* ask */
    int64_t id;              /* get */
    bool only_open;          /* list */
    int64_t before;
};

HEAD_PAGE(complete_waves, waves_request)

static enum store_err
take(struct store_request *request, struct bind *bind, void *row)
{
    take_wave(bind, &request->arena, row);
    add_trail(bind->db, row);
    return STORE_OK;
}

static enum store_err
read_one(struct waves_request *it, struct db *db, int64_t id)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_WAVE_GET);
    bind_int(&bind, id);
    err = head_take(&it->list, &bind, sizeof(struct store_wave), take);
    return err == STORE_OK && it->list.n == 0 ? STORE_ENOTFOUND : err;
}

static enum store_err
insert(struct db *db, const struct store_wave *wave, int64_t *id)
{
    const struct store_filter *filter = &wave->filter;
    struct bind bind;

    bind_begin(&bind, db, SQL_WAVE_ADD);
    bind_int(&bind, STORE_WAVE_RUNNING);
    bind_text(&bind, filter->topic);
    bind_text(&bind, filter->parent);
    bind_text(&bind, filter->serial);
    bind_int(&bind, filter->kinds);
    bind_int(&bind, filter->states);
    bind_int(&bind, filter->seen_before_ms);
    bind_int(&bind, wave->until);
    bind_int(&bind, wave->pace);
    bind_int(&bind, db_now(db));
    bind_int(&bind, wave->deadline_ms);
    bind_text(&bind, wave->asked_by);
    /* Enrollments that come later are not meant. */
    bind_int(&bind, db->next_row - 1);
    bind_int(&bind, wave->n_total);
    bind_text(&bind, filter->group);
    bind_int(&bind, ask_no_take(db));
    return bind_run_int(&bind, id);
}

static enum store_err
prune(struct db *db, int64_t newest)
{
    struct bind bind;

    if (newest <= STORE_MAX_WAVES)
        return STORE_OK;
    bind_begin(&bind, db, SQL_WAVE_PRUNE);
    bind_int(&bind, newest - STORE_MAX_WAVES);
    return bind_run(&bind);
}

/* A mistyped group would be a wave over nobody, and look like a success. */
static enum store_err
check_group(struct db *db, const char *path)
{
    int64_t id = 0;
    enum store_err err;

    if (shape_given(path)[0] == '\0')
        return STORE_OK;
    err = group_row_find(db, path, &id);
    return err == STORE_OK && id == 0 ? STORE_ENOTFOUND : err;
}

static enum store_err
run_ask(struct store_request *request, struct db *db)
{
    struct waves_request *it = (struct waves_request *)request;
    struct store_filter filter = it->asked.filter;
    enum store_err err = check_group(db, filter.group);

    if (err != STORE_OK)
        return err;
    /* Others than enabled ones are never pushed. */
    it->asked.n_total = 0;
    if (filter.states == 0 || filter.states & ENABLED_BIT) {
        filter.states = ENABLED_BIT;
        if ((err = sweep_count(db, &filter, &it->asked.n_total)) != STORE_OK)
            return err;
    }
    if ((err = insert(db, &it->asked, &it->id)) != STORE_OK ||
        (err = prune(db, it->id)) != STORE_OK)
        return err;
    return read_one(it, db, it->id);
}

static const struct store_text ask_texts[] = {
    FILTER_TEXTS(waves_request, asked.filter),
    TEXT(waves_request, asked.asked_by, STORE_MAX_NAME, GIVEN),
    {0},
};

static const struct store_request_kind asking = {
    .is_write = true,
    .run = run_ask,
    .complete = complete_waves,
    .size = sizeof(struct waves_request),
    .texts = ask_texts,
};

enum store_err
store_wave_ask(struct store *store, const struct store_wave *wave,
               store_waves_fn *done, void *arg)
{
    struct waves_request like = {.done = done, .asked = *wave};

    if (wave->filter.seen_before_ms < 0 || wave->deadline_ms < 0 ||
        wave->until > STORE_UNTIL_CHECK_IN)
        return STORE_EINVAL;
    return store_request_put(store, &asking, &like, arg);
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct waves_request *it = (struct waves_request *)request;

    return read_one(it, db, it->id);
}

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_waves,
    .size = sizeof(struct waves_request),
};

enum store_err
store_wave_get(struct store *store, int64_t wave, store_waves_fn *done,
               void *arg)
{
    struct waves_request like = {.done = done, .id = wave};

    return store_request_put(store, &getting, &like, arg);
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct waves_request *it = (struct waves_request *)request;
    struct list_head *list = &it->list;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, it->only_open ? SQL_WAVE_LIST_OPEN : SQL_WAVE_LIST);
    bind_int(&bind, it->before == 0 ? INT64_MAX : it->before);
    bind_int(&bind, (int64_t)list->limit + 1);
    err = head_take(list, &bind, sizeof(struct store_wave), take);
    if (err == STORE_OK && list->is_more)
        list->next = ((struct store_wave *)list->rows)[list->n - 1].id;
    return err;
}

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_waves,
    .size = sizeof(struct waves_request),
};

enum store_err
store_wave_list(struct store *store, bool only_open, int64_t before,
                size_t limit, store_waves_fn *done, void *arg)
{
    struct waves_request like = {.list.limit = limit,
                                 .done = done,
                                 .only_open = only_open,
                                 .before = before};

    if (before < 0 || limit == 0 || limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}
