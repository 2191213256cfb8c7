/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_H
#define STORE_SQL_H

/*
 * Every statement, prepared at open. X(name, text)
 *
 * ROUSE_CLAIMED(row) is our own function: whether a push is in flight for it.
 */

#include "store/columns.h"
#include "store/enrollment/sql_group.h"
#include "store/log/sql_alert.h"
#include "store/secret/sql_account.h"
#include "store/secret/sql_key.h"
#include "store/wake/sql_order.h"
#include "store/wake/sql_proof.h"

/* As enrollment_row.c takes them; ${same} ends them. */
#define SQL_ENROLLMENT_ROW(same)                                            \
    "SELECT row, kind, state, topic, token_at, seen_at, checked_at, "       \
    "authenticated_at, token_came_at, tally, is_tally_told, version, " same \
    " FROM enrollment "

#define SQL_ENROLLMENT_COLUMNS                                             \
    "e.row, e.id, e.kind, e.state, e.topic, e.parent, e.serial, e.token, " \
    "e.magic, e.token_at, e.tally, e.seen_at, p.at, p.status, p.reason, "  \
    "p.apns_id, "                                                          \
    "g.path, g.effective, p.not_before, p.pause "

#define SQL_SWEEP_COLUMNS                                                \
    "e.row, e.topic, e.token, e.magic, e.version, e.token_at, e.state, " \
    "p.ask_no, p.served, p.not_before, p.pause "

/* ?1 behind row, ?2 up to row, then what a filter restricts: ?3 topic (-1),
   ?4 kinds, ?5 states, ?6 seen before (0), ?7 parent, ?8 serial (NULL), ?9
   group and those below it (NULL) */
#define SQL_FILTER_OR(term)                                           \
    "e.row > ?1 AND e.row <= ?2 AND (?3 < 0 OR e.topic = ?3) "        \
    "AND (1 << e.kind) & ?4 AND (1 << e.state) & ?5 "                 \
    "AND (?6 = 0 OR e.seen_at < ?6 " term ") "                        \
    "AND (?7 IS NULL OR e.parent = ?7) "                              \
    "AND (?8 IS NULL OR e.serial = ?8) "                              \
    "AND (?9 IS NULL OR EXISTS (SELECT 1 FROM member n "              \
    "JOIN fleet_group f ON f.id = n.fleet_group WHERE n.row = e.row " \
    "AND (f.path = ?9 OR (f.path >= ?9 || '/' AND f.path < ?9 || '0')))) "

#define SQL_FILTER SQL_FILTER_OR("")

/* After a crash the wave ?10 looks at what it did already: those have been
   seen since because it woke them. */
#define SQL_FILTER_AGAIN                                        \
    SQL_FILTER_OR("OR p.wave = ?10 OR EXISTS (SELECT 1 FROM "   \
                  "wake_wave l WHERE l.row = e.row AND l.wave " \
                  "= ?10) ")

/* Where to look for them. With an index the other terms still hold. */
#define SQL_BY_ROW    "enrollment e NOT INDEXED "
#define SQL_BY_TOPIC  "enrollment e INDEXED BY enrollment_topic "
#define SQL_BY_PARENT "enrollment e INDEXED BY enrollment_parent "
#define SQL_BY_SERIAL "enrollment e INDEXED BY enrollment_serial "
#define SQL_IS_TOPIC  "e.topic = ?3 AND "
#define SQL_IS_PARENT "e.parent = ?7 AND e.parent <> '' AND "
#define SQL_IS_SERIAL "e.serial = ?8 AND e.serial <> '' AND "

/* Left out by SQLite where no column needs it. */
#define SQL_JOIN_GROUP                     \
    "LEFT JOIN member m ON m.row = e.row " \
    "LEFT JOIN fleet_group g ON g.id = m.fleet_group "

#define SQL_SELECT(columns, source, term)               \
    "SELECT " columns "FROM " source                    \
    "LEFT JOIN push p ON p.row = e.row " SQL_JOIN_GROUP \
    "WHERE " term SQL_FILTER "ORDER BY e.row"

#define SQL_SWEEP(source, term)                \
    "SELECT " SQL_SWEEP_COLUMNS "FROM " source \
    "LEFT JOIN push p ON p.row = e.row "       \
    "WHERE " term SQL_FILTER_AGAIN "ORDER BY e.row"

