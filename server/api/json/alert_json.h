/* SPDX-License-Identifier: MIT */
#ifndef API_ALERT_JSON_H
#define API_ALERT_JSON_H

/*
 * An alert as JSON, for the list and for the status.
 */

#include <jansson.h>

#include "server/rouse.h"

/** alert_json_out(alert): NULL when memory is out. */
json_t *alert_json_out(const struct rouse_alert *alert);

/** alert_json_open(rouse): those that are open, newest first. */
json_t *alert_json_open(struct rouse *rouse);

/** alert_json_of(rouse, topic): the newest open one of it; null: none. */
json_t *alert_json_of(struct rouse *rouse, const char *topic);

#endif /* API_ALERT_JSON_H */
