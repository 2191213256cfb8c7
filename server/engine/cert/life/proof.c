/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

#define HOST "api.push.apple.com" /* when none is configured */

/* A request to the store that is about a topic. */
struct question {
    struct rouse *rouse;
    struct topic *topic; /* lives as long as the engine */
    struct page *page;   /* of a probe */
};

static struct question *
ask_about(struct rouse *rouse, struct topic *topic)
{
    struct question *question = calloc(1, sizeof *question);

    if (question == NULL)
        return NULL;
    question->rouse = rouse;
    question->topic = topic;
    return question;
}

static const char *
host_of(const struct rouse *rouse)
{
    return rouse->life.apns.host != NULL ? rouse->life.apns.host : HOST;
}

/* Something could not be written: the next load looks at it again. */
static void
try_again(struct rouse *rouse)
{
    struct pushcerts *pushcerts = &rouse->pushcerts;

    if (pushcerts->again_ms == 0)
        pushcerts->again_ms = tick_now(rouse) + PUSHCERT_AGAIN_MS;
}

static void
on_learnt(void *arg, enum store_err err)
{
    struct rouse *rouse = arg;

    if (err != STORE_OK && err != STORE_ENOTFOUND && !rouse->is_freeing)
        try_again(rouse);
}

static void
learn(struct rouse *rouse, const char *topic, const char *sha256,
      int64_t proven_at_ms)
{
    const struct store_identity_mark mark = {
        .topic = topic,
        .sha256 = sha256,
        .host = host_of(rouse),
        .proven_at_ms = proven_at_ms,
    };

    if (store_identity_learn(rouse->store, &mark, on_learnt, rouse) != STORE_OK)
        try_again(rouse);
}

/*
 * The undecided ones of a certificate that is proven.
 */

static void mark(struct rouse *rouse, struct topic *topic);

static void
on_marked(void *arg, enum store_err err, int64_t n)
{
    struct question *question = arg;
    struct rouse *rouse = question->rouse;
    struct topic *topic = question->topic;

    free(question);
    if (rouse->is_freeing)
        return;
    if (err != STORE_OK) {
        try_again(rouse);
        return;
    }
    if (n == 0)
        return;
    notice_marked(rouse, topic->name, (uint64_t)n);
    walk_touch_all(rouse); /* waves that waited for them may be over */
    tick_wake(rouse);
    if (n == PROOF_PAGE)
        mark(rouse, topic);
}

static void
mark(struct rouse *rouse, struct topic *topic)
{
    struct question *question = ask_about(rouse, topic);

    if (question != NULL &&
        store_undecided_mark(rouse->store, topic->name, PROOF_PAGE, on_marked,
                             question) == STORE_OK)
        return;
    free(question);
    try_again(rouse);
}

/*
 * What is known of a certificate.
 */

static bool
is_proven(const struct rouse *rouse, const struct store_identity *identity)
{
    return identity->proven_at_ms != 0 &&
           strcmp(identity->host, host_of(rouse)) == 0;
}

static void
recall(struct rouse *rouse, const struct store_identity *identity,
       uint32_t n_undecided)
{
    const struct apns_identity_history history = {
        .is_proven = is_proven(rouse, identity),
        .n_undecided = n_undecided,
        .reason = identity->undecided_reason,
    };

    (void)!apns_identity_remember(rouse->client, identity->topic, &history);
}

void
proof_load(struct rouse *rouse, struct topic *topic,
           const struct store_identity *identity)
{
    bool is_other = strcmp(identity->host, host_of(rouse)) != 0;

    if (topic->n_certs > 0) { /* a load after the first one */
        if (topic->is_proven && !is_proven(rouse, identity))
            learn(rouse, identity->topic, identity->sha256, tick_now(rouse));
        if (topic->is_proven && identity->n_undecided > 0)
            mark(rouse, topic);
        return;
    }
    topic->n_certs++;
    if (is_other)
        learn(rouse, identity->topic, identity->sha256, 0);
    recall(rouse, identity, is_other ? 0 : identity->n_undecided);
    if (identity->n_undecided > 0 && is_proven(rouse, identity))
        mark(rouse, topic);
}

void
proof_begin(struct rouse *rouse, struct topic *topic)
{
    (void)rouse;
    topic->n_certs++;
    topic->is_proven = false;
}

static void
on_listed(void *arg, enum store_err err,
          const struct store_identity *identities, size_t n)
{
    struct question *question = arg;
    struct rouse *rouse = question->rouse;
    struct apns_identity_status status;

    free(question);
    if (err != STORE_OK || n != 1 || rouse->is_freeing ||
        apns_identity_get(rouse->client, identities->topic, &status) !=
            APNS_OK ||
        strcmp(status.cert.sha256, identities->sha256) != 0)
        return;
    if (strcmp(identities->host, host_of(rouse)) != 0)
        learn(rouse, identities->topic, identities->sha256, 0);
    recall(rouse, identities, 0);
}

void
proof_recall(struct rouse *rouse, const char *topic)
{
    struct question *question = ask_about(rouse, NULL);

    if (question != NULL &&
        store_identity_list(rouse->store, topic, false, on_listed, question) !=
            STORE_OK)
        free(question);
}

/*
 * Probes.
 */

static bool
has_wave(struct rouse *rouse, const struct topic *topic)
{
    const struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        if (walk->topic[0] == '\0' || strcmp(walk->topic, topic->name) == 0)
            return true;
    return false;
}

static void
on_picked(void *arg, enum store_err err, struct store_batch *batch,
          bool is_more)
{
    struct question *question = arg;
    struct rouse *rouse = question->rouse;
    struct topic *topic = question->topic;
    struct page *page = question->page;
    size_t n;

    (void)is_more;
    free(question);
    if (err == STORE_OK)
        page_fill(page, batch);
    n = page_n_due(page);
    /* Fewer wait than could be tried: then whoever is asked for next. */
    if (topic->is_probing && err == STORE_OK)
        topic->n_probes = APNS_PROBES - (uint32_t)n;
    if (n == 0 || rouse->is_draining || rouse->is_freeing) {
        page_free(page); /* claims that are dropped end with the store */
        return;
    }
    page->is_probe = true;
    sender_add(rouse, page, &rouse->sender.asked);
    tick_wake(rouse);
}

static void
probe(struct rouse *rouse, struct topic *topic)
{
    struct question *question = ask_about(rouse, topic);

    if (question == NULL)
        return;
    if ((question->page = page_new()) != NULL &&
        store_wake_probe(rouse->store, topic->name, has_wave(rouse, topic),
                         APNS_PROBES, rng_next_u32(&rouse->rng), on_picked,
                         question) == STORE_OK)
        return;
    page_free(question->page);
    free(question);
}

void
proof_on_identity(struct rouse *rouse, struct topic *topic,
                  const struct apns_identity_status *status)
{
    if (status->is_proven && !topic->is_proven) {
        topic->is_proven = true;
        learn(rouse, topic->name, status->cert.sha256, tick_now(rouse));
        mark(rouse, topic);
    }
    if (status->state != APNS_IDENTITY_PROBING || topic->is_probing)
        return;
    topic->is_probing = true;
    probe(rouse, topic);
}
