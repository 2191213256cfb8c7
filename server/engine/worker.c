/* SPDX-License-Identifier: MIT */
#include "server/engine/worker.h"

#include <signal.h>

static void *
run_thread(void *arg)
{
    struct worker *worker = arg;
    struct worker_job *job;

    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while ((job = STAILQ_FIRST(&worker->waiting)) == NULL &&
               !worker->is_stopping)
            pthread_cond_wait(&worker->wake, &worker->lock);
        if (job == NULL)
            break;
        STAILQ_REMOVE_HEAD(&worker->waiting, link);
        pthread_mutex_unlock(&worker->lock);
        job->work(job);
        pthread_mutex_lock(&worker->lock);
        STAILQ_INSERT_TAIL(&worker->ended, job, link);
        ev_async_send(worker->loop, &worker->async);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

static void
deliver(struct worker *worker)
{
    struct worker_jobs ended = STAILQ_HEAD_INITIALIZER(ended);
    struct worker_job *job;

    pthread_mutex_lock(&worker->lock);
    STAILQ_CONCAT(&ended, &worker->ended);
    pthread_mutex_unlock(&worker->lock);
    while ((job = STAILQ_FIRST(&ended)) != NULL) {
        STAILQ_REMOVE_HEAD(&ended, link);
        worker->n_jobs--;
        job->done(job);
    }
}

static void
on_ended(struct ev_loop *loop, ev_async *async, int events)
{
    (void)loop;
    (void)events;
    deliver(async->data);
}

static bool
begin(struct worker *worker, struct ev_loop *loop)
{
    sigset_t all, before;
    int rc;

    STAILQ_INIT(&worker->waiting);
    STAILQ_INIT(&worker->ended);
    if (pthread_mutex_init(&worker->lock, NULL) != 0)
        goto fail0;
    if (pthread_cond_init(&worker->wake, NULL) != 0)
        goto fail1;
    worker->loop = loop;
    ev_async_init(&worker->async, on_ended);
    worker->async.data = worker;
    ev_async_start(loop, &worker->async);
    ev_unref(loop); /* alone it keeps no loop running */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&worker->thread, NULL, run_thread, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        return true;
    ev_ref(loop);
    ev_async_stop(loop, &worker->async);
    worker->loop = NULL;
    pthread_cond_destroy(&worker->wake);
fail1:
    pthread_mutex_destroy(&worker->lock);
fail0:
    return false;
}

bool
worker_add(struct worker *worker, struct ev_loop *loop, struct worker_job *job)
{
    if (worker->n_jobs >= WORKER_MAX_JOBS)
        return false;
    if (worker->loop == NULL && !begin(worker, loop))
        return false;
    worker->n_jobs++;
    pthread_mutex_lock(&worker->lock);
    STAILQ_INSERT_TAIL(&worker->waiting, job, link);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    return true;
}

void
worker_fini(struct worker *worker)
{
    if (worker->loop == NULL)
        return;
    pthread_mutex_lock(&worker->lock);
    worker->is_stopping = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    deliver(worker);
    ev_ref(worker->loop);
    ev_async_stop(worker->loop, &worker->async);
    worker->loop = NULL;
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
}
