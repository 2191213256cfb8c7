/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LATER_H
#define ENGINE_LATER_H

/*
 * Completions that are known already but must not run inside the call that
 * asked: they run at the beginning of the next turn. The struct lives in the
 * request, so that nothing is allocated.
 */

#include <sys/queue.h>

struct later {
    STAILQ_ENTRY(later) link;
    void (*run)(struct later *later); /* may free what holds it */
};

STAILQ_HEAD(laters, later);

/** later_run(laters): run and empty it; what is added meanwhile stays. */
void later_run(struct laters *laters);

#endif /* ENGINE_LATER_H */
