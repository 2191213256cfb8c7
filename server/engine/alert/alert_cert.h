/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ALERT_CERT_H
#define ENGINE_ALERT_CERT_H

/*
 * Alerts about push certificates: their expiry, and what APNs says of them.
 * What is due is decided in certlife.
 */

#include <stdint.h>

#include "server/certlife/certlife.h"

struct rouse;

/** alert_cert_look(rouse, now_ms): raise and finish what is due. */
void alert_cert_look(struct rouse *rouse, int64_t now_ms);

/** alert_cert_state(rouse, status, now_unix): the state of a certificate. */
enum certlife_state alert_cert_state(struct rouse *rouse,
                                     const struct apns_identity_status *status,
                                     int64_t now_unix);

#endif /* ENGINE_ALERT_CERT_H */
