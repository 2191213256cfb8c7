/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ALERT_FLEET_H
#define ENGINE_ALERT_FLEET_H

/*
 * Alerts about enrollments, one for each topic: those whose topic no
 * certificate here holds, and those that were not seen since theirs lapsed.
 */

#include <stdint.h>

struct rouse;

#define ALERT_FLEET_GRACE_S 86400 /* after the lapse, before the alert */
#define ALERT_FLEET_TELL_MS \
    (INT64_C(30) * 86400000)      /* open at most so long
                                                         after a renewal */
#define ALERT_FLEET_MAX_LAPSED 64 /* topics counted in one look */

/** alert_fleet_look(rouse, now_ms): raise and finish what is due. */
void alert_fleet_look(struct rouse *rouse, int64_t now_ms);

#endif /* ENGINE_ALERT_FLEET_H */
