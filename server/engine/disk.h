/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_DISK_H
#define ENGINE_DISK_H

/*
 * Whether the store can write. While it cannot, nothing is claimed and what
 * ended is kept; one try is made after a growing time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct rouse;

struct disk {
    bool is_failing;
    int64_t try_at_ms; /* failing: not before then */
    int64_t span_ms;   /* failing: how long it waited last */
    bool is_probing;   /* a row that says it works is being written */
};

/** disk_failed(rouse, err, what): ${what} could not be written or asked. */
void disk_failed(struct rouse *rouse, enum store_err err, const char *what);

/** disk_worked(rouse): something was written. */
void disk_worked(struct rouse *rouse);

/** disk_may_try(rouse, now_ms): it works, or it is time to try. */
bool disk_may_try(const struct rouse *rouse, int64_t now_ms);

/** disk_run(rouse, now_ms): try it, if nothing else will. */
void disk_run(struct rouse *rouse, int64_t now_ms);

#endif /* ENGINE_DISK_H */
