/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/shape.h"
#include "store/wake/apns_id.h"
#include "store/wake/wake_row.h"

/* Both ways of reading fill the same page. */
struct page_request {
    struct list_head list;
    store_enrollments_fn *done;
    struct store_ids ids;       /* get */
    struct store_filter filter; /* list */
    int64_t after;
    int64_t *rows; /* of the enrollments */
    size_t rows_room;
};

static void
take_last_push(struct bind *bind, struct arena *arena,
               struct store_last_push *push)
{
    const uint8_t *packed;
    size_t len;

    push->at_ms = bind_take_int(bind);
    push->status = (uint16_t)bind_take_int(bind);
    push->reason = shape_given(bind_take_text(bind, arena));
    packed = bind_peek_blob(bind, &len);
    push->apns_id = apns_id_unpack(arena, packed, len);
}

/* SQL_ENROLLMENT_COLUMNS */
static enum store_err
take_enrollment(struct store_request *request, struct bind *bind, void *row)
{
    struct page_request *page = (struct page_request *)request;
    struct arena *arena = &request->arena;
    struct store_enrollment *it = row;
    struct db *db = bind->db;
    size_t at = page->list.n - 1;
    struct pause pause;
    const char *effective;
    int64_t *rows;
    int64_t may;

    if (at == 0)
        page->rows_room = 0;
    rows = arena_more(arena, page->rows, at, &page->rows_room, sizeof *rows);
    if (rows == NULL)
        return STORE_ENOMEM;
    page->rows = rows;
    rows[at] = bind_take_int(bind);
    it->id = bind_take_text(bind, arena);
    it->kind = (enum store_kind)bind_take_int(bind);
    it->state = (enum store_state)bind_take_int(bind);
    it->topic = arena_text(arena, topic_name(db, bind_take_int(bind)));
    it->parent = bind_take_text(bind, arena);
    it->serial = bind_take_text(bind, arena);
    it->token = bind_take_blob(bind, arena, &it->token_len);
    it->magic = bind_take_text(bind, arena);
    it->token_at_ms = bind_take_int(bind);
    it->tally = bind_take_u32(bind);
    it->seen_at_ms = bind_take_int(bind);
    take_last_push(bind, arena, &it->last_push);
    it->group = shape_given(bind_take_text(bind, arena));
    effective = shape_given(bind_take_text(bind, arena));
    pause.not_before = bind_take_int(bind);
    pause.span = bind_take_int(bind);
    may = pause_end(&pause, db_now(db));
    it->last_push.not_before_ms = may > db_now(db) ? may : 0;
    it->is_mismatched = effective[0] != '\0' && it->topic != NULL &&
                        strcmp(effective, it->topic) != 0;
    return STORE_OK;
}

static enum store_err
add_wakes(struct db *db, struct page_request *page)
{
    struct store_enrollment *enrollments = page->list.rows;

    for (size_t i = 0; i < page->list.n; i++) {
        struct store_wake_state *state = &enrollments[i].wake;
        struct wake_row wake;
        enum store_err err = wake_row_get(db, page->rows[i], &wake);

        if (err != STORE_OK)
            return err;
        if (!wake.exists)
            continue;
        *state = (struct store_wake_state){
            .exists = true,
            .asked_at_ms = wake.asked_at,
            .due_ms = wake.due,
            .deadline_ms = wake.deadline,
            .attempt = wake.attempt,
            .until = wake.until,
            .is_undecided = (wake.flags & WAKE_UNDECIDED) != 0,
            .is_claimed = claim_get(&db->claims, page->rows[i]) != NULL,
        };
    }
    return STORE_OK;
}

HEAD_PAGE(complete_page, page_request)

/*
 * By id.
 */

static enum store_err
get_one(struct page_request *it, struct db *db, const char *id)
{
    enum store_err err = STORE_OK;
    struct store_enrollment *row;
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_GET);
    bind_text(&bind, id);
    if (bind_row(&bind)) {
        row = head_add(&it->list, sizeof *row);
        err = row == NULL ? STORE_ENOMEM
                          : take_enrollment(&it->list.request, &bind, row);
    }
    return bind_end_taken(&bind, &it->list.request.arena, err);
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct page_request *it = (struct page_request *)request;
    enum store_err err = STORE_OK;

    head_begin(&it->list);
    for (size_t i = 0; i < it->ids.n && err == STORE_OK; i++)
        err = get_one(it, db, it->ids.ids[i]);
    return err == STORE_OK ? add_wakes(db, it) : err;
}

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_page,
    .size = sizeof(struct page_request),
    .ids = offsetof(struct page_request, ids),
};

enum store_err
store_enrollment_get(struct store *store, const char *const *ids, size_t n,
                     store_enrollments_fn *done, void *arg)
{
    struct page_request like = {.done = done, .ids = {ids, n}};

    like.list.request.is_prompt = n <= STORE_PROMPT_MAX;
    return store_request_put(store, &getting, &like, arg);
}

/*
 * By filter.
 */

/* No more than a stretch of rows, so that others need not wait for long. */
static int64_t
end_stretch(const struct page_request *it, const struct db *db)
{
    int64_t last = db->next_row - 1;

    if (!sweep_is_indexed(&it->filter) &&
        last - it->after > SWEEP_MAX_LIST_ROWS)
        last = it->after + SWEEP_MAX_LIST_ROWS;
    return last;
}

static enum store_err
run_list(struct store_request *request, struct db *db)
{
    struct page_request *it = (struct page_request *)request;
    struct list_head *list = &it->list;
    int64_t last = end_stretch(it, db);
    enum store_err err;
    struct bind bind;

    err = sweep_begin(&bind, db, SWEEP_LIST, &it->filter, it->after, last);
    if (err == STORE_OK)
        err = head_take(list, &bind, sizeof(struct store_enrollment),
                        take_enrollment);
    if (err != STORE_OK)
        return err;
    if (list->is_more)
        list->next = it->rows[list->n - 1];
    else if (last < db->next_row - 1)
        list->next = last;
    return add_wakes(db, it);
}

static const struct store_text list_texts[] = {
    FILTER_TEXTS(page_request, filter),
    {0},
};

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_page,
    .size = sizeof(struct page_request),
    .texts = list_texts,
};

enum store_err
store_enrollment_list(struct store *store, const struct store_filter *filter,
                      int64_t after, size_t limit, store_enrollments_fn *done,
                      void *arg)
{
    struct page_request like = {
        .list.limit = limit, .done = done, .filter = *filter, .after = after};

    if (filter->seen_before_ms < 0 || after < 0 || limit == 0 ||
        limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    return store_request_put(store, &listing, &like, arg);
}
