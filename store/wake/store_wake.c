/* SPDX-License-Identifier: MIT */
#include "batch.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment/scope.h"
#include "store/head.h"
#include "wake_row.h"

/*
 * Ask.
 */

struct ask_request {
    struct batch_head head;
    store_wake_fn *done;
    struct store_ids ids;
    struct store_wake_terms terms;
    int64_t ask_no; /* of all its ids */
    struct store_wake_answer *answers;
};

/* What an ask needs of its enrollment; token and magic stay in the row until
   it is known that they are handed out. */
struct asked {
    int64_t row;
    enum store_state state;
    int64_t topic;
    struct pause pause;
    struct store_due due;
};

static enum store_err
find(struct ask_request *it, struct db *db, const char *id, struct asked *asked)
{
    struct bind bind;

    *asked = (struct asked){0};
    bind_begin(&bind, db, SQL_ENROLLMENT_DUE);
    bind_text(&bind, id);
    if (bind_row(&bind)) {
        asked->row = bind_take_int(&bind);
        asked->state = (enum store_state)bind_take_int(&bind);
        asked->topic = bind_take_int(&bind);
        if (it->terms.is_claimed_now && asked->state == STORE_STATE_ENABLED)
            batch_take_token(&it->head.builder, &asked->due, &bind);
        else
            bind_skip(&bind, 4);
        asked->pause.not_before = bind_take_int(&bind);
        asked->pause.span = bind_take_int(&bind);
    }
    return bind_end(&bind);
}

/* As soon as it may be; a back-off that nobody but us wants is cut short. */
static void
hurry(struct wake_row *wake, const struct asked *asked, int64_t due,
      int64_t now)
{
    int64_t may = pause_end(&asked->pause, now);
    bool is_paused = may > now && may >= due;

    if (is_paused)
        due = may;
    if (wake->exists && due >= wake->due)
        return;
    wake->due = due;
    wake->pause = is_paused ? asked->pause.span : 0;
}

/* Store it, or join the one that waits. */
static enum store_err
want(struct ask_request *it, struct db *db, const struct asked *asked,
     struct wake_row *wake, struct store_wake_answer *answer)
{
    int64_t now = db_now(db);
    int64_t due = it->terms.due_ms == 0 ? now : it->terms.due_ms;
    int64_t may = pause_end(&asked->pause, now);
    enum store_err err = wake_row_get(db, asked->row, wake);

    if (err != STORE_OK)
        return err;
    answer->asked = !wake->exists                  ? STORE_ASKED_NEW
                    : wake->flags & WAKE_UNDECIDED ? STORE_ASKED_UNDECIDED
                                                   : STORE_ASKED_MERGED;
    answer->ask_no = it->ask_no;
    answer->not_before_ms = may > now ? may : 0;
    answer->is_claimed = claim_get(&db->claims, asked->row) != NULL;
    hurry(wake, asked, due, now);
    wake->ask_no = it->ask_no;
    wake->flags |= WAKE_ASKED;
    if (wake->exists) {
        wake_row_merge(wake, it->terms.deadline_ms, it->terms.until);
        wake_row_bound(wake);
        return wake_row_set(db, wake);
    }
    wake->topic = asked->topic;
    wake->asked_at = now;
    wake->deadline = it->terms.deadline_ms;
    wake->until = (uint8_t)it->terms.until;
    wake_row_bound(wake);
    return wake_row_add(db, wake);
}

static enum store_err
claim_now(struct ask_request *it, struct db *db, const struct asked *asked,
          const struct wake_row *wake, const char *id)
{
    struct claim claim = {.row = wake->row};
    struct store_due *due;
    const char *topic;
    enum store_err err;

    if (claim_get(&db->claims, wake->row) != NULL || wake->due > db_now(db))
        return STORE_OK;
    if ((err = claim_put(&db->claims, &claim)) != STORE_OK)
        return err;
    if ((due = batch_add(&it->head.builder, db, asked->topic)) == NULL)
        return STORE_ENOMEM;
    topic = due->topic;
    *due = asked->due;
    due->topic = topic;
    due->id = arena_text(&it->head.builder.arena, id);
    due->row = wake->row;
    due->ask_no = db->ask_no.newest;
    due->attempt = wake->attempt;
    due->asked_at_ms = wake->asked_at;
    due->deadline_ms = wake->deadline;
    due->again = (wake->flags & WAKE_AGAIN) != 0;
    return STORE_OK;
}

static enum store_err
ask_one(struct ask_request *it, struct db *db, size_t i)
{
    struct store_wake_answer *answer = &it->answers[i];
    struct asked asked;
    struct wake_row wake;
    bool is_ours = false;
    enum store_err err = find(it, db, it->ids.ids[i], &asked);

    *answer = (struct store_wake_answer){.asked = STORE_ASKED_UNKNOWN};
    if (err == STORE_OK && asked.row != 0)
        err = scope_has(db, &it->terms.scope, asked.row, asked.topic, &is_ours);
    if (err != STORE_OK || !is_ours)
        return err;
    answer->asked = STORE_ASKED_UNPUSHABLE;
    answer->state = asked.state;
    answer->row = asked.row;
    if (asked.state != STORE_STATE_ENABLED)
        return STORE_OK;
    err = want(it, db, &asked, &wake, answer);
    if (err == STORE_OK && it->terms.is_claimed_now)
        err = claim_now(it, db, &asked, &wake, it->ids.ids[i]);
    return err;
}

