/* SPDX-License-Identifier: MIT */
#ifndef STORE_GROUP_ROW_H
#define STORE_GROUP_ROW_H

/*
 * One group of the tree, changed as the rules allow, and who belongs to it.
 * On the store thread.
 */

#include <stdint.h>

#include "store/store.h"

struct db;

/** group_row_find(db, path, id): ${*id} 0: there is none. */
enum store_err group_row_find(struct db *db, const char *path, int64_t *id);

/** group_row_below(db, path, n, n_with): groups right below it, and those of
 *  them that have a topic of their own. */
enum store_err group_row_below(struct db *db, const char *path, int64_t *n,
                               int64_t *n_with);

/** group_row_put(db, group, fault): make or change it, and what those below
 *  it inherit. STORE_ECONFLICT with ${fault}: nothing was written. */
enum store_err group_row_put(struct db *db, const struct store_group *group,
                             enum store_group_fault *fault);

/**
 * group_row_make(db, path, id, n_made, fault):
 * Make it, and what is missing above it, without topics of their own; adds to
 * ${*n_made}. STORE_ECONFLICT with ${fault}: the one that it is about was not
 * made, nor those below it.
 */
enum store_err group_row_make(struct db *db, const char *path, int64_t *id,
                              size_t *n_made, enum store_group_fault *fault);

/** group_row_join(db, row, group): the enrollment of this row belongs to it. */
enum store_err group_row_join(struct db *db, int64_t row, int64_t group);

/** group_row_leave(db, row): it belongs to none. */
enum store_err group_row_leave(struct db *db, int64_t row);

#endif /* STORE_GROUP_ROW_H */
