/* SPDX-License-Identifier: MIT */
#include "life.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "life_fall.h"
#include "life_test.h"
#include "server/engine/engine_core.h"

bool
life_init(struct life *life, const struct rouse_config *config)
{
    struct apns_config *apns = &life->apns;
    bool is_copied;

    TAILQ_INIT(&life->certs);
    TAILQ_INIT(&life->tests);
    *apns = config->apns;
    apns->log = NULL;
    apns->on_identity = NULL;
    apns->on_drain = NULL;
    /* All of them, so that life_fini may free each. */
    is_copied = text_copy(&apns->host, config->apns.host, NULL);
    is_copied &= text_copy(&apns->ca_file, config->apns.ca_file, NULL);
    is_copied &= text_copy(&apns->proxy, config->apns.proxy, NULL);
    is_copied &= text_copy(&apns->dns_servers, config->apns.dns_servers, NULL);
    return is_copied;
}

void
life_stop(struct rouse *rouse)
{
    worker_fini(&rouse->life.worker);
    life_test_end_all(rouse);
}

void
life_fini(struct life *life)
{
    struct life_cert *cert;

    while ((cert = TAILQ_FIRST(&life->certs)) != NULL) {
        TAILQ_REMOVE(&life->certs, cert, link);
        free(cert);
    }
    free((char *)(uintptr_t)life->apns.host);
    free((char *)(uintptr_t)life->apns.ca_file);
    free((char *)(uintptr_t)life->apns.dns_servers);
    if (life->apns.proxy != NULL) /* it may hold a password */
        OPENSSL_cleanse((char *)(uintptr_t)life->apns.proxy,
                        strlen(life->apns.proxy));
    free((char *)(uintptr_t)life->apns.proxy);
}

struct life_cert *
life_find(struct rouse *rouse, const char *topic)
{
    struct life_cert *cert;

    TAILQ_FOREACH (cert, &rouse->life.certs, link)
        if (strcmp(cert->topic, topic) == 0)
            return cert;
    return NULL;
}

static void
end_wait(struct life_cert *cert, bool has_fallen)
{
    life_settled_fn *on_settled = cert->on_settled;

    cert->on_settled = NULL;
    if (on_settled != NULL)
        on_settled(cert->settled_arg, has_fallen);
}

struct life_cert *
life_begin(struct rouse *rouse, const char *topic, const char *sha256,
           const char *old)
{
    struct life_cert *cert = life_find(rouse, topic);
    bool is_same = cert != NULL && strcmp(cert->sha256, sha256) == 0;

    if (cert == NULL) {
        if ((cert = calloc(1, sizeof *cert)) == NULL)
            return NULL;
        snprintf(cert->topic, sizeof cert->topic, "%s", topic);
        TAILQ_INSERT_TAIL(&rouse->life.certs, cert, link);
    }
    if (is_same) {
        cert->marks &= ~LIFE_KEY_LOST; /* its key came with it */
        return cert;
    }
    end_wait(cert, false); /* of the one before */
    snprintf(cert->sha256, sizeof cert->sha256, "%s", sha256);
    snprintf(cert->old, sizeof cert->old, "%s", old);
    cert->marks = 0;
    cert->is_taken = cert->is_falling = cert->is_tried = false;
    return cert;
}

uint32_t
life_marks_of(const struct store_identity *identity)
{
    return identity->marks | (identity->is_key_lost ? LIFE_KEY_LOST : 0);
}

void
life_loaded(struct rouse *rouse, const struct store_identity *identity)
{
    bool is_taken = identity->taken_at_ms != 0;
    struct life_cert *cert =
        life_begin(rouse, identity->topic, identity->sha256,
                   is_taken ? "" : identity->replaced);

    if (cert == NULL)
        return;
    snprintf(cert->apple_account, sizeof cert->apple_account, "%s",
             identity->apple_account);
    cert->is_taken = is_taken;
    cert->marks = life_marks_of(identity);
}

void
life_forget(struct rouse *rouse, const char *topic)
{
    struct life_cert *cert = life_find(rouse, topic);

    if (cert == NULL)
        return;
    end_wait(cert, false);
    TAILQ_REMOVE(&rouse->life.certs, cert, link);
    free(cert);
}

static void
learn(struct rouse *rouse, const struct life_cert *cert,
      const struct store_identity_mark *what)
{
    struct store_identity_mark mark = *what;
    enum store_err err;

    mark.topic = cert->topic;
    mark.sha256 = cert->sha256;
    err = store_identity_learn(rouse->store, &mark, NULL, NULL);
    if (err != STORE_OK)
        notice_log(rouse, APNS_LOG_WARN, EVENT_MARK_LOST " topic=%s err=%s",
                   cert->topic, store_err_name(err));
}

void
life_take(struct rouse *rouse, struct life_cert *cert)
{
    bool is_news = !cert->is_taken || cert->marks != 0;

    if (cert->is_falling)
        return;
    cert->is_taken = true;
    cert->marks = 0;
    if (!cert->is_tried)
        cert->old[0] = '\0';
    if (is_news)
        learn(rouse, cert,
              &(struct store_identity_mark){.taken_at_ms = tick_now(rouse),
                                            .clear =
                                                LIFE_REFUSED | LIFE_REVOKED});
}

static void
mark_refused(struct rouse *rouse, struct life_cert *cert, enum apns_cause cause)
{
    uint32_t mark = cause == APNS_CAUSE_REVOKED ? LIFE_REVOKED : LIFE_REFUSED;

    if ((cert->marks & mark) != 0)
        return;
    cert->marks |= mark;
    learn(rouse, cert, &(struct store_identity_mark){.set = mark});
}

bool
life_refuse(struct rouse *rouse, struct life_cert *cert, enum apns_cause cause,
            const char *why)
{
    if (cert->is_falling)
        return true;
    mark_refused(rouse, cert, cause);
    if (cert->old[0] == '\0')
        return false;
    snprintf(cert->why, sizeof cert->why, "%s", why);
    cert->is_falling = life_fall_begin(rouse, cert);
    return cert->is_falling;
}

/* Another certificate would do better. */
static bool
is_refusal(enum apns_cause cause)
{
    return cause == APNS_CAUSE_REVOKED || cause == APNS_CAUSE_REFUSED ||
           cause == APNS_CAUSE_ENVIRONMENT;
}

void
life_on_identity(struct rouse *rouse, const struct apns_identity_status *status)
{
    struct life_cert *cert = life_find(rouse, status->cert.topic);

    if (cert == NULL || strcmp(cert->sha256, status->cert.sha256) != 0)
        return;
    if (status->state == APNS_IDENTITY_STOPPED && is_refusal(status->cause))
        (void)life_refuse(rouse, cert, status->cause, status->why);
    else if (status->state == APNS_IDENTITY_READY && status->is_taken)
        life_take(rouse, cert);
}

void
life_use(struct rouse *rouse, const char *topic)
{
    struct topic *known = topics_take(&rouse->topics, topic);

    if (known == NULL)
        return;
    proof_begin(rouse, known);
    pushcert_release(rouse, known);
}
