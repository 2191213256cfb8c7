/* SPDX-License-Identifier: MIT */
#ifndef API_UNTIL_H
#define API_UNTIL_H

#include "server/api/json/json_in.h"
#include "server/rouse.h"

/** until_read(in): the field "until"; accepted when absent. */
enum rouse_until until_read(struct json_in *in);

/** until_text(until): "accepted" or "check-in". */
const char *until_text(enum rouse_until until);

#endif /* API_UNTIL_H */
