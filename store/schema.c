/* SPDX-License-Identifier: MIT */
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "store/core.h"
#include "store/enrollment/sql_checkin.h"
#include "store/enrollment/sql_group.h"
#include "store/log/sql_alert.h"
#include "store/secret/sql_account.h"
#include "store/secret/sql_key.h"
#include "store/wake/sql_order.h"
#include "store/wake/sql_proof.h"

/* Never change one that was released: add the next. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE master_key ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  sealed BLOB NOT NULL);"
    /* n_wakes and counts: see topic.c. */
    "CREATE TABLE topic ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  n_wakes INTEGER NOT NULL DEFAULT 0,"
    "  counts BLOB NOT NULL DEFAULT x'');"
    "INSERT INTO topic (id, name) VALUES (0, '');"
    /* checked_at: when the check-in that decided the state was sent.
       version: of the token; a settle that knows an older one is stale. */
    "CREATE TABLE enrollment ("
    "  row INTEGER PRIMARY KEY,"
    "  id TEXT NOT NULL UNIQUE,"
    "  kind INTEGER NOT NULL,"
    "  state INTEGER NOT NULL,"
    "  topic INTEGER NOT NULL REFERENCES topic (id),"
    "  token_at INTEGER NOT NULL,"
    "  seen_at INTEGER NOT NULL,"
    "  checked_at INTEGER NOT NULL,"
    "  tally INTEGER NOT NULL,"
    "  version INTEGER NOT NULL,"
    "  token BLOB NOT NULL,"
    "  magic TEXT NOT NULL,"
    "  parent TEXT NOT NULL,"
    "  serial TEXT NOT NULL);"
    "CREATE INDEX enrollment_topic ON enrollment (topic);"
    "CREATE INDEX enrollment_parent ON enrollment (parent)"
    "  WHERE parent <> '';"
    "CREATE INDEX enrollment_serial ON enrollment (serial)"
    "  WHERE serial <> '';"
    "CREATE TABLE push ("
    "  row INTEGER PRIMARY KEY REFERENCES enrollment (row) ON DELETE CASCADE,"
    "  at INTEGER NOT NULL,"
    "  status INTEGER NOT NULL,"
    "  wave INTEGER NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  apns_id BLOB NOT NULL);"
    "CREATE TABLE wake ("
    "  row INTEGER PRIMARY KEY REFERENCES enrollment (row),"
    "  topic INTEGER NOT NULL,"
    "  due INTEGER NOT NULL,"
    "  asked_at INTEGER NOT NULL,"
    "  deadline INTEGER NOT NULL,"
    "  attempt INTEGER NOT NULL,"
    "  until INTEGER NOT NULL,"
    "  generation INTEGER NOT NULL,"
    "  wave INTEGER NOT NULL,"
    "  flags INTEGER NOT NULL);"
    "CREATE INDEX wake_due ON wake (topic, due);"
    "CREATE INDEX wake_wave ON wake (wave) WHERE wave <> 0;"
    "CREATE TABLE wave ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  state INTEGER NOT NULL,"
    "  topic TEXT, parent TEXT, serial TEXT,"
    "  kinds INTEGER NOT NULL,"
    "  states INTEGER NOT NULL,"
    "  seen_before INTEGER NOT NULL,"
    "  until INTEGER NOT NULL,"
    "  pace INTEGER NOT NULL,"
    "  asked_at INTEGER NOT NULL,"
    "  deadline INTEGER NOT NULL,"
    "  asked_by TEXT NOT NULL,"
    "  ended_at INTEGER NOT NULL DEFAULT 0,"
    "  cursor INTEGER NOT NULL DEFAULT 0,"
    "  last_row INTEGER NOT NULL,"
    "  round INTEGER NOT NULL DEFAULT 0,"
    "  n_total INTEGER NOT NULL,"
    "  n_accepted INTEGER NOT NULL DEFAULT 0,"
    "  n_dead INTEGER NOT NULL DEFAULT 0,"
    "  n_suspect INTEGER NOT NULL DEFAULT 0,"
    "  n_dropped INTEGER NOT NULL DEFAULT 0,"
    "  n_expired INTEGER NOT NULL DEFAULT 0,"
    "  n_cancelled INTEGER NOT NULL DEFAULT 0,"
    "  n_skipped INTEGER NOT NULL DEFAULT 0,"
    "  n_waiting INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX wave_open ON wave (id) WHERE state < 2;"
    "CREATE TABLE identity_history ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  topic TEXT NOT NULL,"
    "  cert_pem TEXT NOT NULL,"
    "  sealed_key BLOB NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  serial TEXT NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  issuer TEXT NOT NULL,"
    "  not_before INTEGER NOT NULL,"
    "  not_after INTEGER NOT NULL,"
    "  imported_at INTEGER NOT NULL,"
    "  imported_by TEXT NOT NULL,"
    "  apple_account TEXT NOT NULL,"
    "  note TEXT NOT NULL,"
    "  retired_at INTEGER NOT NULL DEFAULT 0,"
    "  retired_why TEXT NOT NULL DEFAULT '',"
    "  UNIQUE (topic, sha256));"
    "CREATE TABLE identity ("
    "  topic TEXT PRIMARY KEY,"
    "  history INTEGER NOT NULL UNIQUE REFERENCES identity_history (id))"
    "  WITHOUT ROWID;"
    "CREATE TABLE api_key ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL,"
    "  hash BLOB NOT NULL UNIQUE,"
    "  verbs INTEGER NOT NULL,"
    "  topic TEXT NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  revoked_at INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  at INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  detail TEXT NOT NULL);",
    /* 2: a push certificate's life. replaced: the fingerprint of the one
       that it took the place of; marks, told: known to the engine. */
    "ALTER TABLE identity_history ADD COLUMN spki_sha256 TEXT NOT NULL"
    "  DEFAULT '';"
    "ALTER TABLE identity_history ADD COLUMN replaced TEXT NOT NULL"
    "  DEFAULT '';"
    "ALTER TABLE identity_history ADD COLUMN proven_at INTEGER NOT NULL"
    "  DEFAULT 0;"
    "ALTER TABLE identity_history ADD COLUMN tested_at INTEGER NOT NULL"
    "  DEFAULT 0;"
    "ALTER TABLE identity_history ADD COLUMN is_test_ok INTEGER NOT NULL"
    "  DEFAULT 0;"
    "ALTER TABLE identity_history ADD COLUMN test_text TEXT NOT NULL"
    "  DEFAULT '';"
    "ALTER TABLE identity_history ADD COLUMN marks INTEGER NOT NULL"
    "  DEFAULT 0;"
    "CREATE INDEX identity_history_spki ON identity_history (spki_sha256);"
    "CREATE TABLE cert_request ("
    "  name TEXT PRIMARY KEY,"
    "  topic TEXT NOT NULL,"
    "  csr_pem TEXT NOT NULL,"
    "  spki_sha256 TEXT NOT NULL UNIQUE,"
    "  sealed_key BLOB NOT NULL,"
    "  upload TEXT NOT NULL,"
    "  mail_cert_pem TEXT NOT NULL,"
    "  sealed_mail_key BLOB NOT NULL,"
    "  created_at INTEGER NOT NULL,"
    "  created_by TEXT NOT NULL);"
    "CREATE TABLE vendor ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  cert_pem TEXT NOT NULL,"
    "  chain_pem TEXT NOT NULL,"
    "  sealed_key BLOB NOT NULL,"
    "  sha256 TEXT NOT NULL,"
    "  put_at INTEGER NOT NULL,"
    "  put_by TEXT NOT NULL);",
    /* 3 */ SCHEMA_ALERT,
    /* 4 */ SCHEMA_GROUP,
    /* 5 */ SCHEMA_CHECKIN,
    /* 6 */ SCHEMA_ORDER,
    /* 7 */ SCHEMA_KEY,
    /* 8 */ SCHEMA_ACCOUNT,
    /* 9 */ SCHEMA_PROOF,
};