#define SQL_COUNT(source, term) \
    "SELECT count(*) FROM " source "WHERE " term SQL_FILTER

/* Of struct store_wave. */
#define WAVE_COLUMNS(X, S)                       \
    X(id, id, INT) S X(state, state, U32)        \
    S X(topic, filter.topic, TEXT)               \
    S X(parent, filter.parent, TEXT)             \
    S X(serial, filter.serial, TEXT)             \
    S X(kinds, filter.kinds, U32)                \
    S X(states, filter.states, U32)              \
    S X(seen_before, filter.seen_before_ms, INT) \
    S X(until, until, U32)                       \
    S X(pace, pace, U32)                         \
    S X(asked_at, asked_at_ms, INT)              \
    S X(deadline, deadline_ms, INT)              \
    S X(asked_by, asked_by, TEXT)                \
    S X(ended_at, ended_at_ms, INT)              \
    S X(cursor, cursor, INT)                     \
    S X(round, round, U32)                       \
    S X(n_total, n_total, INT)                   \
    S X(n_accepted, n_accepted, INT)             \
    S X(n_dead, n_dead, INT)                     \
    S X(n_suspect, n_suspect, INT)               \
    S X(n_dropped, n_dropped, INT)               \
    S X(n_expired, n_expired, INT)               \
    S X(n_cancelled, n_cancelled, INT)           \
    S X(n_skipped, n_skipped, INT)               \
    S X(n_waiting, n_waiting, INT)               \
    S X(fleet_group, filter.group, TEXT)         \
    S X(ask_no, ask_no, INT)

#define SQL_WAVE_COLUMNS WAVE_COLUMNS(COLUMN_SQL, ", ") " "

/* Of struct wake_row, behind its row. */
#define WAKE_COLUMNS(X, S)                  \
    X(topic, topic, INT) S X(due, due, INT) \
    S X(asked_at, asked_at, INT)            \
    S X(deadline, deadline, INT)            \
    S X(attempt, attempt, U32)              \
    S X(until, until, U8)                   \
    S X(ask_no, ask_no, INT)                \
    S X(pause, pause, INT)                  \
    S X(flags, flags, U32)

/* ${account}: recorded at the import, or the one that holds now. */
#define SQL_CERT_COLUMNS SQL_CERT_COLUMNS_AS("h.apple_account ")
#define SQL_CERT_COLUMNS_AS(account) \
    CERT_IMPORTED(SQL_OF_H, ", ")    \
    ", " account ", h.note, " CERT_LEARNT(SQL_OF_H, ", ") ", "
#define SQL_OF_H(column, member, how) "h." #column

/* Of a struct that has an identity and its sealed key: what its import gives,
   and, behind account and note, what comes later. */
#define CERT_IMPORTED(X, S)                                               \
    X(topic, identity.topic, TEXT) S X(cert_pem, identity.cert_pem, TEXT) \
    S X(sealed_key, key, BOX)                                             \
    S X(sha256, identity.sha256, TEXT)                                    \
    S X(serial, identity.serial, TEXT)                                    \
    S X(subject, identity.subject, TEXT)                                  \
    S X(issuer, identity.issuer, TEXT)                                    \
    S X(not_before, identity.not_before_unix, INT)                        \
    S X(not_after, identity.not_after_unix, INT)                          \
    S X(imported_at, identity.imported_at_ms, INT)                        \
    S X(imported_by, identity.imported_by, TEXT)

#define CERT_LEARNT(X, S)                        \
    X(retired_at, identity.retired_at_ms, INT)   \
    S X(retired_why, identity.retired_why, TEXT) \
    S X(spki_sha256, identity.spki_sha256, TEXT) \
    S X(replaced, identity.replaced, TEXT)       \
    S X(taken_at, identity.taken_at_ms, INT)     \
    S X(tested_at, identity.tested_at_ms, INT)   \
    S X(is_test_ok, identity.is_test_ok, BOOL)   \
    S X(test_text, identity.test_text, TEXT)     \
    S X(marks, identity.marks, U32)              \
    S X(proven_at, identity.proven_at_ms, INT)   \
    S X(host, identity.host, TEXT)

