/* SPDX-License-Identifier: MIT */
#include "enrollment_row.h"
#include "scope.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/shape.h"

/*
 * Delete.
 */

struct delete_request {
    struct count_head head;
    struct store_ids ids;
    struct store_scope scope;
};

static enum store_err
run_delete(struct store_request *request, struct db *db)
{
    struct delete_request *it = (struct delete_request *)request;
    enum store_err err = STORE_OK;

    it->head.n = 0;
    for (size_t i = 0; i < it->ids.n && err == STORE_OK; i++) {
        struct enrollment_texts texts = {.id = it->ids.ids[i], .magic = ""};
        struct enrollment_row row;
        bool is_ours = false;

        err = enrollment_row_find(db, &texts, &row);
        if (err == STORE_OK && row.row != 0)
            err = scope_has(db, &it->scope, row.row, row.topic, &is_ours);
        if (err != STORE_OK || !is_ours)
            continue;
        err = enrollment_row_delete(db, &row);
        it->head.n++;
    }
    return err;
}

static const struct store_text delete_texts[] = {
    SCOPE_TEXTS(delete_request, scope),
    {0},
};

static const struct store_request_kind deleting = {
    .is_write = true,
    .run = run_delete,
    .complete = head_count,
    .size = sizeof(struct delete_request),
    .texts = delete_texts,
    .ids = offsetof(struct delete_request, ids),
};

enum store_err
store_enrollment_delete(struct store *store, const char *const *ids, size_t n,
                        const struct store_scope *scope, store_count_fn *done,
                        void *arg)
{
    struct delete_request like = {
        .head.done = done, .ids = {ids, n}, .scope = scope_of(scope)};

    return store_request_put(store, &deleting, &like, arg);
}

/*
 * Count.
 */

struct count_request {
    struct count_head head;
    struct store_filter filter;
};

static enum store_err
run_count(struct store_request *request, struct db *db)
{
    struct count_request *it = (struct count_request *)request;

    return sweep_count(db, &it->filter, &it->head.n);
}

static const struct store_text count_texts[] = {
    FILTER_TEXTS(count_request, filter),
    {0},
};

static const struct store_request_kind counting = {
    .run = run_count,
    .complete = head_count,
    .size = sizeof(struct count_request),
    .texts = count_texts,
};

enum store_err
store_enrollment_count(struct store *store, const struct store_filter *filter,
                       store_count_fn *done, void *arg)
{
    struct count_request like = {.head.done = done, .filter = *filter};

    if (filter->seen_before_ms < 0)
        return STORE_EINVAL;
    return store_request_put(store, &counting, &like, arg);
}
