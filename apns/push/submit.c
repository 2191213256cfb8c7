/* SPDX-License-Identifier: MIT */

/* apns_submit, and what its caller can ask about the queue. */

#include <string.h>

#include "apns/base/must.h"
#include "apns/client.h"
#include "outcome.h"

#define MINUTE 60

/* Up to the minute: HPACK keeps the header as long as it does not change. */
static int64_t
round_expiry(const struct apns_client *client, int64_t expires_unix)
{
    if (expires_unix == APNS_EXPIRES_DEFAULT)
        expires_unix = client->now_unix + client->config.expiration_s;
    return (expires_unix + MINUTE - 1) / MINUTE * MINUTE;
}

static bool
is_expiry_valid(int64_t expires_unix)
{
    return expires_unix == APNS_EXPIRES_DEFAULT ||
           (expires_unix >= 0 && expires_unix < UINT32_MAX * INT64_C(64));
}

enum apns_err
apns_submit(struct apns_client *client, const struct apns_push *push,
            apns_result_fn *on_result, void *arg)
{
    struct identity *identity;
    struct slot *slot;
    uint32_t span_ms = push->deadline_ms;
    enum apns_err err;

    if (client->is_draining)
        return APNS_ECLOSED;
    if (push->topic == NULL || on_result == NULL ||
        !is_expiry_valid(push->expires_unix))
        return APNS_EINVAL;
    if ((identity = client_find(client, push->topic)) == NULL)
        return APNS_ENOTOPIC;
    if ((err = slot_take(&client->slots, push, &slot)) != APNS_OK) {
        client->was_busy = client->was_busy || err == APNS_EBUSY;
        return err;
    }
    if (span_ms == 0)
        span_ms = client->config.deadline_ms;
    slot->state = SLOT_QUEUED;
    slot->is_urgent = push->is_urgent;
    slot->is_apart =
        client->suspects.n > 0 && suspects_has(&client->suspects, slot);
    slot->on_result = on_result;
    slot->arg = arg;
    slot->submitted_at_us = client->now_us;
    slot->expires_unix = round_expiry(client, push->expires_unix);
    deadline_add(&client->deadlines, slot, span_ms, client->now_us);
    client_watch_deadline(client, slot);
    client->stats.n_submitted++;
    outcome_queue(identity, slot);
    return APNS_OK;
}

uint32_t
apns_room(const struct apns_client *client)
{
    if (client->is_draining)
        return 0;
    return client->slots.max - client->slots.n_used;
}

void
apns_stats_get(const struct apns_client *client, struct apns_stats *stats)
{
    *stats = client->stats;
}
