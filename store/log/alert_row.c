/* SPDX-License-Identifier: MIT */
#include "alert_row.h"

COLUMNS_TAKE(take_columns, store_alert, ALERT_COLUMNS)

void
alert_row_take(struct bind *bind, struct arena *arena,
               struct store_alert *alert)
{
    alert->id = bind_take_int(bind);
    take_columns(bind, arena, alert);
    alert->ended_at_ms = bind_take_int(bind);
}
