/* SPDX-License-Identifier: MIT */

/* The store's answers: copied, for they are gone when a completion returns. */

#include "store_bed.h"

#include <string.h>

static const void *
keep(struct bed *bed, const void *bytes, size_t len)
{
    char *copy = bed->texts + bed->texts_len;

    assert_true(bed->texts_len + len <= sizeof bed->texts);
    memcpy(copy, bytes, len);
    bed->texts_len += len;
    return copy;
}

static const char *
keep_text(struct bed *bed, const char *text)
{
    return text == NULL ? NULL : keep(bed, text, strlen(text) + 1);
}

static struct bed *
take_err(void *arg, enum store_err err)
{
    struct bed *bed = arg;

    bed->n_done++;
    bed->err = err;
    return bed;
}

void
bed_on_done(void *arg, enum store_err err)
{
    take_err(arg, err);
}

void
bed_on_count(void *arg, enum store_err err, int64_t count)
{
    take_err(arg, err)->count = count;
}

void
bed_on_checkin(void *arg, enum store_err err,
               const struct store_checkin_answer *answer)
{
    struct bed *bed = take_err(arg, err);

    memset(&bed->checkin, 0, sizeof bed->checkin);
    if (err == STORE_OK)
        bed->checkin = *answer;
}

void
bed_on_enrollments(void *arg, enum store_err err,
                   const struct store_enrollment *enrollments, size_t n,
                   int64_t next)
{
    struct bed *bed = take_err(arg, err);

    bed->n = n;
    bed->next = next;
    for (size_t i = 0; i < n && i < BED_MAX; i++) {
        struct store_enrollment *it = &bed->enrollments[i];

        *it = enrollments[i];
        it->id = keep_text(bed, it->id);
        it->parent = keep_text(bed, it->parent);
        it->serial = keep_text(bed, it->serial);
        it->topic = keep_text(bed, it->topic);
        it->magic = keep_text(bed, it->magic);
        it->group = keep_text(bed, it->group);
        it->token = keep(bed, it->token, it->token_len);
        it->last_push.reason = keep_text(bed, it->last_push.reason);
        it->last_push.apns_id = keep_text(bed, it->last_push.apns_id);
    }
}

void
bed_on_waves(void *arg, enum store_err err, const struct store_wave *waves,
             size_t n, int64_t next)
{
    struct bed *bed = take_err(arg, err);

    bed->n = n;
    bed->next = next;
    if (n == 0)
        return;
    bed->wave = waves[0];
    bed->wave.asked_by = keep_text(bed, bed->wave.asked_by);
    bed->wave.filter.topic = keep_text(bed, bed->wave.filter.topic);
    bed->wave.filter.parent = keep_text(bed, bed->wave.filter.parent);
    bed->wave.filter.serial = keep_text(bed, bed->wave.filter.serial);
}

static void
take_batch(struct bed *bed, struct store_batch *batch)
{
    store_batch_free(bed->batch);
    bed->batch = batch;
    bed->n = batch == NULL ? 0 : batch->n;
}

void
bed_on_page(void *arg, enum store_err err, struct store_batch *batch,
            const struct store_page *page)
{
    struct bed *bed = take_err(arg, err);

    take_batch(bed, batch);
    bed->next = page->next;
    bed->is_blocked = page->is_blocked;
}

void
bed_on_settled(void *arg, enum store_err err,
               const struct store_settle_answer *answer)
{
    struct bed *bed = take_err(arg, err);

    bed->settled =
        answer != NULL ? *answer : (struct store_settle_answer){false, false};
}

void
bed_on_events(void *arg, enum store_err err, const struct store_event *events,
              size_t n)
{
    struct bed *bed = take_err(arg, err);

    bed->n = n;
    for (size_t i = 0; i < n && i < BED_MAX; i++) {
        bed->events[i] = events[i];
        bed->events[i].kind = keep_text(bed, events[i].kind);
        bed->events[i].subject = keep_text(bed, events[i].subject);
        bed->events[i].actor = keep_text(bed, events[i].actor);
        bed->events[i].detail = keep_text(bed, events[i].detail);
    }
}

void
bed_on_identities(void *arg, enum store_err err,
                  const struct store_identity *identities, size_t n)
{
    struct bed *bed = take_err(arg, err);

    bed->n = n;
    for (size_t i = 0; i < n && i < BED_MAX; i++) {
        struct store_identity *it = &bed->identities[i];

        *it = identities[i];
        it->topic = keep_text(bed, it->topic);
        it->cert_pem = keep_text(bed, it->cert_pem);
        it->key_pem = keep_text(bed, it->key_pem);
        it->sha256 = keep_text(bed, it->sha256);
        it->apple_account = keep_text(bed, it->apple_account);
        it->note = keep_text(bed, it->note);
        it->retired_why = keep_text(bed, it->retired_why);
        it->host = keep_text(bed, it->host);
        it->undecided_reason = keep_text(bed, it->undecided_reason);
    }
}

void
bed_on_keys(void *arg, enum store_err err, const struct store_key *keys,
            size_t n, int64_t next)
{
    struct bed *bed = take_err(arg, err);

    bed->n = n;
    bed->next = next;
    for (size_t i = 0; i < n && i < BED_MAX; i++) {
        bed->keys[i] = keys[i];
        bed->keys[i].name = keep_text(bed, keys[i].name);
        bed->keys[i].topic = keep_text(bed, keys[i].topic);
    }
}

void
bed_on_asked(void *arg, enum store_err err,
             const struct store_wake_answer *answers, size_t n,
             struct store_batch *batch)
{
    struct bed *bed = take_err(arg, err);

    take_batch(bed, batch);
    for (size_t i = 0; i < n && i < BED_MAX; i++)
        bed->answers[i] = answers[i];
}

void
bed_on_claimed(void *arg, enum store_err err, struct store_batch *batch,
               bool is_more)
{
    struct bed *bed = take_err(arg, err);

    take_batch(bed, batch);
    bed->is_more = is_more;
}

void
bed_on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct bed *bed = take_err(arg, err);

    memset(&bed->topic, 0, sizeof bed->topic);
    if (err != STORE_OK)
        return;
    bed->stats = *stats;
    for (size_t i = 0; i < stats->n_topics; i++) {
        if (strcmp(stats->topics[i].topic, BED_TOPIC) == 0)
            bed->topic = stats->topics[i];
    }
}
