/* SPDX-License-Identifier: MIT */
#include "enrollment_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"

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
