/* SPDX-License-Identifier: MIT */
#include "store/thread.h"

#include <signal.h>
#include <string.h>

#include "store/core.h"

static bool
has_writer(const struct store_request_list *group)
{
    const struct store_request *request;

    STAILQ_FOREACH (request, group, link) {
        if (request->kind->is_write)
            return true;
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

/* Run all of a group in one transaction; not STORE_OK: it was undone. */
static enum store_err
run_together(struct db *db, struct store_request_list *group)
{
    struct store_request *request;
    enum store_err err = db_begin(db);

    if (err != STORE_OK)
        return err;
    STAILQ_FOREACH (request, group, link) {
        request->err = request->kind->run(request, db);
        if (request->err == STORE_OK && request->kind->is_write)
            request->err = db_flush(db);
        if (request->err != STORE_OK && undoes(request, db)) {
            err = request->err;
            db_rollback(db);
            return err;
        }
    }
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
run_reads(struct db *db, struct store_request_list *group)
{
    struct store_request *request;

    claim_begin(&db->claims);
    STAILQ_FOREACH (request, group, link) {
        request->err = request->kind->run(request, db);
    }
}

static void
run_group(struct db *db, struct store_request_list *group)
{
    enum store_err err;

    if (!has_writer(group)) {
        run_reads(db, group);
        return;
    }
    if ((err = run_together(db, group)) != STORE_OK)
        fail_writers(db, group, err);
}

/* Wait for work; false at the end. */
static bool
take_waiting(struct exchange *exchange, struct store_request_list *group)
{
    bool is_work;

    pthread_mutex_lock(&exchange->lock);
    while (STAILQ_EMPTY(&exchange->waiting) && !exchange->is_stopping)
        pthread_cond_wait(&exchange->wake, &exchange->lock);
    STAILQ_CONCAT(group, &exchange->waiting);
    is_work = !STAILQ_EMPTY(group);
    pthread_mutex_unlock(&exchange->lock);
    return is_work;
}

static void
give_back(struct store *store, struct store_request_list *group)
{
    struct exchange *exchange = &store->exchange;
    const struct store_request *request;

    STAILQ_FOREACH (request, group, link) {
        store->db->n_requests++;
    }
    pthread_mutex_lock(&exchange->lock);
    STAILQ_CONCAT(&exchange->done, group);
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
    struct store_request_list group = STAILQ_HEAD_INITIALIZER(group);

    while (take_waiting(&store->exchange, &group)) {
        run_group(store->db, &group);
        give_back(store, &group);
        /* After the answers: nobody waits for the checkpoint's fsyncs. */
        if (db_checkpoint(store->db))
            give_back(store, &group);
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