/* Of a struct that has a csr and its sealed keys. */
#define REQUEST_COLUMNS(X, S)                           \
    X(name, csr.name, TEXT) S X(topic, csr.topic, TEXT) \
    S X(csr_pem, csr.csr_pem, TEXT)                     \
    S X(spki_sha256, csr.spki_sha256, TEXT)             \
    S X(sealed_key, key, BOX)                           \
    S X(upload, csr.upload, TEXT)                       \
    S X(mail_cert_pem, csr.mail_cert_pem, TEXT)         \
    S X(sealed_mail_key, mail, BOX)                     \
    S X(created_at, csr.created_at_ms, INT)             \
    S X(created_by, csr.created_by, TEXT)

#define SQL_REQUEST_COLUMNS REQUEST_COLUMNS(COLUMN_SQL, ", ") " "

/* Of a struct that has a vendor and its sealed key. */
#define VENDOR_COLUMNS(X, S)                                                  \
    X(cert_pem, vendor.cert_pem, TEXT) S X(chain_pem, vendor.chain_pem, TEXT) \
    S X(sealed_key, key, BOX)                                                 \
    S X(sha256, vendor.sha256, TEXT)                                          \
    S X(put_at, vendor.put_at_ms, INT)                                        \
    S X(put_by, vendor.put_by, TEXT)

/* Of struct store_event, behind its id. */
#define EVENT_COLUMNS(X, S)                 \
    X(at, at_ms, INT) S X(kind, kind, TEXT) \
    S X(subject, subject, TEXT)             \
    S X(actor, actor, TEXT)                 \
    S X(detail, detail, TEXT)

