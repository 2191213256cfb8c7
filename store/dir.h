/* SPDX-License-Identifier: MIT */
#ifndef STORE_DIR_H
#define STORE_DIR_H

/*
 * The state directory: made 0700, locked by one process at a time.
 */

#include "store/store.h"

/**
 * dir_open(dir, lock_fd, why):
 * Make ${dir} when it is missing and lock it until ${lock_fd} is closed.
 *
 *   errors   STORE_EDIR, STORE_ELOCKED
 */
enum store_err dir_open(const char *dir, int *lock_fd, char *why);

/** dir_sync(dir): names created, renamed or removed in it are on disk. */
enum store_err dir_sync(const char *dir);

#endif /* STORE_DIR_H */
