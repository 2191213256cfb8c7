/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_NOTICE_H
#define ENGINE_NOTICE_H

/*
 * Log lines and rows of the audit log. Enrollments that died or became suspect
 * are counted and logged together, so that a bad day of a large fleet does not
 * push everything else out of the log.
 */

#include <stdint.h>

#include "apns/apns.h"
#include "apns/base/event.h"

struct flight;
struct rouse;

#define NOTICE_TALLY_MS 10000 /* between two rows of the same sort */

struct notice_tally {
    uint64_t n;                     /* not logged yet */
    int64_t told_at_ms;             /* last time */
    char topic[APNS_MAX_TOPIC + 1]; /* of the last one */
    char reason[APNS_MAX_REASON + 1];
};

struct notices {
    struct notice_tally dead;
    struct notice_tally suspect;
};

/** notice_log(rouse, level, format, …): one logfmt line. */
__attribute__((format(printf, 3, 4))) void notice_log(struct rouse *rouse,
                                                      enum apns_log_level level,
                                                      const char *format, ...);

/** notice_event(rouse, kind, subject, actor, detail): a row, and a line. */
void notice_event(struct rouse *rouse, const char *kind, const char *subject,
                  const char *actor, const char *detail);

/** notice_settled(rouse, flight): count it if it is to be logged. */
void notice_settled(struct rouse *rouse, const struct flight *flight);

/** notice_marked(rouse, topic, n): so many became suspect by proof. */
void notice_marked(struct rouse *rouse, const char *topic, uint64_t n);

/** notice_run(rouse, now_ms): log what was counted, if it is time. */
void notice_run(struct rouse *rouse, int64_t now_ms);

/** notice_next(rouse): when notice_run has something to do; INT64_MAX. */
int64_t notice_next(const struct rouse *rouse);

#endif /* ENGINE_NOTICE_H */
