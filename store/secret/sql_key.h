/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_KEY_H
#define STORE_SQL_KEY_H

/*
 * API keys: what a migration adds, and their statements.
 */

/* So that the oldest revoked ones are found without a scan. */
#define SCHEMA_KEY                                                        \
    "CREATE INDEX api_key_revoked ON api_key (revoked_at DESC, id DESC) " \
    "  WHERE revoked_at <> 0;"

#define SQL_KEY_COLUMNS \
    "id, name, hash, verbs, topic, created_at, revoked_at, fleet_group "

#define STORE_SQL_KEY(X)                                                     \
    X(KEY_ADD, "INSERT INTO api_key (name, hash, verbs, topic, created_at, " \
               "fleet_group) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "               \
               "ON CONFLICT (hash) DO NOTHING RETURNING id")                 \
    X(KEY_GET, "SELECT " SQL_KEY_COLUMNS "FROM api_key WHERE id = ?1")       \
    X(KEY_LIST, "SELECT " SQL_KEY_COLUMNS "FROM api_key WHERE id > ?1 "      \
                "AND (?2 = 0 OR revoked_at = 0) ORDER BY id LIMIT ?3")       \
    X(KEY_REVOKE,                                                            \
      "UPDATE api_key SET revoked_at = CASE revoked_at WHEN 0 THEN ?2 "      \
      "ELSE revoked_at END WHERE id = ?1 RETURNING id")                      \
    X(KEY_PRUNE, "DELETE FROM api_key WHERE id IN (SELECT id FROM api_key "  \
                 "INDEXED BY api_key_revoked WHERE revoked_at <> 0 "         \
                 "ORDER BY revoked_at DESC, id DESC LIMIT -1 OFFSET ?1)")

#endif /* STORE_SQL_KEY_H */
