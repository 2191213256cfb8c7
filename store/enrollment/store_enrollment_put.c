/* SPDX-License-Identifier: MIT */

/*
 * Enrollments as they are given: one by one, and many with their groups.
 */

#include <string.h>

#include "enrollment_row.h"
#include "group_row.h"
#include "scope.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/shape.h"

struct put_request {
    struct store_request request;
    store_done_fn *done;
    store_import_fn *on_import; /* the other one is NULL */
    struct store_enrollment *enrollments;
    size_t n;
    bool makes_groups;
    struct store_scope scope;
    const char *path; /* that was found last: lines come group by group */
    int64_t group;    /* which it is */
    struct store_refused *refused;
    struct store_import_answer answer;
};

/* Enabled means that a push can be sent. */
static bool
is_pushable(const struct store_enrollment *given)
{
    return given->topic[0] != '\0' && given->magic[0] != '\0' &&
           given->token_len > 0;
}

/* Where one was put. */
struct place {
    int64_t row;
    bool is_new; /* it was not there before, so it is in no group */
};

static enum store_err
put_one(struct db *db, const struct store_enrollment *given,
        struct place *place)
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
    err = enrollment_row_add(db, &after, &texts);
    *place = (struct place){after.row, after.row != 0};
    if (err != STORE_OK || place->is_new)
        return err;
    if ((err = enrollment_row_find(db, &texts, &before)) != STORE_OK)
        return err;
    place->row = after.row = before.row;
    after.version = before.version + 1;
    return enrollment_row_set(db, &before, &after, &texts);
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct put_request *it = (struct put_request *)request;
    enum store_err err = STORE_OK;
    struct place place;

    for (size_t i = 0; i < it->n && err == STORE_OK; i++)
        err = put_one(db, &it->enrollments[i], &place);
    return err;
}

/* The group that ${it} shall belong to; ${*id} 0: it is refused. */
static enum store_err
find_group(struct put_request *it, struct db *db, const char *path, int64_t *id,
           enum store_group_fault *fault)
{
    enum store_err err = STORE_OK;

    *fault = STORE_GROUP_FAULT_NO_GROUP;
    if (it->path != NULL && strcmp(it->path, path) == 0) {
        *id = it->group;
        return STORE_OK;
    }
    err = group_row_find(db, path, id);
    if (err == STORE_OK && *id == 0 && it->makes_groups)
        err = group_row_make(db, path, id, &it->answer.n_groups_made, fault);
    if (err == STORE_OK && *id != 0) {
        it->path = path;
        it->group = *id;
    }
    if (err == STORE_ECONFLICT) {
        *id = 0;
        err = STORE_OK;
    }
    return err;
}

/* What is there must be within reach, and what is new must be made there. */
static enum store_err
check_scope(const struct put_request *it, struct db *db, const char *id,
            bool *is_ours)
{
    struct enrollment_texts texts = {.id = id, .magic = ""};
    const struct store_scope *scope = &it->scope;
    struct enrollment_row row;
    enum store_err err;

    *is_ours = true;
    if (shape_given(scope->topic)[0] == '\0' &&
        shape_given(scope->group)[0] == '\0')
        return STORE_OK;
    if ((err = enrollment_row_find(db, &texts, &row)) != STORE_OK)
        return err;
    if (row.row != 0)
        return scope_has(db, scope, row.row, row.topic, is_ours);
    *is_ours = shape_given(scope->group)[0] == '\0';
    return STORE_OK;
}

static enum store_err
refuse(struct put_request *it, size_t i, enum store_group_fault fault)
{
    it->refused[it->answer.n_refused++] =
        (struct store_refused){i, it->enrollments[i].group, fault};
    return STORE_OK;
}

