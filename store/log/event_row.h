/* SPDX-License-Identifier: MIT */
#ifndef STORE_EVENT_ROW_H
#define STORE_EVENT_ROW_H

/*
 * A row of the audit log within another request's transaction.
 */

#include "store/store.h"

struct db;

/** event_row_add(db, event): the oldest row goes when there are too many. */
enum store_err event_row_add(struct db *db, const struct store_event *event);

#endif /* STORE_EVENT_ROW_H */
