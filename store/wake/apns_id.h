/* SPDX-License-Identifier: MIT */
#ifndef STORE_APNS_ID_H
#define STORE_APNS_ID_H

/*
 * An apns-id in the database: a canonical UUID takes 16 bytes, one in capital
 * letters 17, anything else lies there as it is.
 */

#include <stddef.h>
#include <stdint.h>

#include "store/arena.h"

#define APNS_ID_MAX 63 /* bytes kept of one that is no UUID */

/** apns_id_pack(text, bytes): the number of ${bytes} used. */
size_t apns_id_pack(const char *text, uint8_t bytes[APNS_ID_MAX]);

/** apns_id_unpack(arena, bytes, len): the text; NULL: no memory. */
const char *apns_id_unpack(struct arena *arena, const uint8_t *bytes,
                           size_t len);

#endif /* STORE_APNS_ID_H */
