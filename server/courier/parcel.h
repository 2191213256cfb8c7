/* SPDX-License-Identifier: MIT */
#ifndef COURIER_PARCEL_H
#define COURIER_PARCEL_H

/*
 * A message's body, its signature, and when it is tried again: pure.
 */

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define PARCEL_MAX       4096 /* bytes of a body: fits into any pipe */
#define PARCEL_SIGNATURE 72   /* "sha256=", 64 hex digits and the NUL */
#define PARCEL_MIN_MS    1000
#define PARCEL_MAX_MS    3600000

/**
 * parcel_json(message): {"id","at","kind","topic","severity","state","text",
 * "threshold_days","ended_at"}; new, NULL when memory is out.
 */
char *parcel_json(const struct store_message *message);

/** parcel_sign(key, body, len, value): "sha256=" and the HMAC-SHA256 of the
 *  body in hex. False when OpenSSL fails. */
bool parcel_sign(const char *key, const char *body, size_t len,
                 char value[PARCEL_SIGNATURE]);

/** parcel_delay_ms(attempt, chance): after the ${attempt}-th failure, 1, 2,
 *  …; ${chance} within 0 and UINT32_MAX makes it ±25 %. */
int64_t parcel_delay_ms(uint32_t attempt, uint32_t chance);

#endif /* COURIER_PARCEL_H */
