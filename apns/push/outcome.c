/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <string.h>

#include "apns/base/must.h"
#include "apns/client.h"
#include "apns/http2/reply.h"
#include "apns/log.h"

/* It is in no list any more. When it was part of a probe, its end may be the
 * probe's, too. */
static void
end_push(struct identity *identity, struct slot *slot,
         enum apns_outcome outcome, enum apns_class class_, const char *reason)
{
    enum apns_identity_state before = breaker_state(&identity->breaker);
    bool is_refused =
        outcome == APNS_REJECTED &&
        (class_ == APNS_CLASS_IDENTITY || class_ == APNS_CLASS_SUSPECT ||
         class_ == APNS_CLASS_UNDECIDED);
    uint32_t probe = slot->probe;

    client_end(identity->client, slot, outcome, class_, reason);
    if (probe != 0 && breaker_end_probe(&identity->breaker, probe, is_refused))
        identity_follow(identity, before, identity->breaker.is_proven);
}

/* Why a stopped identity fails what it is given. */
static void
end_stopped(struct identity *identity, struct slot *slot)
{
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_IDENTITY,
             identity->is_removed ? "identity removed" : identity->why);
}

static struct slot_list *
queue_of(struct identity *identity, const struct slot *slot)
{
    if (slot->is_apart)
        return &identity->apart;
    if (slot->is_resent)
        return &identity->resent;
    return slot->is_urgent ? &identity->urgent : &identity->queue;
}

static void
leave_queue(struct identity *identity, struct slot *slot)
{
    TAILQ_REMOVE(queue_of(identity, slot), slot, link);
    identity->n_queued--;
    identity->n_apart -= slot->is_apart;
    identity->client->stats.n_queued--;
}

struct slot *
outcome_dequeue(struct identity *identity, const struct conn *conn)
{
    struct slot *slot = TAILQ_FIRST(&identity->urgent);

    if (conn->is_apart)
        slot = TAILQ_FIRST(&identity->apart);
    else if (slot == NULL && conn->n_resent < CONN_MAX_RESENT)
        slot = TAILQ_FIRST(&identity->resent);
    if (slot == NULL && !conn->is_apart)
        slot = TAILQ_FIRST(&identity->queue);
    if (slot != NULL)
        leave_queue(identity, slot);
    return slot;
}

static void
end_recalled(struct identity *identity, struct slot *slot)
{
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_NO_ANSWER, "recalled");
}

/* Everything that waits ends by ${end}. */
static void
end_all(struct identity *identity,
        void (*end)(struct identity *identity, struct slot *slot))
{
    struct slot_list *const lists[] = {&identity->urgent, &identity->resent,
                                       &identity->queue, &identity->apart};
    struct slot *slot;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        while ((slot = TAILQ_FIRST(lists[i])) != NULL) {
            leave_queue(identity, slot);
            end(identity, slot);
        }
    }
}

void
outcome_end_queued(struct identity *identity)
{
    end_all(identity, end_stopped);
}

void
outcome_recall_queued(struct identity *identity)
{
    end_all(identity, end_recalled);
}

/* While it is probed, what was moved from its former connections is none of
 * the few that it takes. */
static bool
may_wait(struct identity *identity, struct slot *slot)
{
    struct breaker *breaker = &identity->breaker;

    if (identity->is_removed)
        return false;
    if (breaker_state(breaker) != APNS_IDENTITY_PROBING)
        return breaker_state(breaker) != APNS_IDENTITY_STOPPED;
    if (slot->n_moves > 0)
        return slot->probe == breaker->round;
    return breaker_take(breaker, &slot->probe);
}

static bool
takes_none(const struct identity *identity)
{
    return identity->is_removed ||
           breaker_state(&identity->breaker) == APNS_IDENTITY_STOPPED;
}

void
outcome_queue(struct identity *identity, struct slot *slot)
{
    slot->identity = identity;
    if (!may_wait(identity, slot)) {
        end_stopped(identity, slot);
        return;
    }
    if (identity->client->recall_at_us != 0) {
        end_recalled(identity, slot);
        return;
    }
    /* What was moved goes first: it has waited before. What was lost keeps
     * its order, and waits for those lost before it. */
    if (slot->n_moves > 0 && !slot->is_resent)
        TAILQ_INSERT_HEAD(queue_of(identity, slot), slot, link);
    else
        TAILQ_INSERT_TAIL(queue_of(identity, slot), slot, link);
    slot->state = SLOT_QUEUED;
    identity->n_queued++;
    identity->n_apart += slot->is_apart;
    identity->client->stats.n_queued++;
    identity_wake(identity);
}

/* Its stream is gone, whatever comes next. */
static void
leave_flight(struct identity *identity, struct slot *slot)
{
    must(identity->n_in_flight > 0 && slot->state == SLOT_FLYING);
    slot->conn = NULL;
    identity->n_in_flight--;
    identity->client->stats.n_in_flight--;
    if (identity->n_in_flight == 0)
        identity_wake(identity);
}

void
outcome_requeue(struct identity *identity, struct slot *slot)
{
    leave_flight(identity, slot);
    if (slot->n_moves < UINT16_MAX)
        slot->n_moves++;
    identity->client->stats.n_moved++;
    outcome_queue(identity, slot);
}

void
outcome_lose(struct identity *identity, struct slot *slot)
{
    bool is_last = slot->is_resent || slot->is_apart;

    /* A stopped identity says what its pushes end of. */
    if (!is_last || takes_none(identity)) {
        slot->is_resent = true;
        outcome_requeue(identity, slot);
        return;
    }
    leave_flight(identity, slot);
    suspects_add(&identity->client->suspects, slot);
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_NO_ANSWER,
             "connection lost");
}

