/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_ORDER_H
#define STORE_SQL_ORDER_H

/*
 * What orders asks and pushes, and which waves wait for a wake; see schema.c
 * and sql.h.
 *
 * ask_no: asks are numbered. That of a push says which asks it serves: all up
 * to it. served: likewise of the last push that APNs accepted. pause: how
 * long a wait was meant to be, whatever the clock says meanwhile; 0: until
 * the hour that somebody asked for.
 */

/* Until now only the clock could say what was pushed since an open wave's ask.
   Waits had no pause until now: they get the longest there is. What a
   running wave counted behind its cursor is counted when it gets there. */
#define SCHEMA_ORDER                                                           \
    "CREATE TABLE ask_no ("                                                    \
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"                                 \
    "  last INTEGER NOT NULL);"                                                \
    "INSERT INTO ask_no (id, last)"                                            \
    "  SELECT 1, coalesce(max(id), 0) FROM wave;"                              \
    "ALTER TABLE wave ADD COLUMN ask_no INTEGER NOT NULL DEFAULT 0;"           \
    "UPDATE wave SET ask_no = id;"                                             \
    "ALTER TABLE push ADD COLUMN ask_no INTEGER NOT NULL DEFAULT 0;"           \
    "ALTER TABLE push ADD COLUMN served INTEGER NOT NULL DEFAULT 0;"           \
    "ALTER TABLE push ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;"       \
    "ALTER TABLE push ADD COLUMN pause INTEGER NOT NULL DEFAULT 0;"            \
    "UPDATE push SET ask_no = (SELECT max(id) FROM wave"                       \
    "  WHERE state < 2 AND asked_at <= push.at)"                               \
    "  WHERE at >= (SELECT min(asked_at) FROM wave WHERE state < 2)"           \
    "  AND at <= unixepoch() * 1000;"                                          \
    "UPDATE push SET served = ask_no WHERE ask_no <> 0 AND status = 200;"      \
    "DROP INDEX wake_wave;"                                                    \
    "CREATE TABLE wake_wave ("                                                 \
    "  row INTEGER NOT NULL,"                                                  \
    "  wave INTEGER NOT NULL,"                                                 \
    "  PRIMARY KEY (row, wave)) WITHOUT ROWID;"                                \
    "CREATE INDEX wake_wave_wave ON wake_wave (wave);"                         \
    "INSERT INTO wake_wave (row, wave)"                                        \
    "  SELECT row, wave FROM wake WHERE wave <> 0;"                            \
    "ALTER TABLE wake DROP COLUMN wave;"                                       \
    "ALTER TABLE wake DROP COLUMN generation;"                                 \
    "ALTER TABLE wake ADD COLUMN ask_no INTEGER NOT NULL DEFAULT 0;"           \
    "ALTER TABLE wake ADD COLUMN pause INTEGER NOT NULL DEFAULT 0;"            \
    "UPDATE wake SET pause = 115200000 WHERE attempt > 0 OR flags & 4;"        \
    "UPDATE wave SET n_accepted = n_accepted - (SELECT count(*) FROM push p"   \
    "  WHERE p.row > wave.cursor AND p.wave = wave.id AND p.status = 200),"    \
    "  n_dead = n_dead - (SELECT count(*) FROM push p JOIN enrollment e"       \
    "  ON e.row = p.row WHERE p.row > wave.cursor AND p.wave = wave.id"        \
    "  AND e.state = 2),"                                                      \
    "  n_suspect = n_suspect - (SELECT count(*) FROM push p JOIN enrollment e" \
    "  ON e.row = p.row WHERE p.row > wave.cursor AND p.wave = wave.id"        \
    "  AND e.state = 3),"                                                      \
    "  n_waiting = n_waiting - (SELECT count(*) FROM wake_wave l"              \
    "  WHERE l.wave = wave.id AND l.row > wave.cursor) WHERE state = 0;"       \
    "UPDATE wave SET n_accepted = max(n_accepted, 0),"                         \
    "  n_dead = max(n_dead, 0), n_suspect = max(n_suspect, 0),"                \
    "  n_waiting = max(n_waiting, 0) WHERE state = 0;"

#define STORE_SQL_ORDER(X)                                                 \
    X(ASK_NO_GET, "SELECT last FROM ask_no")                               \
    X(ASK_NO_SET, "UPDATE ask_no SET last = ?1")                           \
    X(WAKE_JOIN, "INSERT OR IGNORE INTO wake_wave (row, wave) "            \
                 "VALUES (?1, ?2)")                                        \
    X(WAKE_PART, "DELETE FROM wake_wave WHERE row = ?1 RETURNING wave")    \
    X(WAKE_LEAVE, "DELETE FROM wake_wave WHERE row = ?1 AND wave = ?2")    \
    X(WAKE_IS_JOINED, "SELECT 1 FROM wake_wave WHERE row = ?1 LIMIT 1")    \
    X(WAKE_N_JOINED, "SELECT count(*) FROM wake_wave INDEXED BY "          \
                     "wake_wave_wave WHERE wave = ?1 AND row > ?2 "        \
                     "AND row <= ?3")                                      \
    X(WAKE_OF_WAVE, "SELECT row FROM wake_wave INDEXED BY wake_wave_wave " \
                    "WHERE wave = ?1 LIMIT ?2")                            \
    X(WAKE_SHORTEN, "UPDATE wake SET due = ?1 + pause "                    \
                    "WHERE pause <> 0 AND due > ?1 + pause")               \
    X(WAVE_CURSOR, "SELECT cursor FROM wave WHERE id = ?1 AND state = 0")

#endif /* STORE_SQL_ORDER_H */
