/* SPDX-License-Identifier: MIT */
#ifndef API_WEBHOOK_EVENT_H
#define API_WEBHOOK_EVENT_H

/*
 * The events that NanoMDM and MicroMDM send to a webhook.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/api/json/json_in.h"
#include "server/rouse.h"

struct webhook_event {
    bool has_plist; /* false: an event that says nothing about a device */
    uint8_t *plist; /* owned: free() */
    size_t len;
    struct rouse_checkin_about about; /* its strings are the JSON's */
};

/**
 * webhook_event_read(json, event, why):
 *
 *   returns  false when it lacks the body that its topic needs, or has one
 *            that cannot be read: ${why} names the field
 *   source   NanoMDM service/webhook; MicroMDM workflow/webhook
 */
bool webhook_event_read(const json_t *json, struct webhook_event *event,
                        char why[JSON_IN_WHY]);

#endif /* API_WEBHOOK_EVENT_H */
