/* SPDX-License-Identifier: MIT */
#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment_row.h"
#include "store/shape.h"

/*
 * Create or replace.
 */

struct put_request {
    struct store_request request;
    store_done_fn *done;
    struct store_enrollment *enrollments;
    size_t n;
};

/* Enabled means that a push can be sent. */
static bool
is_pushable(const struct store_enrollment *given)
{
    return given->topic[0] != '\0' && given->magic[0] != '\0' &&
           given->token_len > 0;
}

static enum store_err
put_one(struct db *db, const struct store_enrollment *given)
{
    struct enrollment_texts texts = {given->id,        given->parent,
                                     given->serial,    given->token,
                                     given->token_len, given->magic};
    struct enrollment_row before, after = {0};
    enum store_err err = topic_intern(db, given->topic, &after.topic);

    if (err != STORE_OK)
        return err;
    after.kind = given->kind;
    after.state = given->state;
    if (after.state == STORE_STATE_ENABLED && !is_pushable(given))
        after.state = STORE_STATE_DISABLED;
    after.token_at = after.checked_at = given->token_at_ms;
    after.seen_at = given->seen_at_ms;
    after.tally = given->tally;
    after.version = 1;
    if ((err = enrollment_row_add(db, &after, &texts)) != STORE_OK ||
        after.row != 0)
        return err;
    if ((err = enrollment_row_find(db, &texts, &before)) != STORE_OK)
        return err;
    after.row = before.row;
    after.version = before.version + 1;
    return enrollment_row_set(db, &before, &after, &texts);
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct put_request *it = (struct put_request *)request;
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < it->n && err == STORE_OK; i++)
        err = put_one(db, &it->enrollments[i]);
    return err;
}

static void
complete_put(struct store_request *request, enum store_err err)
{
    struct put_request *it = (struct put_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err);
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete_put,
};

static void
copy_one(struct arena *arena, struct store_enrollment *copy,
         const struct store_enrollment *given)
{
    *copy = *given;
    copy->id = arena_text(arena, given->id);
    copy->parent = arena_text(arena, shape_given(given->parent));
    copy->serial = arena_text(arena, shape_given(given->serial));
    copy->topic = arena_text(arena, shape_given(given->topic));
    copy->magic = arena_text(arena, shape_given(given->magic));
    copy->token = arena_copy(arena, given->token, given->token_len);
}

enum store_err
store_enrollment_put(struct store *store,
                     const struct store_enrollment *enrollments, size_t n,
                     store_done_fn *done, void *arg)
{
    struct put_request *it;

    if (n > STORE_MAX_BATCH)
        return STORE_EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!shape_enrollment(&enrollments[i]))
            return STORE_EINVAL;
    }
    it = store_request_new(store, &putting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->n = n;
    it->enrollments =
        arena_take(&it->request.arena, n * sizeof *it->enrollments);
    for (size_t i = 0; i < n && it->enrollments != NULL; i++)
        copy_one(&it->request.arena, &it->enrollments[i], &enrollments[i]);
    return store_request_add(store, &it->request);
}

/*
 * Delete.
 */

struct delete_request {
    struct store_request request;
    store_count_fn *done;
    const char *const *ids;
    size_t n;
    int64_t n_deleted;
};

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct delete_request *it = (struct delete_request *)request;
    enum store_err err = STORE_OK;

    it->n_deleted = 0;
    for (size_t i = 0; i < it->n && err == STORE_OK; i++) {
        struct enrollment_texts texts = {.id = it->ids[i], .magic = ""};
        struct enrollment_row row;

        err = enrollment_row_find(db, &texts, &row);
        if (err != STORE_OK || row.row == 0)
            continue;
        err = enrollment_row_delete(db, &row);
        it->n_deleted++;
    }
    return err;
}

static void
complete_delete(struct store_request *request, enum store_err err)
{
    struct delete_request *it = (struct delete_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err, err == STORE_OK ? it->n_deleted : 0);
}

static const struct store_request_kind deleting = {
    .is_write = true,
    .run = run_delete,
    .complete = complete_delete,
};

enum store_err
store_enrollment_delete(struct store *store, const char *const *ids, size_t n,
                        store_count_fn *done, void *arg)
{
    struct delete_request *it;

    if (!shape_ids(ids, n))
        return STORE_EINVAL;
    it = store_request_new(store, &deleting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->n = n;
    it->ids = store_request_texts(&it->request, ids, n);
    return store_request_add(store, &it->request);
}

/*
 * Count.
 */

struct count_request {
    struct store_request request;
    store_count_fn *done;
    struct store_filter filter;
    int64_t n;
};

static enum store_err
run_count(struct store_request *request, struct db *db)
{
    struct count_request *it = (struct count_request *)request;

    return sweep_count(db, &it->filter, &it->n);
}

static void
complete_count(struct store_request *request, enum store_err err)
{
    struct count_request *it = (struct count_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err, err == STORE_OK ? it->n : 0);
}

static const struct store_request_kind counting = {
    .run = run_count,
    .complete = complete_count,
};

enum store_err
store_enrollment_count(struct store *store, const struct store_filter *filter,
                       store_count_fn *done, void *arg)
{
    struct count_request *it;

    if (!shape_filter(filter))
        return STORE_EINVAL;
    it = store_request_new(store, &counting, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->filter = shape_filter_copy(&it->request.arena, filter);
    return store_request_add(store, &it->request);
}
