/* SPDX-License-Identifier: MIT */
#ifndef STORE_DB_H
#define STORE_DB_H

/*
 * The one connection to the database, with what is kept in memory beside it.
 * Used by the store thread alone once that runs.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/log/sweep.h"
#include "store/secret/seal.h"
#include "store/sql.h"
#include "store/store.h"
#include "store/store_request.h"
#include "store/wake/ask_no.h"
#include "store/wake/claim.h"
#include "store/wake/count.h"
#include "store/wake/topic.h"
#include "store/wake/trail.h"

#define DB_CACHE_KIB  12288 /* of SQLite's page cache */
#define DB_DETAIL_LEN 256
#define DB_WAL_FRAMES 4096       /* pages in the log before a checkpoint */
#define DB_WAL_KEEP   (64 << 20) /* bytes of log file kept for reuse */
#define DB_CHECK_MAX  (32 << 20) /* bytes up to which open checks all pages */

struct copy;

struct db {
    sqlite3 *sqlite;
    sqlite3_stmt *stmts[SQL_N_NAMES];
    struct seal seal;
    int64_t (*now_ms)(void *arg);
    void *now_arg;

    struct topic *topics; /* by number */
    size_t n_topics;
    size_t topics_room;
    size_t last_topic;
    int64_t n_wakes;  /* of all topics; 0: there are none */
    int64_t next_row; /* of the next enrollment; never given twice in a run */
    struct claims claims;
    struct counts counts;
    struct trails trails;
    struct ask_no ask_no;
    struct copy *copy; /* see copy.h; NULL: none is underway */
    uint64_t n_batches;
    bool is_stale; /* topics could not be read again after a rollback */

    int wal_frames;
    enum store_err write_err;      /* of the last write; STORE_OK: it worked */
    enum store_err checkpoint_err; /* likewise of the last checkpoint */
    char detail[DB_DETAIL_LEN];    /* of the last failure */
    uint64_t n_commits;
    uint64_t n_requests;
    uint64_t commit_us_sum;
    uint64_t commit_us_max;
};

/**
 * db_create(path, vfs, seal):
 * A new, empty database of ours at ${path}, closed and complete on disk.
 */
enum store_err db_create(const char *path, const char *vfs,
                         const struct seal *seal, char *why);

/**
 * db_open(path, options, seal, db, why):
 * Open an existing one; on error it is as it was. Without ${seal} (NULL) what
 * is sealed stays closed.
 */
enum store_err db_open(const char *path, const struct store_options *options,
                       const struct seal *seal, struct db **db, char *why);
void db_close(struct db *db);

int64_t db_now(const struct db *db);

enum store_err db_begin(struct db *db);
/** db_flush(db): write the counters that a request gathered. */
enum store_err db_flush(struct db *db);
enum store_err db_commit(struct db *db);
void db_rollback(struct db *db);
bool db_is_in_transaction(const struct db *db);
/** db_n_changed(db): rows that the last statement wrote. */
int db_n_changed(const struct db *db);
/** db_fail(db, err): the transaction was undone because of ${err}. */
void db_fail(struct db *db, enum store_err err);

/**
 * db_checkpoint(db): move the log into the database when it is long enough.
 * True when that changed what db_trouble says.
 */
bool db_checkpoint(struct db *db);

/** db_note(db, rc): keep SQLite's words about a failure. */
void db_note(struct db *db, int rc);
/** db_note_damage(db): likewise, of what was changed behind our back. */
void db_note_damage(struct db *db);
enum store_err db_trouble(const struct db *db);
const char *db_detail(const struct db *db);

#endif /* STORE_DB_H */