#define STORE_SQL(X)                                                           \
    X(BEGIN, "BEGIN IMMEDIATE")                                                \
    X(COMMIT, "COMMIT")                                                        \
    X(ROLLBACK, "ROLLBACK")                                                    \
    X(PAGE_COUNT, "PRAGMA page_count")                                         \
    X(PAGE_SIZE, "PRAGMA page_size")                                           \
                                                                               \
    X(TOPIC_LIST, "SELECT id, name, n_wakes, counts FROM topic ORDER BY id")   \
    X(TOPIC_FIND, "SELECT id FROM topic WHERE name = ?1")                      \
    X(TOPIC_ADD, "INSERT INTO topic (id, name) VALUES (?1, ?2)")               \
    X(TOPIC_SAVE, "UPDATE topic SET n_wakes = ?2, counts = ?3 WHERE id = ?1")  \
                                                                               \
    X(ENROLLMENT_MAX, "SELECT max(row) FROM enrollment")                       \
    X(ENROLLMENT_FIND,                                                         \
      SQL_ENROLLMENT_ROW("token IS ?2 AND magic IS ?3") "WHERE id = ?1")       \
    X(ENROLLMENT_ROW, SQL_ENROLLMENT_ROW("0") "WHERE row = ?1")                \
    X(ENROLLMENT_USER,                                                         \
      SQL_ENROLLMENT_ROW("0") "INDEXED BY enrollment_parent "                  \
                              "WHERE parent = ?1 AND parent <> '' AND row > "  \
                              "?2 ORDER BY row LIMIT 1")                       \
    X(ENROLLMENT_ADD,                                                          \
      "INSERT INTO enrollment (row, id, kind, state, topic, parent, serial, "  \
      "token, magic, token_at, tally, seen_at, checked_at, version, "          \
      "authenticated_at, token_came_at, is_tally_told) "                       \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "  \
      "?15, ?16, ?17) ON CONFLICT (id) DO NOTHING")                            \
    X(ENROLLMENT_SET,                                                          \
      "UPDATE enrollment SET kind = ?3, state = ?4, topic = ?5, parent = ?6, " \
      "serial = ?7, token = ?8, magic = ?9, token_at = ?10, tally = ?11, "     \
      "seen_at = ?12, checked_at = ?13, version = ?14, "                       \
      "authenticated_at = ?15, token_came_at = ?16, is_tally_told = ?17 "      \
      "WHERE row = ?1 AND id = ?2")                                            \
    X(ENROLLMENT_TOKEN,                                                        \
      "UPDATE enrollment SET kind = ?3, state = ?4, topic = ?5, parent = ?6, " \
      "serial = CASE ?7 WHEN '' THEN serial ELSE ?7 END, token = ?8, "         \
      "magic = ?9, token_at = ?10, tally = ?11, seen_at = ?12, "               \
      "checked_at = ?13, version = ?14, authenticated_at = ?15, "              \
      "token_came_at = ?16, is_tally_told = ?17 WHERE row = ?1 AND id = ?2")   \
    X(ENROLLMENT_MARK,                                                         \
      "UPDATE enrollment SET kind = ?2, state = ?3, topic = ?4, "              \
      "serial = CASE ?5 WHEN '' THEN serial ELSE ?5 END, tally = ?6, "         \
      "seen_at = ?7, checked_at = ?8, version = ?9, authenticated_at = ?10 "   \
      "WHERE row = ?1")                                                        \
    X(ENROLLMENT_STATE, "UPDATE enrollment SET state = ?2 WHERE row = ?1")     \
    X(ENROLLMENT_SEEN, "UPDATE enrollment SET seen_at = ?2 WHERE row = ?1")    \
    X(ENROLLMENT_DELETE, "DELETE FROM enrollment WHERE row = ?1")              \
    X(ENROLLMENT_GET,                                                          \
      "SELECT " SQL_ENROLLMENT_COLUMNS                                         \
      "FROM enrollment e LEFT JOIN push p ON p.row = e.row " SQL_JOIN_GROUP    \
      "WHERE e.id = ?1")                                                       \
    X(ENROLLMENT_DUE,                                                          \
      "SELECT e.row, e.state, e.topic, e.token, e.magic, e.version, "          \
      "e.token_at, p.not_before, p.pause FROM enrollment e "                   \
      "LEFT JOIN push p ON p.row = e.row WHERE e.id = ?1")                     \
    X(LIST_BY_ROW, SQL_SELECT(SQL_ENROLLMENT_COLUMNS, SQL_BY_ROW, ""))         \
    X(LIST_BY_TOPIC,                                                           \
      SQL_SELECT(SQL_ENROLLMENT_COLUMNS, SQL_BY_TOPIC, SQL_IS_TOPIC))          \
    X(LIST_BY_PARENT,                                                          \
      SQL_SELECT(SQL_ENROLLMENT_COLUMNS, SQL_BY_PARENT, SQL_IS_PARENT))        \
    X(LIST_BY_SERIAL,                                                          \
      SQL_SELECT(SQL_ENROLLMENT_COLUMNS, SQL_BY_SERIAL, SQL_IS_SERIAL))        \
    X(SWEEP_BY_ROW, SQL_SWEEP(SQL_BY_ROW, ""))                                 \
    X(SWEEP_BY_TOPIC, SQL_SWEEP(SQL_BY_TOPIC, SQL_IS_TOPIC))                   \
    X(SWEEP_BY_PARENT, SQL_SWEEP(SQL_BY_PARENT, SQL_IS_PARENT))                \
    X(SWEEP_BY_SERIAL, SQL_SWEEP(SQL_BY_SERIAL, SQL_IS_SERIAL))                \
    X(COUNT_BY_ROW, SQL_COUNT(SQL_BY_ROW, ""))                                 \
    X(COUNT_BY_TOPIC, SQL_COUNT(SQL_BY_TOPIC, SQL_IS_TOPIC))                   \
    X(COUNT_BY_PARENT, SQL_COUNT(SQL_BY_PARENT, SQL_IS_PARENT))                \
    X(COUNT_BY_SERIAL, SQL_COUNT(SQL_BY_SERIAL, SQL_IS_SERIAL))                \
                                                                               \
    X(PUSH_PUT,                                                                \
      "INSERT INTO push (row, at, status, reason, apns_id, wave, ask_no, "     \
      "served, not_before, pause) "                                            \
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "                      \
      "ON CONFLICT (row) DO UPDATE SET "                                       \
      "at = ?2, status = ?3, reason = ?4, apns_id = ?5, wave = ?6, "           \
      "ask_no = max(ask_no, ?7), served = max(served, ?8), not_before = ?9, "  \
      "pause = ?10")                                                           \
                                                                               \
    X(WAKE_GET,                                                                \
      "SELECT " WAKE_COLUMNS(COLUMN_SQL, ", ") " FROM wake WHERE row = ?1")    \
    X(WAKE_ADD,                                                                \
      "INSERT INTO wake (row, " WAKE_COLUMNS(                                  \
          COLUMN_SQL,                                                          \
          ", ") ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")          \
    X(WAKE_SET,                                                                \
      "UPDATE wake SET topic = ?2, due = ?3, asked_at = ?4, deadline = ?5, "   \
      "attempt = ?6, until = ?7, ask_no = ?8, pause = ?9, flags = ?10 "        \
      "WHERE row = ?1")                                                        \
    X(WAKE_DELETE, "DELETE FROM wake WHERE row = ?1")                          \
    X(WAKE_DUE,                                                                \
      "SELECT w.row, w.asked_at, w.deadline, w.attempt, w.flags, e.token, "    \
      "e.magic, e.version, e.token_at "                                        \
      "FROM wake w INDEXED BY wake_due CROSS JOIN enrollment e "               \
      "ON e.row = w.row WHERE w.topic = ?1 AND w.due <= ?2 "                   \
      "AND NOT rouse_claimed(w.row) ORDER BY w.due LIMIT ?3")                  \
    X(WAKE_NEXT, "SELECT due FROM wake INDEXED BY wake_due WHERE topic = ?1 "  \
                 "AND NOT rouse_claimed(row) ORDER BY due LIMIT 1")            \
                                                                               \
    X(WAKE_RELEASE,                                                            \
      "UPDATE wake SET due = ?2, flags = flags & ~4 WHERE topic = ?1 "         \
      "AND flags & 4 AND due > ?2 AND NOT rouse_claimed(row)")                 \
    X(WAVE_ADD,                                                                \
      "INSERT INTO wave (state, topic, parent, serial, kinds, states, "        \
      "seen_before, until, pace, asked_at, deadline, asked_by, last_row, "     \
      "n_total, fleet_group, ask_no) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, " \
      "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) RETURNING id")                   \
    X(WAVE_PRUNE, "DELETE FROM wave WHERE id <= ?1 AND state >= 2")            \
    X(WAVE_GET, "SELECT " SQL_WAVE_COLUMNS "FROM wave WHERE id = ?1")          \
    X(WAVE_LIST, "SELECT " SQL_WAVE_COLUMNS                                    \
                 "FROM wave WHERE id < ?1 ORDER BY id DESC LIMIT ?2")          \
    X(WAVE_LIST_OPEN,                                                          \
      "SELECT " SQL_WAVE_COLUMNS "FROM wave INDEXED BY wave_open "             \
      "WHERE id < ?1 AND state < 2 ORDER BY id DESC LIMIT ?2")                 \
    X(WAVE_N_OPEN,                                                             \
      "SELECT count(*) FROM wave INDEXED BY wave_open WHERE state < 2")        \
    X(WAVE_WALK,                                                               \
      "SELECT state, topic, parent, serial, kinds, states, seen_before, "      \
      "asked_at, deadline, last_row, until, ask_no, fleet_group FROM wave "    \
      "WHERE id = ?1")                                                         \
    X(WAVE_REST,                                                               \
      "SELECT cursor < last_row AND deadline <> 0 AND deadline <= ?2 "         \
      "FROM wave WHERE id = ?1")                                               \
    X(WAVE_TERMS, "SELECT state, asked_at, until, ask_no FROM wave "           \
                  "WHERE id = ?1")                                             \
    X(WAVE_COUNTS,                                                             \
      "SELECT state, n_total, n_accepted, n_dead, n_suspect, n_dropped, "      \
      "n_expired, n_cancelled, n_skipped, n_waiting FROM wave WHERE id = ?1")  \
    X(WAVE_COUNT,                                                              \
      "UPDATE wave SET state = ?2, n_total = ?3, n_accepted = ?4, "            \
      "n_dead = ?5, n_suspect = ?6, n_dropped = ?7, n_expired = ?8, "          \
      "n_cancelled = ?9, n_skipped = ?10, n_waiting = ?11, "                   \
      "ended_at = CASE WHEN ?2 >= 2 AND ended_at = 0 THEN ?12 "                \
      "ELSE ended_at END WHERE id = ?1")                                       \
    X(WAVE_MOVE, "UPDATE wave SET cursor = max(cursor, ?2) WHERE id = ?1")     \
                                                                               \
    X(CERT_CURRENT,                                                            \
      "SELECT " SQL_CERT_COLUMNS_AS(SQL_ACCOUNT_NOW) SQL_UNDECIDED_COUNT       \
      "FROM identity i JOIN identity_history h ON h.id = i.history "           \
      "WHERE ?1 IS NULL OR i.topic = ?1 ORDER BY i.topic")                     \
    X(CERT_HISTORY,                                                            \
      "SELECT " SQL_CERT_COLUMNS "0, '' FROM identity_history h "              \
      "WHERE ?1 IS NULL OR h.topic = ?1 "                                      \
      "ORDER BY h.imported_at DESC, h.id DESC")                                \
    X(CERT_HELD, "SELECT " SQL_CERT_COLUMNS "0, '' FROM identity_history h "   \
                 "WHERE h.topic = ?1 AND h.sha256 = ?2")                       \
    X(CERT_FIND, "SELECT h.id, i.topic IS NOT NULL, h.sealed_key = x'' "       \
                 "FROM identity_history h "                                    \
                 "LEFT JOIN identity i ON i.history = h.id "                   \
                 "WHERE h.topic = ?1 AND h.sha256 = ?2")                       \
    X(CERT_NOTE, "UPDATE identity_history SET note = ?2, apple_account = "     \
                 "CASE apple_account WHEN '' THEN ?3 ELSE apple_account END "  \
                 "WHERE id = ?1")                                              \
    X(CERT_RETIRE,                                                             \
      "UPDATE identity_history SET retired_at = ?2, retired_why = ?3 "         \
      "WHERE id = (SELECT history FROM identity WHERE topic = ?1) "            \
      "RETURNING id")                                                          \
    X(CERT_ADD,                                                                \
      "INSERT INTO identity_history (" CERT_IMPORTED(                          \
          COLUMN_SQL,                                                          \
          ", ") ", apple_account, note, spki_sha256, replaced) "               \
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "  \
                "?13, "                                                        \
                "?14, ?15) "                                                   \
                "ON CONFLICT (topic, sha256) DO UPDATE SET sealed_key = ?3, "  \
                "imported_at = ?10, imported_by = ?11, apple_account = ?12, "  \
                "note = ?13, spki_sha256 = ?14, replaced = ?15, taken_at = "   \
                "0, "                                                          \
                "marks = 0, retired_at = 0, retired_why = '' RETURNING id")    \
    X(CERT_USE, "INSERT INTO identity (topic, history) VALUES (?1, ?2) "       \
                "ON CONFLICT (topic) DO UPDATE SET history = ?2, "             \
                "apple_account = ''")                                          \
    X(CERT_DROP, "DELETE FROM identity WHERE topic = ?1")                      \
    X(CERT_IN_FORCE, "SELECT h.sha256 FROM identity i "                        \
                     "JOIN identity_history h ON h.id = i.history "            \
                     "WHERE i.topic = ?1")                                     \
    X(CERT_AGAIN,                                                              \
      "UPDATE identity_history SET retired_at = 0, retired_why = '', "         \
      "marks = 0, replaced = ?3 WHERE topic = ?1 AND sha256 = ?2 "             \
      "RETURNING id")                                                          \
    X(CERT_MARK, "UPDATE identity_history SET "                                \
                 "taken_at = CASE taken_at WHEN 0 THEN ?3 ELSE taken_at END, " \
                 "marks = marks & ~?4 | ?5 WHERE topic = ?1 AND sha256 = ?2 "  \
                 "RETURNING id")                                               \
    X(CERT_TEST, "UPDATE identity_history SET tested_at = ?3, "                \
                 "is_test_ok = ?4, test_text = ?5 "                            \
                 "WHERE topic = ?1 AND sha256 = ?2")                           \
    X(CERT_KEY, "SELECT topic, sealed_key, sha256 FROM identity_history "      \
                "WHERE spki_sha256 = ?1 AND spki_sha256 <> '' "                \
                "AND sealed_key <> x'' "                                       \
                "ORDER BY id DESC LIMIT 1")                                    \
    X(CERT_SEALED, "SELECT id, topic, sha256, sealed_key "                     \
                   "FROM identity_history WHERE id > ?1 ORDER BY id LIMIT 1")  \
    X(CERT_RESEAL,                                                             \
      "UPDATE identity_history SET sealed_key = ?2 WHERE id = ?1")             \
                                                                               \
    X(CERT_UNSEAL, "UPDATE identity_history SET sealed_key = x''")             \
    X(SEALED_COUNT,                                                            \
      "SELECT (SELECT count(*) FROM identity_history "                         \
      "WHERE sealed_key <> x''), (SELECT count(*) FROM cert_request), "        \
      "(SELECT count(*) FROM vendor)")                                         \
                                                                               \
    X(REQUEST_ADD,                                                             \
      "INSERT INTO cert_request (" REQUEST_COLUMNS(                            \
          COLUMN_SQL, ", ") ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "   \
                            "?10) ON CONFLICT DO NOTHING RETURNING rowid")     \
    X(REQUEST_SIGN, "UPDATE cert_request SET upload = ?2 WHERE name = ?1 "     \
                    "RETURNING rowid")                                         \
    X(REQUEST_LIST, "SELECT " SQL_REQUEST_COLUMNS                              \
                    "FROM cert_request WHERE ?1 IS NULL OR name = ?1 "         \
                    "ORDER BY created_at, name")                               \
    X(REQUEST_KEY, "SELECT " SQL_REQUEST_COLUMNS                               \
                   "FROM cert_request WHERE spki_sha256 = ?1")                 \
    X(REQUEST_SEALED, "SELECT name, spki_sha256, sealed_key, sealed_mail_key " \
                      "FROM cert_request WHERE name > ?1 "                     \
                      "ORDER BY name LIMIT 1")                                 \
    X(REQUEST_RESEAL, "UPDATE cert_request SET sealed_key = ?2, "              \
                      "sealed_mail_key = ?3 WHERE name = ?1")                  \
    X(REQUEST_DROP,                                                            \
      "DELETE FROM cert_request WHERE name = ?1 RETURNING rowid")              \
                                                                               \
    X(REQUEST_DROP_ALL, "DELETE FROM cert_request")                            \
    X(VENDOR_PUT,                                                              \
      "INSERT INTO vendor (id, " VENDOR_COLUMNS(                               \
          COLUMN_SQL,                                                          \
          ", ") ") VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) "                        \
                "ON CONFLICT (id) DO UPDATE SET cert_pem = ?1, chain_pem = "   \
                "?2, "                                                         \
                "sealed_key = ?3, sha256 = ?4, put_at = ?5, put_by = ?6")      \
    X(VENDOR_GET, "SELECT " VENDOR_COLUMNS(COLUMN_SQL, ", ") " FROM vendor")   \
    X(VENDOR_RESEAL, "UPDATE vendor SET sealed_key = ?1")                      \
    X(VENDOR_DROP, "DELETE FROM vendor RETURNING id")                          \
    X(MASTER_KEY_SET, "UPDATE master_key SET sealed = ?1")                     \
                                                                               \
    X(EVENT_ADD,                                                               \
      "INSERT INTO event (" EVENT_COLUMNS(                                     \
          COLUMN_SQL, ", ") ") VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id")      \
    X(EVENT_PRUNE, "DELETE FROM event WHERE id <= ?1")                         \
    X(EVENT_LIST,                                                              \
      "SELECT id, " EVENT_COLUMNS(                                             \
          COLUMN_SQL, ", ") " FROM event WHERE id > ?1 ORDER BY id LIMIT ?2")  \
                                                                               \
    STORE_SQL_ACCOUNT(X)                                                       \
    STORE_SQL_ALERT(X)                                                         \
    STORE_SQL_GROUP(X)                                                         \
    STORE_SQL_KEY(X)                                                           \
    STORE_SQL_ORDER(X)                                                         \
    STORE_SQL_PROOF(X)

enum sql_name {
#define X(name, text) SQL_##name,
    STORE_SQL(X)
#undef X
    SQL_N_NAMES
};

#endif /* STORE_SQL_H */
