/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_FALL_H
#define ENGINE_LIFE_FALL_H

/*
 * The way back: APNs refuses a new certificate, and the one that it replaced
 * goes into service again.
 */

#include <stdbool.h>

struct life_cert;
struct rouse;

/** life_fall_begin(rouse, cert): false: it cannot even be tried. */
bool life_fall_begin(struct rouse *rouse, struct life_cert *cert);

#endif /* ENGINE_LIFE_FALL_H */
