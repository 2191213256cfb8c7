/* SPDX-License-Identifier: MIT */
#include "store/thread.h"

#include <signal.h>
#include <string.h>

#include "store/core.h"

static struct store_request *
take_first(struct store_request_list *from, struct store_request_list *to)
{
    struct store_request *request = STAILQ_FIRST(from);

    STAILQ_REMOVE_HEAD(from, link);
    STAILQ_INSERT_TAIL(to, request, link);
    return request;
}

static bool
has_writer(const struct store_request_list *group)
{
    const struct store_request *request;

    STAILQ_FOREACH (request, group, link) {
        if (request->kind->is_write || request->kind->is_apart)
            return request->kind->is_write;
    }
    return false;
}

static bool
undoes(const struct store_request *request, const struct db *db)
{
    if (!db_is_in_transaction(db))
        return true; /* SQLite itself has undone it */
    return request->kind->is_write &&
           store_err_category(request->err) == STORE_CATEGORY_SYSTEM;
}

/* Somebody waits for something short, while we do what may be long. */
static bool
must_yield(struct exchange *exchange, const struct store_request *last)
{
    bool is_prompt_waiting;

    if (last->is_prompt)
        return false;
    pthread_mutex_lock(&exchange->lock);
    is_prompt_waiting = !STAILQ_EMPTY(&exchange->waiting.prompt);
    pthread_mutex_unlock(&exchange->lock);
    return is_prompt_waiting;
}

/* Does the next one belong to this group? */
static bool
goes_on(struct exchange *exchange, const struct store_request_list *todo,
        const struct store_request *last)
{
    const struct store_request *next = STAILQ_FIRST(todo);

    return next != NULL && !next->kind->is_apart && !last->kind->is_apart &&
           !must_yield(exchange, last);
}

static enum store_err
run_one(struct db *db, struct store_request *request)
{
    request->err = request->kind->run(request, db);
    if (request->err == STORE_OK && request->kind->is_write)
        request->err = db_flush(db);
    return request->err != STORE_OK && undoes(request, db) ? request->err
                                                           : STORE_OK;
}

/* Run a group in one transaction, or its first part; what is left for later
 * stays in ${todo}. Not STORE_OK: it was undone. */
static enum store_err
run_together(struct store *store, struct store_request_list *todo,
             struct store_request_list *ran)
{
    struct db *db = store->db;
    struct store_request *request;
    enum store_err err = db_begin(db);

    if (err != STORE_OK)
        return err;
    do {
        request = take_first(todo, ran);
        if ((err = run_one(db, request)) != STORE_OK) {
            db_rollback(db);
            return err;
        }
    } while (goes_on(&store->exchange, todo, request));
    if ((err = db_commit(db)) != STORE_OK)
        db_rollback(db);
    return err;
}

/* The transaction is undone: its writers fail, its readers read again. */
static void
fail_writers(struct db *db, struct store_request_list *group,
             enum store_err err)
{
    struct store_request *request;

    db_fail(db, err);
    STAILQ_FOREACH (request, group, link) {
        if (request->kind->forget != NULL)
            request->kind->forget(request);
        request->err =
            request->kind->is_write ? err : request->kind->run(request, db);
    }
}

static void
run_reads(struct store *store, struct store_request_list *todo,
          struct store_request_list *ran)
{
    struct store_request *request;

    claim_begin(&store->db->claims);
    do {
        request = take_first(todo, ran);
        request->err = request->kind->run(request, store->db);
    } while (goes_on(&store->exchange, todo, request));
}

static void
run_group(struct store *store, struct store_request_list *todo,
          struct store_request_list *ran)
{
    enum store_err err;

    if (!has_writer(todo)) {
        run_reads(store, todo, ran);
        return;
    }
    if ((err = run_together(store, todo, ran)) != STORE_OK) {
        STAILQ_CONCAT(ran, todo);
        fail_writers(store->db, ran, err);
    }
}

/* Wait for work; false at the end. The lanes take turns, or a flood of what
 * is prompt would keep the others waiting for ever. */
static bool
take_waiting(struct exchange *exchange, struct store_request_list *todo,
             bool was_prompt)
{
    struct lanes *waiting = &exchange->waiting;
    bool is_work;

    pthread_mutex_lock(&exchange->lock);
    while (lanes_are_empty(waiting) && !exchange->is_stopping)
        pthread_cond_wait(&exchange->wake, &exchange->lock);
    if (STAILQ_EMPTY(&waiting->prompt) ||
        (was_prompt && !STAILQ_EMPTY(&waiting->usual)))
        STAILQ_CONCAT(todo, &waiting->usual);
    else
        STAILQ_CONCAT(todo, &waiting->prompt);
    is_work = !STAILQ_EMPTY(todo);
    pthread_mutex_unlock(&exchange->lock);
    return is_work;
}

/* In front of what came meanwhile. */
static void
put_back(struct exchange *exchange, struct store_request_list *todo)
{
    if (STAILQ_EMPTY(todo))
        return;
    pthread_mutex_lock(&exchange->lock);
    STAILQ_CONCAT(todo, &exchange->waiting.usual);
    STAILQ_CONCAT(&exchange->waiting.usual, todo);
    pthread_mutex_unlock(&exchange->lock);
}

static void
give_back(struct store *store, struct store_request_list *group, bool is_prompt)
{
    struct exchange *exchange = &store->exchange;
    const struct store_request *request;

    STAILQ_FOREACH (request, group, link) {
        store->db->n_requests++;
    }
    pthread_mutex_lock(&exchange->lock);
    STAILQ_CONCAT(is_prompt ? &exchange->done.prompt : &exchange->done.usual,
                  group);
    exchange->trouble = db_trouble(store->db);
    snprintf(exchange->detail, sizeof exchange->detail, "%s",
             db_detail(store->db));
    pthread_mutex_unlock(&exchange->lock);
    ev_async_send(store->loop, &store->async);
}

static void *
run_thread(void *arg)
{
    struct store *store = arg;
    struct store_request_list todo = STAILQ_HEAD_INITIALIZER(todo);
    struct store_request_list ran = STAILQ_HEAD_INITIALIZER(ran);
    bool is_prompt = false;

    while (take_waiting(&store->exchange, &todo, is_prompt)) {
        is_prompt = STAILQ_FIRST(&todo)->is_prompt;
        run_group(store, &todo, &ran);
        put_back(&store->exchange, &todo);
        give_back(store, &ran, is_prompt);
        /* After the answers: nobody waits for the checkpoint's fsyncs. */
        if (db_checkpoint(store->db))
            give_back(store, &ran, is_prompt);
    }
    return NULL;
}

enum store_err
thread_start(struct store *store)
{
    sigset_t all, before;
    int rc;

    /* Signals are for the loop's thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&store->thread, NULL, run_thread, store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? STORE_OK : STORE_ENOMEM;
}

void
thread_stop(struct store *store)
{
    pthread_mutex_lock(&store->exchange.lock);
    store->exchange.is_stopping = true;
    pthread_cond_signal(&store->exchange.wake);
    pthread_mutex_unlock(&store->exchange.lock);
    pthread_join(store->thread, NULL);
}
