/* SPDX-License-Identifier: MIT */
#ifndef STORE_ASK_NO_H
#define STORE_ASK_NO_H

/*
 * Asks are numbered in the order in which they are stored. A push that was
 * handed out when ${n} was the newest serves all asks up to ${n}; no clock
 * has a say in that. The number only grows, over restarts too.
 */

#include <stdint.h>

#include "store/store.h"

struct db;

struct ask_no {
    int64_t newest; /* never falls in a run: an ask that is undone leaves its
                       number unused, as a push may carry it already */
    int64_t on_disk;
};

enum store_err ask_no_load(struct db *db);

/** ask_no_take(db): of a new ask. */
int64_t ask_no_take(struct db *db);

/** ask_no_save(db): before the commit; ask_no_saved(db): after it. */
enum store_err ask_no_save(struct db *db);
void ask_no_saved(struct db *db);

#endif /* STORE_ASK_NO_H */