static enum store_err
import_one(struct put_request *it, struct db *db, size_t i)
{
    const struct store_enrollment *given = &it->enrollments[i];
    bool is_grouped = given->group != NULL && given->group[0] != '\0';
    enum store_group_fault fault;
    struct place place = {0};
    int64_t group = 0;
    bool is_ours;
    enum store_err err = check_scope(it, db, given->id, &is_ours);

    if (err == STORE_OK && !is_ours)
        return refuse(it, i, STORE_GROUP_FAULT_SCOPE);
    if (err == STORE_OK && is_grouped)
        err = find_group(it, db, given->group, &group, &fault);
    if (err == STORE_OK && is_grouped && group == 0)
        return refuse(it, i, fault);
    if (err == STORE_OK)
        err = put_one(db, given, &place);
    if (err == STORE_OK && is_grouped)
        return group_row_join(db, place.row, group);
    if (err == STORE_OK && given->group != NULL && !place.is_new)
        return group_row_leave(db, place.row);
    return err;
}

static enum store_err
run_import(struct store_request *request, struct db *db)
{
    struct put_request *it = (struct put_request *)request;
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < it->n && err == STORE_OK; i++)
        err = import_one(it, db, i);
    return err;
}

static void
complete_put(struct store_request *request, enum store_err err)
{
    struct put_request *it = (struct put_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err);
    if (it->on_import != NULL)
        it->on_import(request->arg, err, err == STORE_OK ? &it->answer : NULL);
}

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete_put,
    .size = sizeof(struct put_request),
};

static const struct store_request_kind importing = {
    .is_write = true,
    .run = run_import,
    .complete = complete_put,
    .size = sizeof(struct put_request),
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
    copy->group = NULL;
}

/* NULL: ${*err} says why. */
static struct put_request *
new_request(struct store *store, const struct store_request_kind *kind,
            const struct store_enrollment *enrollments, size_t n, void *arg,
            enum store_err *err)
{
    struct put_request *it;

    *err = STORE_EINVAL;
    if (n > STORE_MAX_BATCH)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (!shape_enrollment(&enrollments[i]))
            return NULL;
    }
    it = store_request_new(store, kind, arg);
    *err = store->refusal;
    if (it == NULL)
        return NULL;
    it->n = n;
    it->enrollments =
        arena_take(&it->request.arena, n * sizeof *it->enrollments);
    for (size_t i = 0; i < n && it->enrollments != NULL; i++)
        copy_one(&it->request.arena, &it->enrollments[i], &enrollments[i]);
    return it;
}

enum store_err
store_enrollment_put(struct store *store,
                     const struct store_enrollment *enrollments, size_t n,
                     store_done_fn *done, void *arg)
{
    enum store_err err;
    struct put_request *it =
        new_request(store, &putting, enrollments, n, arg, &err);

    if (it == NULL)
        return err;
    it->done = done;
    return store_request_add(store, &it->request);
}

enum store_err
store_enrollment_import(struct store *store,
                        const struct store_enrollment *enrollments, size_t n,
                        bool makes_groups, const struct store_scope *scope,
                        store_import_fn *done, void *arg)
{
    struct put_request *it;
    struct arena *arena;
    enum store_err err;

    for (size_t i = 0; i < n && n <= STORE_MAX_BATCH; i++) {
        const char *group = shape_given(enrollments[i].group);

        if (group[0] != '\0' && !store_group_path_ok(group))
            return STORE_EINVAL;
    }
    it = new_request(store, &importing, enrollments, n, arg, &err);
    if (it == NULL)
        return err;
    arena = &it->request.arena;
    it->on_import = done;
    it->makes_groups = makes_groups;
    if (scope != NULL) {
        it->scope.topic = arena_text(arena, scope->topic);
        it->scope.group = arena_text(arena, scope->group);
    }
    for (size_t i = 0; i < n && it->enrollments != NULL; i++)
        it->enrollments[i].group = arena_text(arena, enrollments[i].group);
    it->refused = arena_take(arena, n * sizeof *it->refused);
    it->answer.refused = it->refused;
    return store_request_add(store, &it->request);
}