static enum store_err
run_ask(struct store_request *request, struct db *db)
{
    struct ask_request *it = (struct ask_request *)request;
    size_t n = it->ids.n;
    enum store_err err = STORE_OK;

    it->answers = arena_take(&request->arena, n * sizeof *it->answers);
    if (it->answers == NULL)
        return STORE_ENOMEM;
    it->ask_no = ask_no_take(db);
    if (it->terms.is_claimed_now)
        err = batch_begin(&it->head.builder, db, n);
    for (size_t i = 0; i < n && err == STORE_OK; i++)
        err = ask_one(it, db, i);
    if (err != STORE_OK || !it->terms.is_claimed_now)
        return err;
    return batch_finish(&it->head);
}

static void
complete_ask(struct store_request *request, enum store_err err)
{
    struct ask_request *it = (struct ask_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, it->answers, it->ids.n,
                 batch_give(&it->head));
    else
        it->done(request->arg, err, NULL, 0, NULL);
}

static const struct store_text ask_texts[] = {
    SCOPE_TEXTS(ask_request, terms.scope),
    {0},
};

static const struct store_request_kind asking = {
    .is_write = true,
    .run = run_ask,
    .complete = complete_ask,
    .forget = batch_forget,
    .size = sizeof(struct ask_request),
    .texts = ask_texts,
    .ids = offsetof(struct ask_request, ids),
};

enum store_err
store_wake_ask(struct store *store, const char *const *ids, size_t n,
               const struct store_wake_terms *terms, store_wake_fn *done,
               void *arg)
{
    struct ask_request like = {.done = done, .ids = {ids, n}, .terms = *terms};

    if (terms->until > STORE_UNTIL_CHECK_IN || terms->due_ms < 0 ||
        terms->deadline_ms < 0)
        return STORE_EINVAL;
    like.head.request.is_prompt = n <= STORE_PROMPT_MAX;
    return store_request_put(store, &asking, &like, arg);
}

/*
 * Cancel.
 */

struct cancel_request {
    struct count_head head;
    struct store_ids ids;
    struct store_scope scope;
};

static enum store_err
cancel_one(struct cancel_request *it, struct db *db, const char *id)
{
    struct bind bind;
    struct wake_row wake;
    int64_t row = 0, topic = 0;
    bool is_ours;
    enum store_err err;

    bind_begin(&bind, db, SQL_ENROLLMENT_DUE);
    bind_text(&bind, id);
    if (bind_row(&bind)) {
        row = bind_take_int(&bind);
        bind_skip(&bind, 1);
        topic = bind_take_int(&bind);
    }
    if ((err = bind_end(&bind)) != STORE_OK || row == 0)
        return err;
    err = scope_has(db, &it->scope, row, topic, &is_ours);
    if (err != STORE_OK || !is_ours)
        return err;
    if ((err = wake_row_get(db, row, &wake)) != STORE_OK || !wake.exists)
        return err;
    if (claim_get(&db->claims, row) != NULL)
        return STORE_OK;
    it->head.n++;
    return wake_row_end(db, &wake, COUNTER_CANCELLED);
}

static enum store_err
run_cancel(struct store_request *request, struct db *db)
{
    struct cancel_request *it = (struct cancel_request *)request;
    enum store_err err = STORE_OK;

    it->head.n = 0;
    for (size_t i = 0; i < it->ids.n && err == STORE_OK; i++)
        err = cancel_one(it, db, it->ids.ids[i]);
    return err;
}

static const struct store_text cancel_texts[] = {
    SCOPE_TEXTS(cancel_request, scope),
    {0},
};

static const struct store_request_kind cancelling = {
    .is_write = true,
    .run = run_cancel,
    .complete = head_count,
    .size = sizeof(struct cancel_request),
    .texts = cancel_texts,
    .ids = offsetof(struct cancel_request, ids),
};

enum store_err
store_wake_cancel(struct store *store, const char *const *ids, size_t n,
                  const struct store_scope *scope, store_count_fn *done,
                  void *arg)
{
    struct cancel_request like = {
        .head.done = done, .ids = {ids, n}, .scope = scope_of(scope)};

    return store_request_put(store, &cancelling, &like, arg);
}

/*
 * Release, and what a clock does that was set back.
 */

struct release_request {
    struct done_head head;
    const char *topic;
    int64_t now;
};

static enum store_err
run_release(struct store_request *request, struct db *db)
{
    struct release_request *it = (struct release_request *)request;
    int64_t topic;
    enum store_err err = topic_find(db, it->topic, &topic);
    struct bind bind;

    if (err != STORE_OK || topic < 0)
        return err; /* of one not known nothing waits */
    bind_begin(&bind, db, SQL_WAKE_RELEASE);
    bind_int(&bind, topic);
    bind_int(&bind, it->now);
    return bind_run(&bind);
}

static const struct store_text release_texts[] = {
    TEXT(release_request, topic, STORE_MAX_TOPIC, NEEDED),
    {0},
};

static const struct store_request_kind releasing = {
    .is_write = true,
    .run = run_release,
    .complete = head_done,
    .size = sizeof(struct release_request),
    .texts = release_texts,
};

enum store_err
store_wake_release(struct store *store, const char *topic, int64_t now_ms,
                   store_done_fn *done, void *arg)
{
    struct release_request like = {
        .head.done = done, .topic = topic, .now = now_ms};

    return store_request_put(store, &releasing, &like, arg);
}

static enum store_err
run_follow_clock(struct store_request *request, struct db *db)
{
    struct bind bind;

    (void)request;
    bind_begin(&bind, db, SQL_WAKE_SHORTEN);
    bind_int(&bind, db_now(db));
    return bind_run(&bind);
}

static const struct store_request_kind following = {
    .is_write = true,
    .run = run_follow_clock,
    .complete = head_done,
    .size = sizeof(struct done_head),
};

enum store_err
store_wake_follow_clock(struct store *store, store_done_fn *done, void *arg)
{
    struct done_head like = {.done = done};

    return store_request_put(store, &following, &like, arg);
}