size_t
outcome_latency_bucket(uint64_t us)
{
    size_t bucket = 0;

    while (bucket < APNS_LATENCY_BUCKETS - 1 && us > (UINT64_C(1000) << bucket))
        bucket++;
    return bucket;
}

static void
note_latency(struct apns_client *client, struct slot *slot)
{
    uint64_t us = client->now_us - slot->submitted_at_us;

    slot->latency_us = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    client->stats.latency_sum_us += us;
    client->stats.latency_count[outcome_latency_bucket(us)]++;
}

/* Reason, timestamp and class out of an answer that is not 200. */
static enum apns_class
read_refusal(struct identity *identity, struct slot *slot)
{
    struct reply_body body = {.reason = ""};
    enum apns_class class_;

    if (slot->answer != NULL)
        (void)reply_body_read(slot->answer->text, slot->answer->len, &body);
    memcpy(slot->reason, body.reason, sizeof slot->reason);
    if (slot->status == 410)
        slot->timestamp_ms = body.timestamp_ms;
    class_ = reply_classify(slot->status, slot->reason);
    if (class_ == APNS_CLASS_OURS || class_ == APNS_CLASS_IDENTITY)
        log_line(&identity->client->config, APNS_LOG_ERROR,
                 EVENT_REFUSED " topic=%s token=%.8s status=%u reason=%s",
                 identity->cert.topic, slot->text + sizeof SLOT_PATH_PREFIX - 1,
                 slot->status, slot->reason[0] != '\0' ? slot->reason : "-");
    return class_;
}

/* Several authors saw all later pushes on such a connection fail. */
static void
refresh(struct identity *identity, struct conn *conn)
{
    uint64_t age_us = identity->client->now_us - conn->phase_at_us;

    if (conn->state == CONN_OPEN && age_us > OUTCOME_REFRESH_MS * 1000ULL)
        conn_drain(conn, "server trouble");
}

/* FNV-1a over the token's hex digits. */
static uint32_t
hash_token(const struct slot *slot)
{
    uint32_t hash = 2166136261U;

    for (size_t i = sizeof SLOT_PATH_PREFIX - 1; i < slot->path_len; i++)
        hash = (hash ^ (unsigned char)slot->text[i]) * 16777619U;
    return hash;
}

/* What it means for the certificate in force, too. */
static enum apns_class
judge(struct identity *identity, const struct slot *slot,
      enum apns_class class_)
{
    const struct breaker_answer answer = {
        .class_ = class_,
        .reason = slot->reason,
        .token = class_ == APNS_CLASS_SUSPECT ? hash_token(slot) : 0,
    };

    return breaker_on_answer(&identity->breaker, &answer);
}

/*
 * An answer to another certificate says nothing of the one in force. When it
 * blames that other one, the push has not been tried yet as far as this one
 * is concerned. True: it goes out again.
 */
static bool
move_late(struct identity *identity, struct slot *slot, enum apns_class *class_)
{
    if (*class_ == APNS_CLASS_IDENTITY) {
        slot_answer_drop(&identity->client->slots, slot);
        slot->reason[0] = '\0';
        outcome_requeue(identity, slot);
        return true;
    }
    if (*class_ == APNS_CLASS_SUSPECT && !identity->breaker.is_proven)
        *class_ = APNS_CLASS_UNDECIDED;
    return false;
}

void
outcome_answer(struct identity *identity, struct conn *conn, struct slot *slot)
{
    enum apns_identity_state before = breaker_state(&identity->breaker);
    bool was_proven = identity->breaker.is_proven;
    bool is_late = conn->generation != identity->generation;
    enum apns_class class_ = APNS_CLASS_ACCEPTED;

    if (slot->status != 200)
        class_ = read_refusal(identity, slot);
    if (identity->n_earned < IDENTITY_MAX_EARNED)
        identity->n_earned++;
    if (class_ == APNS_CLASS_TROUBLE)
        refresh(identity, conn);
    if (is_late && move_late(identity, slot, &class_)) {
        /* Or it would go there again, as long as no other is open. */
        conn_drain(conn, "certificate refused");
        return;
    }
    leave_flight(identity, slot);
    note_latency(identity->client, slot);
    if (slot->is_apart)
        suspects_remove(&identity->client->suspects, slot);
    if (!is_late)
        class_ = judge(identity, slot, class_);
    identity_follow(identity, before, was_proven);
    end_push(identity, slot,
             class_ == APNS_CLASS_ACCEPTED ? APNS_ACCEPTED : APNS_REJECTED,
             class_, NULL);
}

void
outcome_reset(struct identity *identity, struct slot *slot)
{
    leave_flight(identity, slot);
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_NO_ANSWER, "stream reset");
}

/* Out of whichever list it waits in. */
static void
take_out(struct identity *identity, struct slot *slot)
{
    switch ((enum slot_state)slot->state) {
    case SLOT_QUEUED:
        leave_queue(identity, slot);
        break;
    case SLOT_FLYING:
        conn_cancel(slot->conn, slot);
        leave_flight(identity, slot);
        break;
    case SLOT_FREE:
    case SLOT_DONE:
        must(false);
    }
}

void
outcome_expire(struct identity *identity, struct slot *slot)
{
    struct conn *conn = slot->conn; /* NULL: not in flight */

    take_out(identity, slot);
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_NO_ANSWER, "deadline");
    if (conn != NULL)
        conn_note_deadline(conn);
}

void
outcome_abandon(struct identity *identity, struct slot *slot)
{
    take_out(identity, slot);
    end_push(identity, slot, APNS_FAILED, APNS_CLASS_NO_ANSWER, "client freed");
}
