/* SPDX-License-Identifier: MIT */
#include "sight.h"

#include <string.h>

#include "server/engine/engine_core.h"

void
sight_init(struct sights *sights)
{
    TAILQ_INIT(&sights->open);
}

bool
sight_open(struct rouse *rouse, struct sight *sight)
{
    struct sights *sights = &rouse->sights;
    int64_t now_ms = tick_now(rouse);

    if (sights->n == SIGHT_MAX)
        return false;
    if (sights->n++ == 0)
        sights->ran_at_ms = now_ms;
    sight->left_ms += now_ms - sights->ran_at_ms;
    sight->is_open = true;
    TAILQ_INSERT_TAIL(&sights->open, sight, link);
    tick_wake(rouse);
    return true;
}

void
sight_close(struct rouse *rouse, struct sight *sight)
{
    if (!sight->is_open)
        return;
    sight->is_open = false;
    TAILQ_REMOVE(&rouse->sights.open, sight, link);
    rouse->sights.n--;
}

static void
end(struct rouse *rouse, struct sight *sight, int64_t seen_at_ms)
{
    sight_close(rouse, sight);
    sight->done(sight, seen_at_ms);
}

void
sight_tell(struct rouse *rouse, const char *id, int64_t at_ms)
{
    struct sight *sight;
    struct sight *next;

    for (sight = TAILQ_FIRST(&rouse->sights.open); sight != NULL;
         sight = next) {
        next = TAILQ_NEXT(sight, link);
        if (at_ms >= sight->since_ms && strcmp(sight->id, id) == 0)
            end(rouse, sight, at_ms);
    }
}

void
sight_run(struct rouse *rouse, int64_t now_ms)
{
    struct sights *sights = &rouse->sights;
    int64_t passed_ms = now_ms - sights->ran_at_ms;
    struct sight *sight;
    struct sight *next;

    sights->ran_at_ms = now_ms;
    if (passed_ms <= 0)
        return; /* set back: nobody waits longer by that */
    for (sight = TAILQ_FIRST(&sights->open); sight != NULL; sight = next) {
        next = TAILQ_NEXT(sight, link);
        sight->left_ms -= passed_ms;
        if (sight->left_ms <= 0)
            end(rouse, sight, 0);
    }
}

int64_t
sight_next(const struct rouse *rouse)
{
    int64_t next_ms = INT64_MAX;
    const struct sight *sight;

    TAILQ_FOREACH (sight, &rouse->sights.open, link)
        if (rouse->sights.ran_at_ms + sight->left_ms < next_ms)
            next_ms = rouse->sights.ran_at_ms + sight->left_ms;
    return next_ms;
}

void
sight_end_all(struct rouse *rouse)
{
    struct sight *sight;

    while ((sight = TAILQ_FIRST(&rouse->sights.open)) != NULL)
        end(rouse, sight, 0);
}