#define SCHEMA_VERSION ((int64_t)(sizeof migrations / sizeof *migrations))

/* SQLite's file header: https://www.sqlite.org/fileformat.html §1.3 */
#define HEADER_LEN            100
#define HEADER_MAGIC          "SQLite format 3"
#define HEADER_VERSION_AT     60
#define HEADER_APPLICATION_AT 68

static uint32_t
read_be32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static enum store_err
judge(int64_t application, int64_t version, char *why)
{
    if (application != SCHEMA_APPLICATION_ID) {
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db belongs to another program; use another state "
                 "directory");
        return STORE_ENOTOURS;
    }
    if (version > SCHEMA_VERSION) {
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db has schema %lld, this rouse knows %lld: use the "
                 "rouse that wrote it, or a newer one",
                 (long long)version, (long long)SCHEMA_VERSION);
        return STORE_ETOONEW;
    }
    if (version < 1) {
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db has no schema version; restore it from a backup");
        return STORE_ECORRUPT;
    }
    return STORE_OK;
}

static enum store_err
judge_header(const unsigned char *header, ssize_t len, bool *is_there,
             char *why)
{
    if (len == 0)
        return STORE_OK; /* nothing was ever written to it */
    *is_there = true;
    if (len < HEADER_LEN ||
        memcmp(header, HEADER_MAGIC, sizeof HEADER_MAGIC) != 0) {
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db is not an SQLite database; move it away or restore "
                 "it from a backup");
        return STORE_ENOTOURS;
    }
    return judge(read_be32(header + HEADER_APPLICATION_AT),
                 (int32_t)read_be32(header + HEADER_VERSION_AT), why);
}

