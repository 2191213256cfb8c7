/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

/*
 * One thread for slow work with keys and files: made when it is first
 * needed, so that an engine that only pushes has none. Jobs run one after
 * another and touch nothing but themselves.
 */

#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#define WORKER_MAX_JOBS 32 /* that wait or run */

struct worker_job {
    STAILQ_ENTRY(worker_job) link;
    void (*work)(struct worker_job *job); /* in the thread */
    void (*done)(struct worker_job *job); /* on the loop; may free it */
};

STAILQ_HEAD(worker_jobs, worker_job);

struct worker {
    struct ev_loop *loop; /* NULL: not begun */
    ev_async async;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct worker_jobs waiting; /* under the lock, */
    struct worker_jobs ended;   /* too, */
    bool is_stopping;           /* and this */
    unsigned n_jobs;            /* the loop's */
};

/** worker_add(worker, loop, job): false: too many, or no thread. */
bool worker_add(struct worker *worker, struct ev_loop *loop,
                struct worker_job *job);

/** worker_fini(worker): all jobs are done before it returns. */
void worker_fini(struct worker *worker);

#endif /* ENGINE_WORKER_H */
