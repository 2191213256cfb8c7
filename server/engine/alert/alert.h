/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ALERT_H
#define ENGINE_ALERT_H

/*
 * Alerts: looks at certificates and at the fleet every minute, and at once
 * when a certificate changed. An alert counts as told when the store has it:
 * what fails is tried again with the next look. Delivery is not here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "alert_book.h"

struct rouse;

#define ALERT_LOOK_MS  60000   /* between two looks */
#define ALERT_COUNT_MS 3600000 /* between two counts of silent devices */

struct alerts {
    struct alert_book book;
    uint32_t channels;           /* a message for each of them */
    void (*on_alert)(void *arg); /* there are new messages; or NULL */
    void *on_alert_arg;
    unsigned n_underway; /* requests to the store; no look meanwhile */
    bool is_loaded;
    bool is_loading;
    bool has_failed;  /* a request of the load before */
    bool is_touched;  /* look at once */
    bool is_counting; /* this look counts silent devices */
    int64_t looked_ms;
    int64_t counted_ms; /* 0: never */
};

/** alert_touch(rouse): a certificate changed: look at the next turn. */
void alert_touch(struct rouse *rouse);

/** alert_run(rouse, now_ms): look, if it is time. */
void alert_run(struct rouse *rouse, int64_t now_ms);

/** alert_next(rouse): when alert_run has something to do. */
int64_t alert_next(const struct rouse *rouse);

void alert_fini(struct rouse *rouse);

/** alert_raise(rouse, alert, told): ${told} is remembered with it; may be
 *  NULL. The alert's kind is one of ALERT_KINDS. */
void alert_raise(struct rouse *rouse, const struct store_alert *alert,
                 const struct certlife_told *told);

/** alert_finish(rouse, open, told): it is over; NULL forgets what was told
 *  about its certificate. */
void alert_finish(struct rouse *rouse, const struct alert_open *open,
                  const struct certlife_told *told);

#endif /* ENGINE_ALERT_H */
