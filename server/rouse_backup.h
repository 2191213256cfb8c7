/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_BACKUP_H
#define ROUSE_ROUSE_BACKUP_H

/*
 * Backups. Part of rouse.h, which includes it.
 */

#include <stdint.h>

#include "rouse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef void rouse_backup_fn(void *arg, enum rouse_err err, int64_t n_bytes);

/**
 * rouse_backup(rouse, path, done, arg):
 * Copy the database to the new file ${path}, mode 0600, while everything goes
 * on, at 32 MiB a second at most. It is one consistent state, and it is whole
 * and on disk before it has this name (until then: ".part" behind it). With
 * the master key, which is not in it, it is all that another state directory
 * needs: as rouse.db, with no rouse.db-wal beside it.
 *
 *   errors   ROUSE_ECONFLICT  ${path} exists, or another backup is underway;
 *            ROUSE_EINVAL, ROUSE_EBUSY, ROUSE_ECLOSED, ROUSE_ENOMEM;
 *            ROUSE_ESTATE  ${path} cannot be made; ROUSE_EFULL, ROUSE_EIO.
 *            Then there is no such file
 */
APNS_API APNS_MUST_USE enum rouse_err rouse_backup(struct rouse *rouse,
                                                   const char *path,
                                                   rouse_backup_fn *done,
                                                   void *arg);

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_ROUSE_BACKUP_H */
