/* SPDX-License-Identifier: MIT */
#ifndef STORE_SQL_CHECKIN_H
#define STORE_SQL_CHECKIN_H

/*
 * What orders check-ins that crossed each other; see schema.c and
 * checkin_rule.h.
 */

/* token_came_at: by our own clock. is_tally_told: by the MDM server. */
#define SCHEMA_CHECKIN                                   \
    "ALTER TABLE enrollment"                             \
    "  ADD authenticated_at INTEGER NOT NULL DEFAULT 0;" \
    "ALTER TABLE enrollment"                             \
    "  ADD token_came_at INTEGER NOT NULL DEFAULT 0;"    \
    "ALTER TABLE enrollment"                             \
    "  ADD is_tally_told INTEGER NOT NULL DEFAULT 0;"

#endif /* STORE_SQL_CHECKIN_H */
