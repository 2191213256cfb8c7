/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_UUID_H
#define ROUSE_SIM_UUID_H

#include "apns/base/rng.h"

#define SIM_UUID_LEN 36

/**
 * sim_uuid_write(rng, uuid):
 * Write SIM_UUID_LEN upper-case characters, version 4, as APNs writes
 * apns-id. No NUL.
 */
void sim_uuid_write(struct rng *rng, char *uuid);

#endif /* ROUSE_SIM_UUID_H */
