/* SPDX-License-Identifier: MIT */
#include "store/db.h"

#include <string.h>

#include "apns/base/clock.h"
#include "store/backup/copy.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/schema.h"
#include "store/secret/key_check.h"

static int64_t
read_clock(void *arg)
{
    (void)arg;
    return clock_unix_ms();
}

int64_t
db_now(const struct db *db)
{
    return db->now_ms(db->now_arg);
}

void
db_note_damage(struct db *db)
{
    db_note(db, SQLITE_CORRUPT);
}

void
db_note(struct db *db, int rc)
{
    snprintf(db->detail, sizeof db->detail, "%.100s: %.120s",
             sqlite3_errstr(rc), sqlite3_errmsg(db->sqlite));
}

static enum store_err
run(struct db *db, enum sql_name name)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    return bind_run(&bind);
}

int
db_n_changed(const struct db *db)
{
    return sqlite3_changes(db->sqlite);
}

bool
db_is_in_transaction(const struct db *db)
{
    return !sqlite3_get_autocommit(db->sqlite);
}

enum store_err
db_begin(struct db *db)
{
    enum store_err err;

    claim_begin(&db->claims);
    if (db->is_stale && (err = topic_load(db)) != STORE_OK)
        return err;
    db->is_stale = false;
    return run(db, SQL_BEGIN);
}

enum store_err
db_flush(struct db *db)
{
    return count_flush(db);
}

enum store_err
db_commit(struct db *db)
{
    enum store_err err = topic_save(db);
    uint64_t begun_us = clock_us(), took_us;

    if (err == STORE_OK)
        err = ask_no_save(db);
    if (err == STORE_OK)
        err = run(db, SQL_COMMIT);
    if (err != STORE_OK)
        return err;
    ask_no_saved(db);
    trail_keep(&db->trails);
    took_us = clock_us() - begun_us;
    db->n_commits++;
    db->commit_us_sum += took_us;
    if (took_us > db->commit_us_max)
        db->commit_us_max = took_us;
    db->write_err = STORE_OK;
    return STORE_OK;
}

void
db_rollback(struct db *db)
{
    char detail[DB_DETAIL_LEN];

    memcpy(detail, db->detail, sizeof detail); /* of the first failure */
    /* After a failed write SQLite may have rolled back by itself. */
    if (db_is_in_transaction(db) && run(db, SQL_ROLLBACK) != STORE_OK)
        must(!db_is_in_transaction(db));
    claim_undo(&db->claims);
    trail_undo(&db->trails);
    db->counts.n = 0;
    db->is_stale = topic_load(db) != STORE_OK;
    memcpy(db->detail, detail, sizeof detail);
}

void
db_fail(struct db *db, enum store_err err)
{
    db->write_err = err;
}

enum store_err
db_trouble(const struct db *db)
{
    return db->write_err != STORE_OK ? db->write_err : db->checkpoint_err;
}

const char *
db_detail(const struct db *db)
{
    return db->detail;
}

bool
db_checkpoint(struct db *db)
{
    enum store_err before = db_trouble(db);
    int n_log = 0, n_done = 0, rc;

    if (db->wal_frames < DB_WAL_FRAMES && db->checkpoint_err == STORE_OK)
        return false;
    rc = sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                   &n_log, &n_done);
    db->checkpoint_err = bind_err(rc);
    if (rc != SQLITE_OK)
        db_note(db, rc);
    else
        db->wal_frames = 0;
    return db_trouble(db) != before;
}

/*
 * Opening.
 */

static enum store_err
open_err(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STORE_ECORRUPT;
    case SQLITE_ERROR: /* a table or column is not there */
        return STORE_ENOTOURS;
    case SQLITE_BUSY:
        return STORE_ELOCKED;
    default:
        return bind_err(rc);
    }
}

/* Why SQLite would not ${what}. Whoever reads "restore it" restores it, so
   that is said of damage alone and not of what this SQLite does not take. */
