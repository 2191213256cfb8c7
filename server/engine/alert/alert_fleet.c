/* SPDX-License-Identifier: MIT */
#include "alert_fleet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "server/engine/engine_core.h"

/*
 * Topics that nobody holds.
 */

/* The client's status, also of a certificate that it does not take. */
static bool
find_cert(struct rouse *rouse, const char *name, struct apns_cert *cert)
{
    struct apns_identity_status status;
    const struct topic *topic = topics_find(&rouse->topics, name);

    if (apns_identity_get(rouse->client, name, &status) == APNS_OK) {
        *cert = status.cert;
        return true;
    }
    if (topic == NULL || topic->refused == NULL)
        return false;
    *cert = *topic->refused;
    return true;
}

static void
on_held(void *arg, const struct apns_identity_status *status)
{
    char *list = arg; /* of 160 bytes */
    size_t len = strlen(list);

    if (len < 100)
        snprintf(list + len, 160 - len, "%s%.100s", len > 0 ? ", " : "",
                 status->cert.topic);
}

static void
raise_mismatch(struct rouse *rouse, const struct store_topic_count *count)
{
    char text[CERTLIFE_MAX_TEXT];
    char held[160] = "";
    struct store_alert alert = {
        .kind = alert_book_word(ALERT_KIND_TOPIC_MISMATCH),
        .topic = count->topic,
        .severity = "warning",
        .text = text,
        .cert = "",
        .threshold_days = -1,
    };

    rouse_cert_each(rouse, on_held, held);
    snprintf(
        text, sizeof text,
        "%" PRId64
        " enrollment%s cannot be woken: the topic is %.120s, and there is no "
        "certificate for it here (%s%.150s). Either a new certificate was "
        "created instead of a renewal, or another server enrolled them.",
        count->n[STORE_STATE_ENABLED],
        count->n[STORE_STATE_ENABLED] == 1 ? "" : "s", count->topic,
        held[0] != '\0' ? "held: " : "none is held", held);
    alert_raise(rouse, &alert, NULL);
}

static void
look_at_topic(struct rouse *rouse, const struct store_topic_count *count)
{
    const struct alert_open *open = alert_book_find(
        &rouse->alerts.book, ALERT_KIND_TOPIC_MISMATCH, count->topic);
    struct apns_cert cert;
    bool is_mismatch = count->topic[0] != '\0' &&
                       count->n[STORE_STATE_ENABLED] > 0 &&
                       !find_cert(rouse, count->topic, &cert);

    if (is_mismatch && open == NULL)
        raise_mismatch(rouse, count);
    else if (!is_mismatch && open != NULL)
        alert_finish(rouse, open, NULL);
}

/*
 * Devices that are silent since their certificate lapsed.
 */

struct counting {
    struct rouse *rouse;
    char topic[APNS_MAX_TOPIC + 1];
    int64_t since_ms;
    int64_t n_all;
    bool is_renewed;
};

static void
raise_silent(struct counting *counting, int64_t n)
{
    char text[CERTLIFE_MAX_TEXT];
    char date[RFC3339_DAY];
    struct store_alert alert = {
        .kind = alert_book_word(ALERT_KIND_SILENT),
        .topic = counting->topic,
        .severity = "warning",
        .text = text,
        .cert = "",
        .threshold_days = -1,
        .since_ms = counting->since_ms,
    };

    rfc3339_day(counting->since_ms / 1000, date);
    snprintf(text, sizeof text,
             "%" PRId64 " of %" PRId64
             " enrollments of %.200s have not been seen since its push "
             "certificate lapsed on %s.",
             n, counting->n_all, counting->topic, date);
    alert_raise(counting->rouse, &alert, NULL);
}

static void
on_count(void *arg, enum store_err err, int64_t n)
{
    struct counting *counting = arg;
    struct rouse *rouse = counting->rouse;
    const struct alert_open *open;

    rouse->alerts.n_underway--;
    if (err == STORE_OK && !rouse->is_freeing) {
        open = alert_book_find(&rouse->alerts.book, ALERT_KIND_SILENT,
                               counting->topic);
        if (open == NULL && n > 0)
            raise_silent(counting, n);
        else if (open != NULL &&
                 (n == 0 ||
                  (counting->is_renewed &&
                   tick_now(rouse) > open->at_ms + ALERT_FLEET_TELL_MS)))
            alert_finish(rouse, open, NULL);
    }
    free(counting);
}

static void
count_silent(struct rouse *rouse, const struct store_topic_count *count,
             int64_t since_ms, bool is_renewed)
{
    struct counting *counting = calloc(1, sizeof *counting);
    struct store_filter filter = {
        .topic = count->topic,
        .states = 1U << STORE_STATE_ENABLED,
        .seen_before_ms = since_ms,
    };

    if (counting == NULL)
        return;
    counting->rouse = rouse;
    counting->since_ms = since_ms;
    counting->n_all = count->n[STORE_STATE_ENABLED];
    counting->is_renewed = is_renewed;
    snprintf(counting->topic, sizeof counting->topic, "%s", count->topic);
    if (store_enrollment_count(rouse->store, &filter, on_count, counting) ==
        STORE_OK)
        rouse->alerts.n_underway++;
    else
        free(counting);
}

/* True when it was counted. An alert that is open keeps the day of the lapse
   also when the certificate was renewed since. */
static bool
look_at_lapse(struct rouse *rouse, const struct store_topic_count *count,
              int64_t now_ms)
{
    const struct alert_open *open =
        alert_book_find(&rouse->alerts.book, ALERT_KIND_SILENT, count->topic);
    struct apns_cert cert;

    if (!find_cert(rouse, count->topic, &cert))
        return false;
    if (now_ms / 1000 - ALERT_FLEET_GRACE_S >= cert.not_after_unix) {
        count_silent(rouse, count, cert.not_after_unix * 1000, false);
        return true;
    }
    if (open == NULL || open->since_ms == cert.not_after_unix * 1000)
        return false; /* none; or the clock was set back */
    count_silent(rouse, count, open->since_ms, true);
    return true;
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct rouse *rouse = arg;
    struct alerts *alerts = &rouse->alerts;
    int64_t now_ms = tick_now(rouse);
    size_t n_counted = 0;

    alerts->n_underway--;
    if (err != STORE_OK || rouse->is_freeing)
        return;
    for (size_t i = 0; i < stats->n_topics; i++) {
        struct topic *topic =
            topics_find(&rouse->topics, stats->topics[i].topic);

        if (topic != NULL)
            topic->n_enabled =
                (uint64_t)stats->topics[i].n[STORE_STATE_ENABLED];
        look_at_topic(rouse, &stats->topics[i]);
        if (alerts->is_counting && n_counted < ALERT_FLEET_MAX_LAPSED &&
            look_at_lapse(rouse, &stats->topics[i], now_ms))
            n_counted++;
    }
}

void
alert_fleet_look(struct rouse *rouse, int64_t now_ms)
{
    struct alerts *alerts = &rouse->alerts;

    alerts->is_counting = alerts->counted_ms == 0 ||
                          now_ms < alerts->counted_ms ||
                          now_ms >= alerts->counted_ms + ALERT_COUNT_MS;
    if (alerts->is_counting)
        alerts->counted_ms = now_ms;
    if (store_stats_get(rouse->store, on_stats, rouse) == STORE_OK)
        alerts->n_underway++;
}
