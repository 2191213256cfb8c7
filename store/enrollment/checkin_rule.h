/* SPDX-License-Identifier: MIT */
#ifndef STORE_CHECKIN_RULE_H
#define STORE_CHECKIN_RULE_H

/*
 * What a check-in may change. MDM servers send each event by a thread of its
 * own, and stamp it there: two events of one device may come, and may be
 * stamped, in the wrong order. A device that is taken for disabled by mistake
 * is never woken again, one that is taken for enabled costs a push. So an
 * Authenticate that crossed a TokenUpdate never beats it: it is always
 * followed by one.
 */

#include "enrollment_row.h"

/* How far apart two events that crossed each other may be stamped, or come. */
#define CHECKIN_CROSSED_MS 60000

enum checkin_verdict {
    CHECKIN_DECIDES,   /* it decides the state */
    CHECKIN_COMPLETES, /* an Authenticate that was overtaken: adds what it
                          alone knows, and disables nothing */
    CHECKIN_SIGHTS,    /* older than what is stored, or a mere sighting */
};

/**
 * checkin_rule_judge(row, checkin, now):
 * What ${checkin}, which came ${now}, may change in ${row}, which exists.
 * Stored times that lie ahead of ${now} were written while a clock went wrong
 * and shut nothing out.
 */
enum checkin_verdict checkin_rule_judge(const struct enrollment_row *row,
                                        const struct store_checkin *checkin,
                                        int64_t now);

/** checkin_rule_newer(stored, at, now): ${stored} is newer, and believed. */
bool checkin_rule_newer(int64_t stored, int64_t at, int64_t now);

/** checkin_rule_just_came(row, now): its token came from the device itself
 *  less than CHECKIN_CROSSED_MS ago. */
bool checkin_rule_just_came(const struct enrollment_row *row, int64_t now);

/**
 * checkin_rule_tally(row, checkin):
 * What the TokenUpdate ${checkin} sets the tally to: what the MDM server says
 * it is, or one more than before, or 1 when an Authenticate that disabled
 * nothing came shortly before it.
 */
uint32_t checkin_rule_tally(const struct enrollment_row *row,
                            const struct store_checkin *checkin);

#endif /* STORE_CHECKIN_RULE_H */
