/* SPDX-License-Identifier: MIT */
#include "pushcert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

bool
pushcert_is_loaded(const struct rouse *rouse)
{
    return rouse->pushcerts.is_loaded;
}

void
pushcert_release(struct rouse *rouse, struct topic *topic)
{
    enum store_err err;

    topics_release(topic);
    pace_set(&topic->pace, rouse->topic_pace, tick_now(rouse));
    free(topic->refused);
    topic->refused = NULL;
    alert_touch(rouse);
    err = store_wake_release(rouse->store, topic->name, tick_now(rouse), NULL,
                             NULL);
    if (err != STORE_OK) /* then they come due within the hour */
        notice_log(rouse, APNS_LOG_WARN, EVENT_WAKES_NOT_RELEASED " topic=%s",
                   topic->name);
    fetch_want(rouse);
    sender_stir(rouse);
}

void
pushcert_on_identity(void *arg, const struct apns_identity_status *status)
{
    struct rouse *rouse = arg;
    struct topic *topic = topics_take(&rouse->topics, status->cert.topic);

    notice_log(rouse, APNS_LOG_NOTICE,
               EVENT_IDENTITY " topic=%s state=%s proven=%d undecided=%u "
                              "why=\"%s\"",
               status->cert.topic, apns_identity_state_name(status->state),
               status->is_proven, status->n_undecided, status->why);
    if (topic == NULL || rouse->is_freeing)
        return;
    alert_touch(rouse);
    if (status->state == APNS_IDENTITY_STOPPED) {
        if (!topic->is_held)
            notice_event(rouse, "pushcert.stopped", topic->name, "rouse",
                         status->why);
        topics_hold(topic, status->why);
    } else if (status->state == APNS_IDENTITY_READY && topic->is_held) {
        notice_event(rouse, "pushcert.ready", topic->name, "rouse", "");
        pushcert_release(rouse, topic);
    }
    proof_on_identity(rouse, topic, status);
    life_on_identity(rouse, status); /* it may have to be taken back */
}

/*
 * The start.
 */

/* It stays listed, so that people see what they hold and why it rests. */
static void
keep_unused(struct rouse *rouse, const struct apns_cert *cert, const char *name,
            const char *why)
{
    struct topic *topic = topics_take(&rouse->topics, name);

    notice_log(rouse, APNS_LOG_ERROR,
               EVENT_PUSHCERT_UNUSABLE " topic=%s why=\"%s\"", name, why);
    if (topic == NULL)
        return;
    topics_hold(topic, why);
    if (topic->refused == NULL)
        topic->refused = malloc(sizeof *topic->refused);
    if (topic->refused != NULL)
        *topic->refused = *cert;
}

/* ${cert} is filled where it can be read, also of one that is refused. */
static enum apns_err
put(struct rouse *rouse, const struct store_identity *identity,
    struct apns_cert *cert)
{
    struct apns_credential *credential = NULL;
    enum apns_err err = apns_credential_load(identity->cert_pem,
                                             identity->key_pem, &credential);

    memset(cert, 0, sizeof *cert);
    if (err != APNS_OK)
        return err;
    *cert = *apns_credential_cert(credential);
    err = apns_identity_use(rouse->client, credential);
    apns_credential_free(credential);
    return err;
}

/* Listed, too, until it is imported again. */
static void
keep_without_key(struct rouse *rouse, const struct store_identity *identity)
{
    struct apns_cert cert = {.not_before_unix = identity->not_before_unix,
                             .not_after_unix = identity->not_after_unix,
                             .has_client_auth = true};

    snprintf(cert.topic, sizeof cert.topic, "%s", identity->topic);
    snprintf(cert.subject, sizeof cert.subject, "%s", identity->subject);
    snprintf(cert.issuer, sizeof cert.issuer, "%s", identity->issuer);
    snprintf(cert.serial, sizeof cert.serial, "%s", identity->serial);
    snprintf(cert.sha256, sizeof cert.sha256, "%s", identity->sha256);
    keep_unused(rouse, &cert, identity->topic, "key_lost");
}

static void
load_one(struct rouse *rouse, const struct store_identity *identity,
         int64_t now_ms)
{
    struct apns_identity_status status;
    struct apns_cert cert;
    struct topic *topic;
    enum apns_err err;

    if (apns_identity_get(rouse->client, identity->topic, &status) ==
        APNS_OK) { /* loaded before, or imported meanwhile */
        topic = topics_take(&rouse->topics, identity->topic);
        if (topic != NULL && strcmp(status.cert.sha256, identity->sha256) == 0)
            proof_load(rouse, topic, identity);
        return;
    }
    life_loaded(rouse, identity);
    if (identity->is_key_lost) {
        keep_without_key(rouse, identity);
        return;
    }
    err = put(rouse, identity, &cert);
    if (err != APNS_OK) {
        keep_unused(rouse, &cert, identity->topic,
                    err == APNS_EEXPIRED ? "certificate_expired"
                                         : apns_err_text(err));
        /* A clock that is not set yet, or memory: worth another try. */
        if (err == APNS_ENOTYETVALID ||
            apns_err_category(err) == APNS_CATEGORY_SYSTEM)
            rouse->pushcerts.again_ms = now_ms + PUSHCERT_AGAIN_MS;
        return;
    }
    topic = topics_take(&rouse->topics, identity->topic);
    if (topic == NULL)
        return;
    proof_load(rouse, topic, identity);
    pushcert_release(rouse, topic);
}

static void
on_loaded(void *arg, enum store_err err,
          const struct store_identity *identities, size_t n)
{
    struct rouse *rouse = arg;
    int64_t now_ms = tick_now(rouse);

    rouse->pushcerts.is_loading = false;
    if (rouse->is_freeing)
        return;
    if (err != STORE_OK) {
        notice_log(rouse, APNS_LOG_ERROR,
                   EVENT_PUSHCERTS_NOT_LOADED " err=%s text=\"%s\"",
                   store_err_name(err), store_err_text(err));
        rouse->pushcerts.again_ms = now_ms + PUSHCERT_AGAIN_MS;
        return;
    }
    for (size_t i = 0; i < n; i++)
        load_one(rouse, &identities[i], now_ms);
    rouse->pushcerts.is_loaded = true;
    sender_stir(rouse);
}

void
pushcert_load(struct rouse *rouse)
{
    struct pushcerts *pushcerts = &rouse->pushcerts;

    pushcerts->again_ms = 0;
    pushcerts->is_loading = store_identity_list(rouse->store, NULL, true,
                                                on_loaded, rouse) == STORE_OK;
    if (!pushcerts->is_loading)
        pushcerts->again_ms = tick_now(rouse) + PUSHCERT_AGAIN_MS;
}

void
pushcert_run(struct rouse *rouse, int64_t now_ms)
{
    const struct pushcerts *pushcerts = &rouse->pushcerts;

    if (pushcerts->again_ms != 0 && now_ms >= pushcerts->again_ms &&
        !pushcerts->is_loading && !rouse->is_draining)
        pushcert_load(rouse);
}
