/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_ALERT_H
#define STORE_SQL_ALERT_H

/*
 * Tables and statements of alerts; see schema.c and sql.h.
 */

/* told: what was told about a certificate. outbox: due first, then in the
   order in which they were made. */
#define SCHEMA_ALERT                                        \
    "CREATE TABLE alert ("                                  \
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"               \
    "  at INTEGER NOT NULL,"                                \
    "  kind TEXT NOT NULL,"                                 \
    "  topic TEXT NOT NULL,"                                \
    "  severity TEXT NOT NULL,"                             \
    "  text TEXT NOT NULL,"                                 \
    "  cert TEXT NOT NULL,"                                 \
    "  threshold INTEGER NOT NULL,"                         \
    "  since INTEGER NOT NULL,"                             \
    "  ended_at INTEGER NOT NULL DEFAULT 0);"               \
    "CREATE UNIQUE INDEX alert_open"                        \
    "  ON alert (kind, topic) WHERE ended_at = 0;"          \
    "CREATE TABLE told ("                                   \
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"               \
    "  cert TEXT NOT NULL UNIQUE,"                          \
    "  thresholds INTEGER NOT NULL,"                        \
    "  days INTEGER NOT NULL,"                              \
    "  last_day INTEGER NOT NULL,"                          \
    "  state_told INTEGER NOT NULL);"                       \
    "CREATE TABLE outbox ("                                 \
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"               \
    "  channel INTEGER NOT NULL,"                           \
    "  alert INTEGER NOT NULL"                              \
    "    REFERENCES alert (id) ON DELETE CASCADE,"          \
    "  is_end INTEGER NOT NULL,"                            \
    "  due INTEGER NOT NULL,"                               \
    "  attempt INTEGER NOT NULL DEFAULT 0);"                \
    "CREATE INDEX outbox_due ON outbox (channel, due, id);" \
    "CREATE INDEX outbox_alert ON outbox (alert);"

/* Of struct store_alert, between its id and its end. */
#define ALERT_COLUMNS(X, S)                 \
    X(at, at_ms, INT) S X(kind, kind, TEXT) \
    S X(topic, topic, TEXT)                 \
    S X(severity, severity, TEXT)           \
    S X(text, text, TEXT)                   \
    S X(cert, cert, TEXT)                   \
    S X(threshold, threshold_days, SINT)    \
    S X(since, since_ms, INT)

#define SQL_OF_A(column, member, how) "a." #column

#define SQL_ALERT_COLUMNS "a.id, " ALERT_COLUMNS(SQL_OF_A, ", ") ", a.ended_at "

#define STORE_SQL_ALERT(X)                                                     \
    X(ALERT_SUPERSEDE, "UPDATE alert SET ended_at = ?3 "                       \
                       "WHERE kind = ?1 AND topic = ?2 AND ended_at = 0")      \
    X(ALERT_ADD,                                                               \
      "INSERT INTO alert (" ALERT_COLUMNS(                                     \
          COLUMN_SQL,                                                          \
          ", ") ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id")      \
    X(ALERT_END, "UPDATE alert SET ended_at = ?2 "                             \
                 "WHERE id = ?1 AND ended_at = 0")                             \
    X(ALERT_PRUNE, "DELETE FROM alert WHERE id <= ?1 AND ended_at <> 0")       \
    X(ALERT_GET, "SELECT " SQL_ALERT_COLUMNS "FROM alert a WHERE a.id = ?1")   \
    X(ALERT_LIST,                                                              \
      "SELECT " SQL_ALERT_COLUMNS "FROM alert a ORDER BY a.id DESC LIMIT ?1")  \
    X(ALERT_LIST_OPEN,                                                         \
      "SELECT " SQL_ALERT_COLUMNS "FROM alert a WHERE a.ended_at = 0 "         \
      "ORDER BY a.id DESC LIMIT ?1")                                           \
    X(TOLD_LIST, "SELECT cert, thresholds, days, last_day, state_told "        \
                 "FROM told ORDER BY id DESC")                                 \
    X(TOLD_PUT,                                                                \
      "INSERT INTO told (cert, thresholds, days, last_day, state_told) "       \
      "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (cert) DO UPDATE SET "          \
      "thresholds = ?2, days = ?3, last_day = ?4, state_told = ?5")            \
    X(TOLD_DROP, "DELETE FROM told WHERE cert = ?1")                           \
    X(TOLD_PRUNE, "DELETE FROM told WHERE id <= "                              \
                  "(SELECT max(id) FROM told) - ?1")                           \
    X(OUTBOX_ADD, "INSERT INTO outbox (channel, alert, is_end, due) "          \
                  "VALUES (?1, ?2, ?3, ?4) RETURNING id")                      \
    X(OUTBOX_PRUNE, "DELETE FROM outbox WHERE id <= ?1")                       \
    X(OUTBOX_NEXT,                                                             \
      "SELECT o.id, o.channel, o.attempt, o.due, o.is_end, " SQL_ALERT_COLUMNS \
      "FROM outbox o JOIN alert a ON a.id = o.alert WHERE o.channel = ?1 "     \
      "ORDER BY o.due, o.id LIMIT 1")                                          \
    X(OUTBOX_PUT_OFF, "UPDATE outbox SET due = ?2, attempt = attempt + 1 "     \
                      "WHERE id = ?1 RETURNING id")                            \
    X(OUTBOX_DROP, "DELETE FROM outbox WHERE id = ?1 RETURNING id")

#endif /* STORE_SQL_ALERT_H */
