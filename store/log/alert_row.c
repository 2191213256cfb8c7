/* SPDX-License-Identifier: MIT */
#include "alert_row.h"

void
alert_row_take(struct bind *bind, struct arena *arena,
               struct store_alert *alert)
{
    alert->id = bind_take_int(bind);
    alert->at_ms = bind_take_int(bind);
    alert->kind = bind_take_text(bind, arena);
    alert->topic = bind_take_text(bind, arena);
    alert->severity = bind_take_text(bind, arena);
    alert->text = bind_take_text(bind, arena);
    alert->cert = bind_take_text(bind, arena);
    alert->threshold_days = (int)bind_take_int(bind);
    alert->since_ms = bind_take_int(bind);
    alert->ended_at_ms = bind_take_int(bind);
}
