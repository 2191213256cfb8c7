/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_GROUP_H
#define STORE_SQL_GROUP_H

/*
 * Tables and statements of groups; see schema.c and sql.h. What lies below a
 * path begins with it and "/": up to "0", the character behind "/".
 */

/* effective: the topic in force, kept up to date with every change. */
#define SCHEMA_GROUP                                               \
    "CREATE TABLE fleet_group ("                                   \
    "  id INTEGER PRIMARY KEY,"                                    \
    "  path TEXT NOT NULL UNIQUE,"                                 \
    "  topic TEXT NOT NULL,"                                       \
    "  permission INTEGER NOT NULL,"                               \
    "  effective TEXT NOT NULL DEFAULT '');"                       \
    "CREATE TABLE member ("                                        \
    "  row INTEGER PRIMARY KEY"                                    \
    "    REFERENCES enrollment (row) ON DELETE CASCADE,"           \
    "  fleet_group INTEGER NOT NULL REFERENCES fleet_group (id));" \
    "CREATE INDEX member_group ON member (fleet_group);"           \
    "ALTER TABLE wave ADD COLUMN fleet_group TEXT;"                \
    "ALTER TABLE api_key ADD COLUMN fleet_group TEXT NOT NULL DEFAULT '';"

#define SQL_GROUP_BELOW(path) \
    "path >= " path " || '/' AND path < " path " || '0' "

#define SQL_GROUP_COLUMNS                                                \
    "g.path, g.topic, g.permission, g.effective, "                       \
    "(SELECT count(*) FROM member m WHERE m.fleet_group = g.id), "       \
    "(SELECT count(*) FROM member m JOIN enrollment e ON e.row = m.row " \
    "JOIN topic t ON t.id = e.topic WHERE m.fleet_group = g.id "         \
    "AND g.effective <> '' AND t.name <> g.effective) "

#define STORE_SQL_GROUP(X)                                                     \
    X(GROUP_LIST, "SELECT " SQL_GROUP_COLUMNS "FROM fleet_group g "            \
                  "WHERE ?1 = '' OR path = ?1 OR (" SQL_GROUP_BELOW(           \
                      "?1") ") "                                               \
                            "ORDER BY path LIMIT ?2")                          \
    X(GROUP_GET,                                                               \
      "SELECT " SQL_GROUP_COLUMNS "FROM fleet_group g WHERE path = ?1")        \
    X(GROUP_FIND, "SELECT id, permission FROM fleet_group WHERE path = ?1")    \
    X(GROUP_COUNT, "SELECT count(*) FROM fleet_group")                         \
    X(GROUP_BELOW,                                                             \
      "SELECT count(*), count(nullif(topic, '')) FROM fleet_group "            \
      "WHERE " SQL_GROUP_BELOW(                                                \
          "?1") "AND instr(substr(path, length(?1) + 2), '/') = 0")            \
    X(GROUP_PUT,                                                               \
      "INSERT INTO fleet_group (path, topic, permission) VALUES (?1, ?2, ?3) " \
      "ON CONFLICT (path) DO UPDATE SET topic = ?2, permission = ?3")          \
    X(GROUP_SPREAD,                                                            \
      "UPDATE fleet_group AS g SET effective = coalesce((SELECT a.topic "      \
      "FROM fleet_group a WHERE a.topic <> '' AND (a.path = g.path OR "        \
      "substr(g.path, 1, length(a.path) + 1) = a.path || '/') "                \
      "ORDER BY length(a.path) DESC LIMIT 1), '') "                            \
      "WHERE g.path = ?1 OR (g.path >= ?1 || '/' AND g.path < ?1 || '0')")     \
    X(GROUP_DELETE, "DELETE FROM fleet_group WHERE id = ?1")                   \
    X(MEMBER_COUNT, "SELECT count(*) FROM member WHERE fleet_group = ?1")      \
    X(MEMBER_PUT, "INSERT INTO member (row, fleet_group) VALUES (?1, ?2) "     \
                  "ON CONFLICT (row) DO UPDATE SET fleet_group = ?2 "          \
                  "WHERE fleet_group <> ?2")                                   \
    X(MEMBER_PATH, "SELECT g.path FROM member m JOIN fleet_group g "           \
                   "ON g.id = m.fleet_group WHERE m.row = ?1")                 \
    X(MEMBER_DROP, "DELETE FROM member WHERE row = ?1")

#endif /* STORE_SQL_GROUP_H */
