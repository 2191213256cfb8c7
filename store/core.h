/* SPDX-License-Identifier: MIT */
#ifndef STORE_CORE_H
#define STORE_CORE_H

/*
 * What the files of this folder share: the store itself, split by who may
 * touch what. The loop's side belongs to the loop's thread, the shared part
 * is under its lock, the database belongs to the store thread.
 */

#include <ev.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "apns/base/must.h"
#include "store/db.h"
#include "store/lanes.h"
#include "store/store.h"
#include "store/store_request.h"

#define STORE_WHY_LEN 256 /* bytes of store_open's why and of a detail */

/* What the two threads hand each other. */
struct exchange {
    pthread_mutex_t lock;
    pthread_cond_t wake;  /* something waits, or the end */
    struct lanes waiting; /* for the store thread */
    struct lanes done;    /* for the loop's thread */
    bool is_stopping;
    enum store_err trouble; /* STORE_OK while writing works */
    char detail[STORE_WHY_LEN];
};

struct backup;

struct store {
    /* The loop's thread. */
    struct ev_loop *loop;
    ev_async async;
    struct lanes made;      /* not handed over yet */
    struct lanes done;      /* to be completed */
    size_t n_pending;       /* made and not completed: STORE_MAX_PENDING */
    enum store_err refusal; /* why store_request_new gave nothing */
    bool is_closing;
    bool is_delivering;  /* completions run */
    enum store_err told; /* what on_trouble heard last */
    void (*on_trouble)(void *arg, enum store_err err, const char *detail);
    void *on_trouble_arg;

    struct exchange exchange;
    pthread_t thread;

    struct db *db;         /* the store thread's */
    int lock_fd;           /* of the state directory */
    struct backup *backup; /* the loop's; NULL: none is underway */
    const char *vfs;       /* SQLite's name of it; NULL: default */
    char dir[PATH_MAX];
    char key_path[PATH_MAX]; /* the master key's file */
};

#endif /* STORE_CORE_H */
