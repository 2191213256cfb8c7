/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_WALK_H
#define ENGINE_WALK_H

/*
 * Waves that are not over: each walks its enrollments page by page. The
 * read cursor runs ahead; the durable one follows behind settled pages, in
 * order, so that a crash repeats at most what was in flight.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "pace.h"
#include "page.h"
#include "store/store.h"

struct rouse;

#define WALK_MAX       256  /* waves that are not over, at once */
#define WALK_PAGE_MIN  128  /* pushes in a page when many waves share */
#define WALK_TRAIL_MAX 1024 /* pages of one that are not passed */

/*
 *   WALKING ──last page claimed──> ENDING ──passed──> SETTLING ──> OVER
 *      └──────────────── cancelled ───┴──────────────────┴──────────^
 */
enum walk_state {
    WALK_WALKING,
    WALK_ENDING,   /* the last pages are to be settled */
    WALK_SETTLING, /* single wakes of it remain */
    WALK_OVER,     /* buried when its last page is settled */
};

struct walk {
    TAILQ_ENTRY(walk) link;
    struct rouse *rouse;
    int64_t id;
    enum walk_state state;
    char topic[STORE_MAX_TOPIC + 1]; /* "" any */
    struct pace pace;
    int64_t deadline_ms;    /* 0: it is over nobody, and waits for nothing */
    int64_t cursor;         /* read so far */
    struct page_list lane;  /* pages to be submitted */
    struct page_list trail; /* pages not passed, in cursor order */
    struct page *fetching;  /* where the claim underway goes, or NULL */
    struct page *passing;   /* last one of the pass underway, or NULL */
    uint32_t n_trail;       /* pages in it */
    bool is_blocked;        /* the next row is in flight for somebody else, or
                               the store has no room: wait for a settle */
    bool is_looking;        /* its state is being asked */
    bool is_touched;        /* its state may have changed */
    bool is_paused;         /* a cancel is underway */
};

struct walks {
    TAILQ_HEAD(walk_list, walk) list;
    uint32_t n;
    uint32_t n_walking;
    uint32_t n_asked; /* about to be added */
};

void walk_init(struct walks *walks);

/** walk_fini(rouse): the store is closed; drop everything. */
void walk_fini(struct rouse *rouse);

/** walk_load(rouse): go on with the waves that the store holds. */
void walk_load(struct rouse *rouse);

/** walk_add(rouse, wave): an open wave; false when memory is out. */
bool walk_add(struct rouse *rouse, const struct store_wave *wave);

/** walk_fetch(rouse, now_ms): claim pages for those that have room. */
void walk_fetch(struct rouse *rouse, int64_t now_ms);

/** walk_page_settled(rouse, page): all of it is durable. */
void walk_page_settled(struct rouse *rouse, struct page *page);

/** walk_run(rouse): move durable cursors, look after waves, bury. */
void walk_run(struct rouse *rouse);

/** walk_touch_all(rouse): some that settle may be over. */
void walk_touch_all(struct rouse *rouse);

/** walk_unblock_all(rouse): something was settled. */
void walk_unblock_all(struct rouse *rouse);

/** walk_rotate(rouse): another wave is the first. */
void walk_rotate(struct rouse *rouse);

/** walk_pause(rouse, id, is_paused): around a cancel. */
void walk_pause(struct rouse *rouse, int64_t id, bool is_paused);

/** walk_cancel(rouse, id): it was cancelled in the store. */
void walk_cancel(struct rouse *rouse, int64_t id);

/** walk_cut_all(rouse): submit nothing more; for the drain. */
void walk_cut_all(struct rouse *rouse);

/** walk_is_passing(rouse): a durable cursor is on its way. */
bool walk_is_passing(const struct rouse *rouse);

#endif /* ENGINE_WALK_H */
