/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SENDER_H
#define ENGINE_SENDER_H

/*
 * From claimed to submitted: which due push goes next. What was just asked
 * for goes first and has a share of the window to itself; then single wakes
 * that came due; then the waves in turns. Pace and held topics apply to all.
 */

#include <stdbool.h>
#include <stdint.h>

#include "pace.h"
#include "page.h"

struct rouse;

struct sender {
    struct page_list asked;
    struct page_list wakes; /* the waves' lanes are in their walks */
    uint32_t n_asked;       /* due in the lane asked */
    uint32_t n_wakes;       /* due in the lane wakes */
    uint32_t n_due;         /* in all lanes */
    struct pace pace;       /* over all topics */
    bool is_busy;           /* the client's queue is full */
    bool may_move;          /* something changed since the last run */
    int64_t next_ms;        /* when a pace allows more; INT64_MAX */
};

void sender_init(struct sender *sender);

/** sender_fini(rouse): drop all pages of single wakes. */
void sender_fini(struct rouse *rouse);

/** sender_add(rouse, page, lane): ${page} is filled and not empty. */
void sender_add(struct rouse *rouse, struct page *page, struct page_list *lane);

/** sender_cut(rouse, page): what is not submitted of it will not be. */
void sender_cut(struct rouse *rouse, struct page *page);

/** sender_cut_all(rouse): of single wakes; for the drain. */
void sender_cut_all(struct rouse *rouse);

/** sender_page_settled(rouse, page): one push of it is settled. */
void sender_page_settled(struct rouse *rouse, struct page *page);

/** sender_hurry(rouse, row, now_ms): somebody waits for ${row} now: if it is
 *  claimed and due, it goes in front of the others. */
void sender_hurry(struct rouse *rouse, int64_t row, int64_t now_ms);

/** sender_run(rouse, now_ms): submit what may go now. */
void sender_run(struct rouse *rouse, int64_t now_ms);

/** sender_stir(rouse): there may be room, or something to send, again. */
void sender_stir(struct rouse *rouse);

/** sender_can_go_on(rouse): another run may submit something. */
bool sender_can_go_on(const struct rouse *rouse);

/** sender_next(rouse): when a pace allows more; INT64_MAX. */
int64_t sender_next(const struct rouse *rouse);

#endif /* ENGINE_SENDER_H */
