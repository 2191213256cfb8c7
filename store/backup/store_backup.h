/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_BACKUP_H
#define STORE_STORE_BACKUP_H

/*
 * A copy of the database while everything runs. Part of store.h, which
 * includes it.
 */

#include <stdint.h>

#include "store/store_base.h"

#define STORE_BACKUP_STEP (256 << 10) /* bytes between two other requests */
#define STORE_BACKUP_PACE (32 << 20)  /* bytes per second */
#define STORE_BACKUP_REST 3           /* a step's time is rested so often */
#define STORE_BACKUP_ROOM \
    (64 << 20) /* bytes that a copy beside the database
                                         leaves free on its disk */

/* The whole copy; the callee owns ${fd}, which is open for reading. */
typedef void store_backup_fn(void *arg, enum store_err err, int fd,
                             int64_t n_bytes);

/**
 * store_backup(store, path, done, arg):
 * Copy the database to the file ${path}, in place of one that is there (what
 * a process that was killed has left), in steps between which all else
 * goes on, no faster than the limits above. The copy is one consistent state:
 * all that was acknowledged before the last step, and nothing half. It holds
 * every token, and private keys sealed under the master key, which is not in
 * it.
 *
 *   shape    ${path} NULL: a file in the state directory, which has no name
 *            any more when ${done} is called: it goes with ${fd}
 *   owns     nothing is left of the file when ${err} is not STORE_OK. It is
 *            complete but not synced: that may take long
 *   errors   at once: STORE_ECONFLICT  another copy is being made;
 *            STORE_EINVAL, STORE_ENOMEM, STORE_ECLOSED. In the completion:
 *            STORE_EDIR  the file cannot be made; STORE_EFULL, STORE_EIO,
 *            STORE_ENOMEM, STORE_ECLOSED. A failed copy fails nothing else
 */
STORE_MUST_USE enum store_err store_backup(struct store *store,
                                           const char *path,
                                           store_backup_fn *done, void *arg);

#endif /* STORE_STORE_BACKUP_H */
