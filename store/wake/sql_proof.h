/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_PROOF_H
#define STORE_SQL_PROOF_H

/*
 * Statements about certificates that are not proven yet, and the wakes that
 * are undecided or held for them; see schema.c and sql.h.
 */

/* host: under which the certificate was used last. taken_at: a connection was
   opened with it; proven_at: APNs answered 200 to a push. The flags of a wake
   are in wake_row.h. */
#define SCHEMA_PROOF                                                         \
    "ALTER TABLE identity_history RENAME COLUMN proven_at TO taken_at;"      \
    "ALTER TABLE identity_history ADD COLUMN proven_at INTEGER NOT NULL"     \
    "  DEFAULT 0;"                                                           \
    "ALTER TABLE identity_history ADD COLUMN host TEXT NOT NULL DEFAULT '';" \
    "CREATE INDEX wake_waits ON wake (topic, row) WHERE flags & 4;"          \
    "CREATE INDEX wake_undecided ON wake (topic, row) WHERE flags & 8;"

/* Of the topic of ${h}, and the reason that most of them have. */
#define SQL_UNDECIDED_COUNT                                          \
    "(SELECT count(*) FROM topic t JOIN wake w INDEXED BY "          \
    "wake_undecided ON w.topic = t.id WHERE t.name = h.topic "       \
    "AND w.flags & 8), "                                             \
    "(SELECT p.reason FROM topic t JOIN wake w INDEXED BY "          \
    "wake_undecided ON w.topic = t.id JOIN push p ON p.row = w.row " \
    "WHERE t.name = h.topic AND w.flags & 8 GROUP BY p.reason "      \
    "ORDER BY count(*) DESC LIMIT 1) "

#define STORE_SQL_PROOF(X)                                                     \
    X(CERT_HOST,                                                               \
      "UPDATE identity_history SET host = ?3, proven_at = 0 "                  \
      "WHERE topic = ?1 AND sha256 = ?2 AND host <> ?3 RETURNING id")          \
    X(CERT_PROVEN, "UPDATE identity_history SET proven_at = ?3 "               \
                   "WHERE topic = ?1 AND sha256 = ?2 AND proven_at = 0")       \
    X(UNDECIDED_FREE, "UPDATE wake INDEXED BY wake_undecided SET due = ?2, "   \
                      "flags = flags & ~8 WHERE topic = ?1 AND flags & 8")     \
    X(UNDECIDED_ANY,                                                           \
      "SELECT 1 FROM wake INDEXED BY wake_undecided WHERE flags & 8 LIMIT "    \
      "1")                                                                     \
    X(UNDECIDED_LIST, "SELECT row FROM wake INDEXED BY wake_undecided "        \
                      "WHERE topic = ?1 AND flags & 8 ORDER BY row LIMIT ?2")  \
    X(WAITS_SPAN, "SELECT (SELECT row FROM wake INDEXED BY wake_waits "        \
                  "WHERE topic = ?1 AND flags & 4 ORDER BY row LIMIT 1), "     \
                  "(SELECT row FROM wake INDEXED BY wake_waits "               \
                  "WHERE topic = ?1 AND flags & 4 ORDER BY row DESC LIMIT 1)") \
    X(WAITS_FROM,                                                              \
      "SELECT row FROM wake INDEXED BY wake_waits WHERE topic = ?1 "           \
      "AND flags & 4 AND row >= ?2 AND NOT rouse_claimed(row) "                \
      "ORDER BY row LIMIT 1")                                                  \
    X(FLEET_SPAN,                                                              \
      "SELECT (SELECT row FROM enrollment INDEXED BY enrollment_topic "        \
      "WHERE topic = ?1 ORDER BY row LIMIT 1), "                               \
      "(SELECT row FROM enrollment INDEXED BY enrollment_topic "               \
      "WHERE topic = ?1 ORDER BY row DESC LIMIT 1)")                           \
    X(FLEET_FROM,                                                              \
      "SELECT e.row FROM enrollment e INDEXED BY enrollment_topic "            \
      "WHERE e.topic = ?1 AND e.row >= ?2 AND e.row < ?2 + ?3 "                \
      "AND e.state = 0 AND NOT rouse_claimed(e.row) AND NOT EXISTS "           \
      "(SELECT 1 FROM wake w WHERE w.row = e.row AND w.flags & 8) "            \
      "ORDER BY e.row LIMIT 1")                                                \
    X(PROBE_TOKEN, "SELECT token, magic, version, token_at FROM enrollment "   \
                   "WHERE row = ?1")

#endif /* STORE_SQL_PROOF_H */
