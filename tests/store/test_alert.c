/* SPDX-License-Identifier: MIT */

/*
 * Alerts, what was told, and the outbox, as the store keeps them.
 */

#include <stdio.h>
#include <string.h>

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#define CERT_A \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

struct heard {
    struct bed *bed;
    struct store_alert alerts[8]; /* texts are not kept */
    char kinds[8][32];
    struct store_told tolds[8];
    struct store_message message;
    bool has_message;
    char text[64];
    size_t n;
};

static void
on_alerts(void *arg, enum store_err err, const struct store_alert *alerts,
          size_t n)
{
    struct heard *heard = arg;

    heard->bed->err = err;
    heard->bed->n_done++;
    heard->n = n;
    for (size_t i = 0; i < n && i < 8; i++) {
        heard->alerts[i] = alerts[i];
        snprintf(heard->kinds[i], sizeof heard->kinds[i], "%s", alerts[i].kind);
    }
}

static void
on_tolds(void *arg, enum store_err err, const struct store_told *tolds,
         size_t n)
{
    struct heard *heard = arg;

    heard->bed->err = err;
    heard->bed->n_done++;
    heard->n = n;
    for (size_t i = 0; i < n && i < 8; i++)
        heard->tolds[i] = tolds[i];
}

static void
on_message(void *arg, enum store_err err, const struct store_message *message)
{
    struct heard *heard = arg;

    heard->bed->err = err;
    heard->bed->n_done++;
    heard->has_message = message != NULL;
    if (message == NULL)
        return;
    heard->message = *message;
    snprintf(heard->text, sizeof heard->text, "%s", message->alert.text);
}

static void
await(struct heard *heard, enum store_err asked)
{
    assert_int_equal(asked, STORE_OK);
    heard->bed->n_done = 0;
    bed_wait(heard->bed, 1);
}

static struct store_alert
alert_of(const char *kind, const char *text)
{
    return (struct store_alert){
        .kind = kind,
        .topic = BED_TOPIC,
        .severity = "warning",
        .text = text,
        .cert = CERT_A,
        .threshold_days = 30,
    };
}

static void
put(struct heard *heard, const char *kind, const char *text, uint32_t channels)
{
    struct store_alert alert = alert_of(kind, text);
    struct store_told told = {
        .cert = CERT_A, .thresholds = 3, .days = UINT64_MAX, .last_day = 70};

    await(heard, store_alert_put(heard->bed->store, &alert, &told, channels,
                                 on_alerts, heard));
    assert_int_equal(heard->bed->err, STORE_OK);
    assert_int_equal(heard->n, 1);
}

static size_t
list(struct heard *heard, bool only_open)
{
    await(heard,
          store_alert_list(heard->bed->store, only_open, 8, on_alerts, heard));
    assert_int_equal(heard->bed->err, STORE_OK);
    return heard->n;
}

static size_t
tolds(struct heard *heard)
{
    await(heard, store_alert_told(heard->bed->store, on_tolds, heard));
    return heard->n;
}

static bool
next(struct heard *heard, uint32_t channel)
{
    await(heard,
          store_outbox_next(heard->bed->store, channel, on_message, heard));
    assert_int_equal(heard->bed->err, STORE_OK);
    return heard->has_message;
}

TEST(an_alert_is_there_with_all_of_its_parts_after_reopening)
{
    struct heard heard = {.bed = bed_start()};

    put(&heard, "expiry", "in 30 days", 3);
    bed_reopen(heard.bed);
    assert_int_equal(list(&heard, true), 1);
    assert_string_equal(heard.kinds[0], "expiry");
    assert_int_equal(heard.alerts[0].at_ms, heard.bed->now);
    assert_int_equal(heard.alerts[0].threshold_days, 30);
    assert_int_equal(tolds(&heard), 1);
    assert_int_equal(heard.tolds[0].thresholds, 3);
    assert_true(heard.tolds[0].days == UINT64_MAX);
    assert_int_equal(heard.tolds[0].last_day, 70);
    assert_true(next(&heard, 0));
    assert_string_equal(heard.text, "in 30 days");
    assert_true(next(&heard, 1));
    assert_false(next(&heard, 2));
    await(&heard,
          store_event_list(heard.bed->store, 0, 10, bed_on_events, heard.bed));
    assert_string_equal(heard.bed->events[0].kind, "alert.expiry");
    bed_free(heard.bed);
}

