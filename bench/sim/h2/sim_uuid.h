/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_UUID_H
#define ROUSE_SIM_UUID_H

#include <stddef.h>
#include <stdint.h>

#include "apns/base/rng.h"

#define SIM_UUID_LEN  36
#define SIM_UUID_ROOM 40 /* bytes that sim_uuid_code may touch */

/**
 * sim_uuid_write(rng, uuid):
 * Write SIM_UUID_LEN upper-case characters, version 4, as APNs writes
 * apns-id. No NUL.
 */
void sim_uuid_write(struct rng *rng, char *uuid);

/**
 * sim_uuid_code(to, uuid):
 * Write its characters in HPACK's Huffman code (RFC 7541, section 5.2).
 *
 *   shape    ${to} has SIM_UUID_ROOM bytes
 *   returns  the bytes used, at most 32
 */
size_t sim_uuid_code(uint8_t *to, const char *uuid);

#endif /* ROUSE_SIM_UUID_H */
