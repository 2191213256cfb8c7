/* SPDX-License-Identifier: MIT */
#ifndef STORE_COPY_H
#define STORE_COPY_H

/*
 * A copy of the database that is being written, on the store thread. SQLite
 * carries each later commit of this connection over into the copy, so it
 * never has to begin again under constant writes; only after a transaction
 * that was undone.
 */

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct db;

#define COPY_SCRATCH "rouse.db.backup" /* in the state directory */

struct copy {
    sqlite3 *to;
    sqlite3_backup *backup;
    int fd;
    char path[PATH_MAX];
};

/**
 * copy_begin(db, path, vfs, room):
 * Make the file, in place of one that has this name, and get ready. At most
 * one copy at a time: ${db} owns it.
 *
 *   shape    ${room}: bytes that must stay free where ${path} is
 *   errors   STORE_EDIR, STORE_EFULL, STORE_EIO, STORE_ENOMEM. Nothing is left
 */
enum store_err copy_begin(struct db *db, const char *path, const char *vfs,
                          int64_t room);

/** copy_step(db, is_done): a step's worth of pages, outside any transaction.
 *  With an error nothing is left. */
enum store_err copy_step(struct db *db, bool *is_done);

/** copy_take(db): the descriptor of the whole copy; the file keeps its name. */
int copy_take(struct db *db);

/** copy_drop(db): give up whatever is underway; nothing is left. */
void copy_drop(struct db *db);

#endif /* STORE_COPY_H */
