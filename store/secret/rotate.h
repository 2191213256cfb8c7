/* SPDX-License-Identifier: MIT */
#ifndef STORE_ROTATE_H
#define STORE_ROTATE_H

/*
 * Another master key: every sealed row is opened with the old one and sealed
 * with the new one.
 */

#include <stddef.h>
#include <stdint.h>

#include "seal.h"
#include "store/store.h"

struct arena;
struct db;

#define ROTATE_FRESH ".new" /* behind the name of the key's file */

/**
 * rotate_rows(db, fresh, arena, n):
 * Within a transaction: seal all under ${fresh}; count them.
 */
enum store_err rotate_rows(struct db *db, const struct seal *fresh,
                           struct arena *arena, int64_t *n);

/** rotate_sync(path): a name in the directory of ${path} is on disk. */
enum store_err rotate_sync(const char *path);

#endif /* STORE_ROTATE_H */
