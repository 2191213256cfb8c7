/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"
#include "store/wake/apns_id.h"
#include "store/wake/wake_row.h"

/* Both ways of reading fill the same page. */
struct page {
    struct store_enrollment *enrollments;
    int64_t *rows;
    size_t n;
    size_t room;
    int64_t next;
};

static bool
make_room(struct arena *arena, struct page *page)
{
    size_t room = page->room == 0 ? 16 : page->room * 2;
    struct store_enrollment *enrollments;
    int64_t *rows;

    if (page->n < page->room)
        return true;
    enrollments = arena_take(arena, room * sizeof *enrollments);
    rows = arena_take(arena, room * sizeof *rows);
    if (enrollments == NULL || rows == NULL)
        return false;
    for (size_t i = 0; i < page->n; i++) {
        enrollments[i] = page->enrollments[i];
        rows[i] = page->rows[i];
    }
    page->enrollments = enrollments;
    page->rows = rows;
    page->room = room;
    return true;
}

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
take_enrollment(struct db *db, struct bind *bind, struct arena *arena,
                struct page *page)
{
    struct store_enrollment *it;
    struct pause pause;
    const char *effective;
    int64_t may;

    if (!make_room(arena, page))
        return STORE_ENOMEM;
    page->rows[page->n] = bind_take_int(bind);
    it = &page->enrollments[page->n++];
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
add_wakes(struct db *db, struct page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        struct store_wake_state *state = &page->enrollments[i].wake;
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

/*
 * By id.
 */

struct get_request {
    struct store_request request;
    store_enrollments_fn *done;
    const char *const *ids;
    size_t n;
    struct page page;
};

static enum store_err
get_one(struct get_request *it, struct db *db, const char *id)
{
    enum store_err err = STORE_OK, end;
    struct bind bind;

    bind_begin(&bind, db, SQL_ENROLLMENT_GET);
    bind_text(&bind, id);
    if (bind_row(&bind))
        err = take_enrollment(db, &bind, &it->request.arena, &it->page);
    end = bind_end(&bind);
    return err != STORE_OK ? err : end;
}

static enum store_err
run_get(struct store_request *request, struct db *db)
{
    struct get_request *it = (struct get_request *)request;
    enum store_err err = STORE_OK;

    it->page = (struct page){0};
    for (size_t i = 0; i < it->n && err == STORE_OK; i++)
        err = get_one(it, db, it->ids[i]);
    if (err == STORE_OK)
        err = add_wakes(db, &it->page);
    if (err == STORE_OK && request->arena.is_failed)
        err = STORE_ENOMEM;
    return err;
}

static void
tell_page(struct store_request *request, store_enrollments_fn *done,
          const struct page *page, enum store_err err)
{
    if (done == NULL)
        return;
    if (err != STORE_OK)
        done(request->arg, err, NULL, 0, 0);
    else
        done(request->arg, err, page->enrollments, page->n, page->next);
}

static void
complete_get(struct store_request *request, enum store_err err)
{
    struct get_request *it = (struct get_request *)request;

    tell_page(request, it->done, &it->page, err);
}

static const struct store_request_kind getting = {
    .run = run_get,
    .complete = complete_get,
};

enum store_err
store_enrollment_get(struct store *store, const char *const *ids, size_t n,
                     store_enrollments_fn *done, void *arg)
{
    struct get_request *it;

    if (!shape_ids(ids, n))
        return STORE_EINVAL;
    it = store_request_new(store, &getting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->request.is_prompt = n <= STORE_PROMPT_MAX;
    it->done = done;
    it->n = n;
    it->ids = store_request_texts(&it->request, ids, n);
    return store_request_add(store, &it->request);
}

/*
 * By filter.
 */

struct list_request {
    struct store_request request;
    store_enrollments_fn *done;
    struct store_filter filter;
    int64_t after;
    size_t limit;
    struct page page;
};

/* No more than a stretch of rows, so that others need not wait for long. */
static int64_t
end_stretch(const struct list_request *it, const struct db *db)
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
    struct list_request *it = (struct list_request *)request;
    struct page *page = &it->page;
    int64_t last = end_stretch(it, db);
    enum store_err err, end;
    struct bind bind;

    *page = (struct page){0};
    if (last < db->next_row - 1)
        page->next = last;
    err = sweep_begin(&bind, db, SWEEP_LIST, &it->filter, it->after, last);
    if (err != STORE_OK)
        return err;
    while (err == STORE_OK && bind_row(&bind)) {
        if (page->n == it->limit) {
            page->next = page->rows[page->n - 1];
            break;
        }
        err = take_enrollment(db, &bind, &request->arena, page);
    }
    end = bind_end(&bind);
    if (err == STORE_OK)
        err = end;
    if (err == STORE_OK)
        err = add_wakes(db, page);
    if (err == STORE_OK && request->arena.is_failed)
        err = STORE_ENOMEM;
    return err;
}

static void
complete_list(struct store_request *request, enum store_err err)
{
    struct list_request *it = (struct list_request *)request;

    tell_page(request, it->done, &it->page, err);
}

static const struct store_request_kind listing = {
    .run = run_list,
    .complete = complete_list,
};

enum store_err
store_enrollment_list(struct store *store, const struct store_filter *filter,
                      int64_t after, size_t limit, store_enrollments_fn *done,
                      void *arg)
{
    struct list_request *it;

    if (!shape_filter(filter) || after < 0 || limit == 0 ||
        limit > STORE_MAX_BATCH)
        return STORE_EINVAL;
    it = store_request_new(store, &listing, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->after = after;
    it->limit = limit;
    it->filter = shape_filter_copy(&it->request.arena, filter);
    return store_request_add(store, &it->request);
}
