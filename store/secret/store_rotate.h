/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_ROTATE_H
#define STORE_STORE_ROTATE_H

/*
 * Another master key, while the store is open. Part of store.h, which
 * includes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store_base.h"

/**
 * store_rotate_key(store, done, arg):
 * Make a new master key and seal everything under it; ${count} keys were
 * sealed anew. The new key is written beside the old one first (".new"), then
 * all rows change in one transaction, then it takes the old one's name: a
 * crash at any point leaves one that store_open finds and that works.
 *
 *   errors   STORE_EDIR  the key's directory cannot be written: nothing
 *            was changed; SYSTEM
 */
STORE_MUST_USE enum store_err store_rotate_key(struct store *store,
                                               store_count_fn *done, void *arg);

#endif /* STORE_STORE_ROTATE_H */
