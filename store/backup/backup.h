/* SPDX-License-Identifier: MIT */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

/*
 * The one backup that may be underway, see store_backup.h.
 */

struct store;

/** backup_end(store): the store thread has ended: what is underway is given
 *  up, with its completion. */
void backup_end(struct store *store);

#endif /* STORE_BACKUP_H */
