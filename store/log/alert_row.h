/* SPDX-License-Identifier: MIT */
#ifndef STORE_ALERT_ROW_H
#define STORE_ALERT_ROW_H

/*
 * Reading an alert, for the files that list them.
 */

#include "store/arena.h"
#include "store/bind.h"
#include "store/store.h"

/** alert_row_take(bind, arena, alert): SQL_ALERT_COLUMNS of this row. */
void alert_row_take(struct bind *bind, struct arena *arena,
                    struct store_alert *alert);

#endif /* STORE_ALERT_ROW_H */