static enum store_err
explain(struct sqlite3 *sqlite, int rc, const char *what, char *why)
{
    enum store_err err = open_err(rc);
    const char *text = sqlite == NULL || sqlite3_extended_errcode(sqlite) != rc
                           ? sqlite3_errstr(rc)
                           : sqlite3_errmsg(sqlite);

    if (err == STORE_ECORRUPT)
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db: corrupt; restore it from a backup: %.100s", text);
    else if (err == STORE_ENOTOURS)
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db: SQLite %s finds tables that differ from rouse's; "
                 "use the rouse that wrote it: %.80s",
                 sqlite3_libversion(), text);
    else if (err == STORE_ELOCKED) /* connect takes the lock first of all */
        snprintf(why, STORE_WHY_LEN,
                 "another program has rouse.db open; close it");
    else
        snprintf(why, STORE_WHY_LEN, "rouse.db: cannot be %s: %.150s", what,
                 text);
    return err;
}

/*
 * In exclusive mode the log's index is in our memory: no -shm file, and
 * nobody else can write behind our back. Until all is well nothing may move
 * the log into the database: a refused one stays as it was.
 */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA trusted_schema = OFF;";

static int
configure(sqlite3 *sqlite)
{
    int rc;

    sqlite3_extended_result_codes(sqlite, 1);
    sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
    rc = sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(sqlite, settings, NULL, NULL, NULL);
    return rc;
}

static int
connect(const char *path, const char *vfs, sqlite3 **sqlite, char *why)
{
    int rc = sqlite3_open_v2(path, sqlite,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             vfs);

    if (rc == SQLITE_OK)
        rc = configure(*sqlite);
    if (rc != SQLITE_OK) {
        explain(*sqlite, rc, "opened", why);
        sqlite3_close(*sqlite);
        *sqlite = NULL;
    }
    return rc;
}

enum store_err
db_create(const char *path, const char *vfs, const struct seal *seal, char *why)
{
    sqlite3 *sqlite;
    char pragma[128];
    enum store_err err;
    int rc = connect(path, vfs, &sqlite, why);

    if (rc != SQLITE_OK)
        return open_err(rc);
    snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d",
             SCHEMA_APPLICATION_ID);
    if ((err = schema_migrate(sqlite, why)) != STORE_OK)
        goto done;
    rc = sqlite3_exec(sqlite, pragma, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = key_check_write(sqlite, seal);
    if (rc == SQLITE_OK)
        rc =
            sqlite3_exec(sqlite, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
                               NULL);
    if (rc != SQLITE_OK)
        err = explain(sqlite, rc, "made", why);

done:
    rc = sqlite3_close(sqlite);
    return err != STORE_OK ? err : open_err(rc);
}

static enum store_err
check_key(struct db *db, char *why)
{
    bool is_right;
    int rc = key_check_read(db->sqlite, &db->seal, &is_right);

    if (rc != SQLITE_OK)
        return explain(db->sqlite, rc, "read", why);
    if (is_right)
        return STORE_OK;
    snprintf(why, STORE_WHY_LEN,
             "this is not the master key that rouse.db was written with; give "
             "the right one with master_key_file; if it is lost, see "
             "roused(8), --new-master-key");
    return STORE_EKEY;
}

static int
on_wal(void *arg, sqlite3 *sqlite, const char *schema, int n_frames)
{
    struct db *db = arg;

    (void)sqlite;
    (void)schema;
    db->wal_frames = n_frames;
    return SQLITE_OK;
}

static const char *const texts[] = {
#define X(name, text) [SQL_##name] = text,
    STORE_SQL(X)
#undef X
};

/* ROUSE_CLAIMED(row) of sql.h. */
static void
on_claimed(sqlite3_context *context, int n, sqlite3_value **values)
{
    const struct claims *claims = sqlite3_user_data(context);
    int64_t row = sqlite3_value_int64(values[0]);

    (void)n;
    sqlite3_result_int(context, claim_get(claims, row) != NULL);
}

