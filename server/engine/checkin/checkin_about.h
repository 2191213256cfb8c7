/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHECKIN_ABOUT_H
#define ENGINE_CHECKIN_ABOUT_H

#include "checkin_plist.h"

/**
 * checkin_about_apply(about, read, detail):
 * Compare what the MDM server says with the plist, and let its own id stand
 * for the enrollment: a NanoMDM that is built into another program may make
 * ids of its own.
 *
 *   detail   CHECKIN_PLIST_MAX_DETAIL bytes; what contradicts what
 *   returns  false when they contradict each other, or the id is too long
 */
bool checkin_about_apply(const struct rouse_checkin_about *about,
                         struct checkin *read, char *detail);

#endif /* ENGINE_CHECKIN_ABOUT_H */