enum store_err
schema_inspect(const char *path, bool *is_there, char *why)
{
    unsigned char header[HEADER_LEN];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    *is_there = false;
    if (fd < 0 && errno == ENOENT)
        return STORE_OK;
    if (fd < 0) {
        snprintf(why, STORE_WHY_LEN, "%.150s cannot be read: %s", path,
                 strerror(errno));
        return STORE_EDIR;
    }
    len = pread(fd, header, sizeof header, 0);
    close(fd);
    if (len < 0) {
        snprintf(why, STORE_WHY_LEN, "%.150s cannot be read: %s", path,
                 strerror(errno));
        return STORE_EIO;
    }
    return judge_header(header, len, is_there, why);
}

static int
read_pragma(sqlite3 *sqlite, const char *sql, int64_t *value)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        *value = sqlite3_column_int64(stmt, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static enum store_err
explain(sqlite3 *sqlite, int rc, char *why)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        snprintf(why, STORE_WHY_LEN,
                 "rouse.db is corrupt (%.100s); restore it from a backup",
                 sqlite3_errmsg(sqlite));
        return STORE_ECORRUPT;
    case SQLITE_FULL:
        snprintf(why, STORE_WHY_LEN, "the disk is full; free some space");
        return STORE_EFULL;
    case SQLITE_NOMEM:
        snprintf(why, STORE_WHY_LEN, "out of memory");
        return STORE_ENOMEM;
    default:
        snprintf(why, STORE_WHY_LEN, "rouse.db: %.150s",
                 sqlite3_errmsg(sqlite));
        return STORE_EIO;
    }
}

enum store_err
schema_check(sqlite3 *sqlite, char *why)
{
    int64_t application = 0, version = 0;
    int rc = read_pragma(sqlite, "PRAGMA application_id", &application);

    if (rc == SQLITE_OK)
        rc = read_pragma(sqlite, "PRAGMA user_version", &version);
    if (rc != SQLITE_OK)
        return explain(sqlite, rc, why);
    return judge(application, version, why);
}

static int
apply(sqlite3 *sqlite, int64_t version)
{
    char pragma[64];
    int rc = sqlite3_exec(sqlite, migrations[version], NULL, NULL, NULL);

    if (rc != SQLITE_OK)
        return rc;
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %lld",
             (long long)version + 1);
    return sqlite3_exec(sqlite, pragma, NULL, NULL, NULL);
}

enum store_err
schema_migrate(sqlite3 *sqlite, char *why)
{
    int64_t version = 0;
    enum store_err err;
    int rc = read_pragma(sqlite, "PRAGMA user_version", &version);

    if (rc == SQLITE_OK && version == SCHEMA_VERSION)
        return STORE_OK;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(sqlite, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (; rc == SQLITE_OK && version < SCHEMA_VERSION; version++)
        rc = apply(sqlite, version);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(sqlite, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return STORE_OK;
    err = explain(sqlite, rc, why);
    if (!sqlite3_get_autocommit(sqlite))
        sqlite3_exec(sqlite, "ROLLBACK", NULL, NULL, NULL);
    return err;
}
