/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_ACCOUNT_H
#define STORE_SQL_ACCOUNT_H

/*
 * The Apple Account of a push certificate: in its row of the history the one
 * that was recorded at its import, in that of its topic the one recorded
 * later; '' where none was.
 */

#define SCHEMA_ACCOUNT \
    "ALTER TABLE identity ADD COLUMN apple_account TEXT NOT NULL DEFAULT '';"

#define SQL_ACCOUNT_NOW                                  \
    "CASE i.apple_account WHEN '' THEN h.apple_account " \
    "ELSE i.apple_account END "

#define STORE_SQL_ACCOUNT(X)                                      \
    X(ACCOUNT_GET, "SELECT " SQL_ACCOUNT_NOW "FROM identity i "   \
                   "JOIN identity_history h ON h.id = i.history " \
                   "WHERE i.topic = ?1")                          \
    X(ACCOUNT_SET, "UPDATE identity SET apple_account = ?2 WHERE topic = ?1")

#endif /* STORE_SQL_ACCOUNT_H */
