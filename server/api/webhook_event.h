/* SPDX-License-Identifier: MIT */
#ifndef API_WEBHOOK_EVENT_H
#define API_WEBHOOK_EVENT_H

/*
 * The events that NanoMDM and MicroMDM send to a webhook.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_in.h"

struct webhook_event {
    bool has_plist; /* false: an event that says nothing about a device */
    uint8_t *plist; /* owned: free() */
    size_t len;
    int64_t at_ms; /* when the server made it; 0: not told */
};

/**
 * webhook_event_read(json, event, why):
 *
 *   returns  false when it has a payload that cannot be read: ${why} names
 *            the field
 */
bool webhook_event_read(const json_t *json, struct webhook_event *event,
                        char why[JSON_IN_WHY]);

#endif /* API_WEBHOOK_EVENT_H */
