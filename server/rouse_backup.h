/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_ROUSE_BACKUP_H
#define ROUSE_ROUSE_BACKUP_H

/*
 * Backups, and a master key that is lost. Part of rouse.h, which includes it.
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

/* Private keys that a lost master key sealed. */
struct rouse_lost_keys {
    uint64_t n_certs; /* of certificates, in force or ever held */
    uint64_t n_requests;
    uint64_t n_vendors;
    uint64_t n; /* in all */
};

/**
 * rouse_lost_master_key(config, n_confirmed, by, lost, why):
 * The master key is lost: go on with another one. Blocking, and before
 * rouse_new. Enrollments, groups, API keys, history and waiting wakes stay;
 * every private key is given up, and the requests and the vendor's
 * certificate with theirs. Certificates stay listed ("key_lost") until they
 * are imported again with their keys, or renewed; then wakes go out. The new
 * key is the one in the key's file; where there is none, it is made.
 *
 *   shape    ${n_confirmed} must be ${lost->n}; ask with 0 first
 *   why      256 bytes; on error, one line that says what to do next
 *   errors   ROUSE_EGUARD  a wrong number, see ${lost}; ROUSE_ECONFLICT  the
 *            key that is there opens the database; ROUSE_ENOTFOUND  there is
 *            no database; as rouse_new. Nothing was changed then
 */
APNS_API APNS_MUST_USE enum rouse_err
rouse_lost_master_key(const struct rouse_config *config, uint64_t n_confirmed,
                      const char *by, struct rouse_lost_keys *lost, char *why);

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_ROUSE_BACKUP_H */