TEST(a_new_one_of_its_kind_ends_the_one_before)
{
    struct heard heard = {.bed = bed_start()};

    put(&heard, "expiry", "in 30 days", 0);
    put(&heard, "refused", "by APNs", 0);
    put(&heard, "expiry", "in 15 days", 0);
    assert_int_equal(list(&heard, true), 2);
    assert_int_equal(list(&heard, false), 3);
    assert_true(heard.alerts[2].ended_at_ms != 0);
    bed_free(heard.bed);
}

TEST(an_end_forgets_what_was_told_and_sends_its_own_message)
{
    struct heard heard = {.bed = bed_start()};
    int64_t id;

    put(&heard, "expiry", "in 30 days", 0);
    id = heard.alerts[0].id;
    await(&heard,
          store_alert_end(heard.bed->store, id, NULL, 1, on_alerts, &heard));
    assert_int_equal(heard.bed->err, STORE_OK);
    assert_int_equal(tolds(&heard), 0);
    assert_int_equal(list(&heard, true), 0);
    assert_true(next(&heard, 0));
    assert_true(heard.message.is_end);
    await(&heard,
          store_alert_end(heard.bed->store, id, NULL, 1, on_alerts, &heard));
    assert_int_equal(heard.bed->err, STORE_ENOTFOUND);
    bed_free(heard.bed);
}

TEST(a_message_that_is_put_off_comes_behind_the_others)
{
    struct heard heard = {.bed = bed_start()};
    int64_t first;

    put(&heard, "expiry", "first", 1);
    put(&heard, "refused", "second", 1);
    assert_true(next(&heard, 0));
    assert_string_equal(heard.text, "first");
    first = heard.message.id;
    await(&heard,
          store_outbox_put_off(heard.bed->store, first, heard.bed->now + 1000,
                               bed_on_done, heard.bed));
    bed_reopen(heard.bed);
    assert_true(next(&heard, 0));
    assert_string_equal(heard.text, "second");
    await(&heard, store_outbox_drop(heard.bed->store, heard.message.id,
                                    bed_on_done, heard.bed));
    assert_true(next(&heard, 0));
    assert_int_equal(heard.message.id, first);
    assert_int_equal(heard.message.attempt, 1);
    assert_int_equal(heard.message.due_ms, heard.bed->now + 1000);
    await(&heard,
          store_outbox_drop(heard.bed->store, first, bed_on_done, heard.bed));
    assert_false(next(&heard, 0));
    await(&heard,
          store_outbox_drop(heard.bed->store, first, bed_on_done, heard.bed));
    assert_int_equal(heard.bed->err, STORE_ENOTFOUND);
    bed_free(heard.bed);
}

TEST(what_breaks_its_shape_is_refused_at_once)
{
    struct heard heard = {.bed = bed_start()};
    struct store *store = heard.bed->store;
    struct store_alert alert = alert_of("expiry", "");
    struct store_told told = {.cert = "short"};

    assert_int_equal(store_alert_put(store, &alert, NULL, 0, NULL, NULL),
                     STORE_EINVAL);
    alert = alert_of("expiry", "text");
    assert_int_equal(store_alert_put(store, &alert, &told, 0, NULL, NULL),
                     STORE_EINVAL);
    assert_int_equal(store_alert_put(store, &alert, NULL,
                                     1U << STORE_MAX_CHANNELS, NULL, NULL),
                     STORE_EINVAL);
    assert_int_equal(store_alert_list(store, true, 0, NULL, NULL),
                     STORE_EINVAL);
    assert_int_equal(store_outbox_next(store, STORE_MAX_CHANNELS, NULL, NULL),
                     STORE_EINVAL);
    bed_free(heard.bed);
}
