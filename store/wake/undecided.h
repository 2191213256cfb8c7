/* SPDX-License-Identifier: MIT */
#ifndef STORE_UNDECIDED_H
#define STORE_UNDECIDED_H

/*
 * Wakes whose tokens APNs refused under a certificate that is not proven:
 * the device's fault or a wrong setting's? They are bound to the certificate
 * in force and its host.
 */

#include "store/store.h"

struct db;

/** undecided_free(db, topic): those of this topic are due now. */
enum store_err undecided_free(struct db *db, const char *topic);

#endif /* STORE_UNDECIDED_H */
