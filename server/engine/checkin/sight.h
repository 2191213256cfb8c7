/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SIGHT_H
#define ENGINE_SIGHT_H

/*
 * Who waits for an enrollment to be seen: notified by its check-ins once they
 * are durable. It costs a check-in nothing while nobody waits.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#define SIGHT_MAX 64 /* that wait at a time */

struct rouse;
struct sight;

/* ${seen_at_ms} 0: not in time. It is closed already, and may be freed. */
typedef void sight_fn(struct sight *sight, int64_t seen_at_ms);

struct sight {
    TAILQ_ENTRY(sight) link; /* while is_open */
    const char *id;          /* borrowed while is_open */
    int64_t since_ms;        /* what was sent before does not count */
    int64_t left_ms;         /* of the patience */
    sight_fn *done;
    bool is_open;
};

TAILQ_HEAD(sight_list, sight);

struct sights {
    struct sight_list open;
    uint32_t n;
    int64_t ran_at_ms; /* left_ms counts from here */
};

void sight_init(struct sights *sights);

/** sight_open(rouse, sight): all but link is set; false: SIGHT_MAX wait. */
bool sight_open(struct rouse *rouse, struct sight *sight);

/** sight_close(rouse, sight): without a word; it need not be open. */
void sight_close(struct rouse *rouse, struct sight *sight);

/** sight_tell(rouse, id, at_ms): a check-in of ${id}, sent at ${at_ms}. */
void sight_tell(struct rouse *rouse, const char *id, int64_t at_ms);

/** sight_run(rouse, now_ms): end those whose patience is over. */
void sight_run(struct rouse *rouse, int64_t now_ms);

/** sight_next(rouse): when sight_run has something to do; INT64_MAX. */
int64_t sight_next(const struct rouse *rouse);

/** sight_end_all(rouse): nobody will be seen any more. */
void sight_end_all(struct rouse *rouse);

#endif /* ENGINE_SIGHT_H */
