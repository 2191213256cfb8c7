/* SPDX-License-Identifier: MIT */
#ifndef APNS_PAYLOAD_H
#define APNS_PAYLOAD_H

/* The body of an MDM push: {"mdm":"<PushMagic>"} and nothing else. */

#include <stddef.h>

#include "apns/apns.h"

/* Every byte of a magic may become \u00xx; braces, key and quotes are 10. */
#define PAYLOAD_MAX (6 * APNS_MAX_MAGIC + 10)
_Static_assert(PAYLOAD_MAX <= APNS_MAX_PAYLOAD, "Apple's limit");

/**
 * payload_write(out, out_size, magic):
 * Write the body for ${magic}, JSON-escaped, without a NUL; PAYLOAD_MAX bytes
 * suffice for every magic within APNS_MAX_MAGIC. Return its length, or 0 when
 * it does not fit or ${magic} is not UTF-8.
 */
size_t payload_write(char *out, size_t out_size, const char *magic);

#endif /* APNS_PAYLOAD_H */