static int
prepare(struct db *db)
{
    int rc = sqlite3_create_function_v2(
        db->sqlite, "rouse_claimed", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
        &db->claims, on_claimed, NULL, NULL, NULL);

    for (int i = 0; i < SQL_N_NAMES && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v3(db->sqlite, texts[i], -1,
                                SQLITE_PREPARE_PERSISTENT, &db->stmts[i], NULL);
    return rc;
}

/* Small ones only: reading all of a large one takes minutes. CROSS keeps the
   order: the size is known before a page is read. Without an argument, which
   SQLite 3.46 and later take for the name of a table. */
static int
check_pages(struct db *db)
{
    static const char sql[] =
        "SELECT quick_check FROM pragma_page_count CROSS JOIN "
        "pragma_page_size CROSS JOIN pragma_quick_check "
        "WHERE page_count * page_size <= ?1";
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, DB_CHECK_MAX);
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0
                 ? SQLITE_DONE
                 : SQLITE_CORRUPT;
    sqlite3_finalize(stmt);
    /* Every page was read; few of them are needed again. */
    sqlite3_db_release_memory(db->sqlite);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum store_err
examine(struct db *db, char *why)
{
    enum store_err err = schema_check(db->sqlite, why);
    int rc;

    if (err != STORE_OK)
        return err;
    rc = check_pages(db);
    return rc == SQLITE_OK ? STORE_OK : explain(db->sqlite, rc, "read", why);
}

static enum store_err
load(struct db *db, char *why)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_ENROLLMENT_MAX);
    if (bind_row(&bind))
        db->next_row = bind_take_int(&bind) + 1;
    if ((err = bind_end(&bind)) == STORE_OK)
        err = ask_no_load(db);
    if (err == STORE_OK)
        err = topic_load(db);
    if (err != STORE_OK &&
        explain(db->sqlite, sqlite3_extended_errcode(db->sqlite), "read",
                why) == STORE_ECORRUPT)
        return STORE_ECORRUPT;
    return err;
}

/* The cache grows only now: what reading all pages took, malloc would not
   give back to the system. */
static enum store_err
settle_in(struct db *db, char *why)
{
    char pragma[128];
    int rc;

    snprintf(pragma, sizeof pragma,
             "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = %d; "
             "PRAGMA cache_size = -%d",
             DB_WAL_KEEP, DB_CACHE_KIB);
    rc = sqlite3_exec(db->sqlite, pragma, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
                               NULL);
    if (rc != SQLITE_OK)
        return explain(db->sqlite, rc, "set up", why);
    sqlite3_wal_hook(db->sqlite, on_wal, db);
    return STORE_OK;
}

enum store_err
db_open(const char *path, const struct store_options *options,
        const struct seal *seal, struct db **out, char *why)
{
    struct db *db = calloc(1, sizeof *db);
    enum store_err err = STORE_ENOMEM;
    int rc;

    if (db == NULL)
        goto fail0;
    if (seal != NULL)
        db->seal = *seal;
    db->now_ms = options->now_ms != NULL ? options->now_ms : read_clock;
    db->now_arg = options->now_arg;
    if ((rc = connect(path, options->vfs, &db->sqlite, why)) != SQLITE_OK) {
        err = open_err(rc);
        goto fail1;
    }
    if ((err = examine(db, why)) != STORE_OK ||
        (seal != NULL && (err = check_key(db, why)) != STORE_OK) ||
        (err = schema_migrate(db->sqlite, why)) != STORE_OK)
        goto fail1;
    if ((rc = prepare(db)) != SQLITE_OK) {
        err = explain(db->sqlite, rc, "read", why);
        goto fail1;
    }
    if ((err = load(db, why)) != STORE_OK ||
        (err = settle_in(db, why)) != STORE_OK)
        goto fail1;
    *out = db;
    return STORE_OK;

fail1:
    db_close(db);
fail0:
    return err;
}

void
db_close(struct db *db)
{
    if (db == NULL)
        return;
    copy_drop(db);
    for (int i = 0; i < SQL_N_NAMES; i++)
        sqlite3_finalize(db->stmts[i]);
    sqlite3_close(db->sqlite);
    claim_fini(&db->claims);
    trail_fini(&db->trails);
    topic_fini(db);
    seal_fini(&db->seal);
    free(db);
}
