/* SPDX-License-Identifier: MIT */

/*
 * What happens to certificates that are held already: one of the history
 * takes effect again, or something is learnt about one.
 */

#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/done_request.h"
#include "store/shape.h"
#include "store/wake/undecided.h"

/*
 * Again.
 */

struct again_request {
    struct done_request head;
    const char *topic;
    const char *sha256;
    const char *why;
};

static enum store_err
read_in_force(struct db *db, struct again_request *it, const char **sha256)
{
    struct bind bind;

    *sha256 = "";
    bind_begin(&bind, db, SQL_CERT_IN_FORCE);
    bind_text(&bind, it->topic);
    if (bind_row(&bind))
        *sha256 = bind_take_text(&bind, &it->head.request.arena);
    return bind_end(&bind);
}

static enum store_err
retire(struct db *db, const struct again_request *it)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_RETIRE);
    bind_text(&bind, it->topic);
    bind_int(&bind, db_now(db));
    bind_text(&bind, it->why);
    if (bind_row(&bind))
        bind_row(&bind);
    return bind_end(&bind);
}

static enum store_err
find_old(struct db *db, const struct again_request *it, bool *is_there)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_FIND);
    bind_text(&bind, it->topic);
    bind_text(&bind, it->sha256);
    *is_there = bind_row(&bind);
    return bind_end(&bind);
}

static enum store_err
revive(struct db *db, const struct again_request *it, const char *replaced)
{
    int64_t id = 0;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_AGAIN);
    bind_text(&bind, it->topic);
    bind_text(&bind, it->sha256);
    bind_text(&bind, replaced);
    if (bind_row(&bind)) {
        id = bind_take_int(&bind);
        bind_row(&bind);
    }
    if ((err = bind_end(&bind)) != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_CERT_USE);
    bind_text(&bind, it->topic);
    bind_int(&bind, id);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    return undecided_free(db, it->topic);
}

static enum store_err
run_again(struct store_request *request, struct db *db)
{
    struct again_request *it = (struct again_request *)request;
    const char *before;
    bool is_there;
    enum store_err err = find_old(db, it, &is_there);

    if (err != STORE_OK)
        return err;
    if (!is_there)
        return STORE_ENOTFOUND;
    if ((err = read_in_force(db, it, &before)) != STORE_OK)
        return err;
    if (before == NULL)
        return STORE_ENOMEM;
    if (strcmp(before, it->sha256) == 0)
        return STORE_ECONFLICT;
    if ((err = retire(db, it)) != STORE_OK)
        return err;
    return revive(db, it, before);
}

static const struct store_request_kind reviving = {
    .is_write = true,
    .run = run_again,
    .complete = done_request_complete,
};

enum store_err
store_identity_again(struct store *store, const char *topic, const char *sha256,
                     const char *why, store_done_fn *done, void *arg)
{
    struct again_request *it;

    if (!shape_name(topic, STORE_MAX_TOPIC) ||
        !shape_name(sha256, STORE_MAX_NAME) || !shape_text(why, STORE_MAX_NOTE))
        return STORE_EINVAL;
    it = store_request_new(store, &reviving, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->head.done = done;
    it->topic = arena_text(&it->head.request.arena, topic);
    it->sha256 = arena_text(&it->head.request.arena, sha256);
    it->why = arena_text(&it->head.request.arena, shape_given(why));
    return store_request_add(store, &it->head.request);
}

/*
 * Learn.
 */

struct learn_request {
    struct done_request head;
    struct store_identity_mark mark;
};

static enum store_err
write_test(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_TEST);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->tested_at_ms);
    bind_int(&bind, mark->is_test_ok);
    bind_text(&bind, mark->test_text);
    return bind_run(&bind);
}

/* What was learnt with another host does not hold for this one. */
static enum store_err
write_host(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;
    bool is_other;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_HOST);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_text(&bind, mark->host);
    if ((is_other = bind_row(&bind)))
        bind_row(&bind);
    if ((err = bind_end(&bind)) != STORE_OK || !is_other)
        return err;
    return undecided_free(db, mark->topic);
}

static enum store_err
write_proof(struct db *db, const struct store_identity_mark *mark)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_CERT_PROVEN);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->proven_at_ms);
    return bind_run(&bind);
}

static enum store_err
run_learn(struct store_request *request, struct db *db)
{
    struct learn_request *it = (struct learn_request *)request;
    const struct store_identity_mark *mark = &it->mark;
    bool is_there;
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_CERT_MARK);
    bind_text(&bind, mark->topic);
    bind_text(&bind, mark->sha256);
    bind_int(&bind, mark->taken_at_ms);
    bind_int(&bind, mark->clear);
    bind_int(&bind, mark->set);
    is_there = bind_row(&bind);
    if (is_there)
        bind_row(&bind);
    if ((err = bind_end(&bind)) != STORE_OK)
        return err;
    if (!is_there)
        return STORE_ENOTFOUND;
    if (mark->host != NULL && (err = write_host(db, mark)) != STORE_OK)
        return err;
    if (mark->proven_at_ms != 0 && (err = write_proof(db, mark)) != STORE_OK)
        return err;
    return mark->tested_at_ms == 0 ? STORE_OK : write_test(db, mark);
}

static const struct store_request_kind learning = {
    .is_write = true,
    .run = run_learn,
    .complete = done_request_complete,
};

enum store_err
store_identity_learn(struct store *store,
                     const struct store_identity_mark *mark,
                     store_done_fn *done, void *arg)
{
    struct learn_request *it;
    struct arena *arena;

    if (!shape_name(mark->topic, STORE_MAX_TOPIC) ||
        !shape_name(mark->sha256, STORE_MAX_NAME) ||
        !shape_text(mark->test_text, STORE_MAX_NOTE) ||
        !shape_text(mark->host, STORE_MAX_NOTE))
        return STORE_EINVAL;
    it = store_request_new(store, &learning, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    arena = &it->head.request.arena;
    it->head.done = done;
    it->mark = *mark;
    it->mark.topic = arena_text(arena, mark->topic);
    it->mark.sha256 = arena_text(arena, mark->sha256);
    it->mark.host = mark->host != NULL ? arena_text(arena, mark->host) : NULL;
    it->mark.test_text = arena_text(arena, shape_given(mark->test_text));
    return store_request_add(store, &it->head.request);
}
