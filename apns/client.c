/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "apns/base/clock.h"
#include "apns/base/must.h"
#include "apns/cert/cert_describe.h"
#include "apns/cert/cert_pair.h"
#include "apns/cert/credential.h"
#include "apns/push/turn.h"
#include "config.h"
#include "log.h"

void
client_tick(struct apns_client *client)
{
    client->now_us = clock_us();
}

void
client_kick(struct apns_client *client)
{
    if (client->is_before_turn || client->is_in_turn)
        return;
    client->is_before_turn = true;
    ev_idle_start(client->loop, &client->kick);
}

static uint32_t
hash_topic(const char *topic)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (; *topic != '\0'; topic++)
        hash = (hash ^ (unsigned char)*topic) * 16777619U;
    return hash & (CLIENT_HASH - 1);
}

struct identity *
client_find(struct apns_client *client, const char *topic)
{
    struct identity *identity = client->last;

    if (identity != NULL && strcmp(identity->cert.topic, topic) == 0)
        return identity;
    for (identity = client->hash[hash_topic(topic)]; identity != NULL;
         identity = identity->hash_next) {
        if (strcmp(identity->cert.topic, topic) == 0) {
            client->last = identity;
            return identity;
        }
    }
    return NULL;
}

void
client_end(struct apns_client *client, struct slot *slot,
           enum apns_outcome outcome, enum apns_class class_,
           const char *reason)
{
    must(slot->state != SLOT_FREE && slot->state != SLOT_DONE);
    deadline_remove(&client->deadlines, slot);
    slot->state = SLOT_DONE;
    slot->outcome = (uint8_t)outcome;
    slot->class_ = (uint8_t)class_;
    if (reason != NULL) {
        strncpy(slot->reason, reason, APNS_MAX_REASON);
        slot->reason[APNS_MAX_REASON] = '\0';
    }
    if (slot->latency_us == 0) {
        uint64_t us = client->now_us - slot->submitted_at_us;

        slot->latency_us = us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    }
    slot->identity = NULL;
    TAILQ_INSERT_TAIL(&client->done, slot, link);
    client->stats.n_results[class_]++;
    client_kick(client);
}

static void
init_lists(struct apns_client *client)
{
    slot_pool_init(&client->slots, client->config.queue_max);
    deadline_init(&client->deadlines);
    h2mem_init(&client->h2mem);
    TAILQ_INIT(&client->done);
    TAILQ_INIT(&client->delivering);
    TAILQ_INIT(&client->identities);
    TAILQ_INIT(&client->removed);
    TAILQ_INIT(&client->work);
    TAILQ_INIT(&client->events);
    TAILQ_INIT(&client->dial_waiters);
    TAILQ_INIT(&client->flush);
    TAILQ_INIT(&client->unread);
    TAILQ_INIT(&client->dead);
}

/* As RFC 9113 writes it: an IPv6 address stands in brackets. */
static char *
make_authority(const char *host)
{
    size_t len = strlen(host);
    char *authority = malloc(len + 3);
    bool is_v6 = strchr(host, ':') != NULL;

    if (authority == NULL)
        return NULL;
    memcpy(authority + is_v6, host, len + 1);
    if (is_v6) {
        authority[0] = '[';
        authority[len + 1] = ']';
        authority[len + 2] = '\0';
    }
    return authority;
}

enum apns_err
apns_client_new(struct ev_loop *loop, const struct apns_config *config,
                struct apns_client **client)
{
    struct apns_client *made = calloc(1, sizeof *made);
    enum apns_err err = APNS_ENOMEM;

    *client = NULL;
    if (made == NULL)
        goto fail0;
    if ((err = config_copy(config, &made->config)) != APNS_OK)
        goto fail1;
    if (made->config.proxy != NULL)
        err = proxy_read_url(made->config.proxy, &made->proxy);
    if (err != APNS_OK)
        goto fail2;
    if ((err = tls_init(&made->tls, made->config.ca_file)) != APNS_OK)
        goto fail2;
    err = APNS_ENOMEM;
    if ((made->authority = make_authority(made->config.host)) == NULL)
        goto fail3;
    if ((made->read_buf = malloc(CLIENT_READ_SIZE)) == NULL)
        goto fail4;
    made->loop = loop;
    rng_seed(&made->rng, config->seed);
    init_lists(made);
    turn_init(made);
    *client = made;
    return APNS_OK;

fail4:
    free(made->authority);
fail3:
    tls_fini(&made->tls);
fail2:
    config_fini(&made->config);
    OPENSSL_cleanse(&made->proxy, sizeof made->proxy);
fail1:
    free(made);
fail0:
    return err;
}

void
client_destroy(struct apns_client *client)
{
    turn_fini(client);
    must(client->n_dialing == 0 && TAILQ_EMPTY(&client->dead));
    free(client->read_buf);
    free(client->authority);
    tls_fini(&client->tls);
    config_fini(&client->config);
    OPENSSL_cleanse(&client->proxy, sizeof client->proxy);
    buffers_fini(&client->buffers);
    h2mem_fini(&client->h2mem);
    slot_pool_fini(&client->slots);
    free(client);
}

/*
 * Identities.
 */

static void
insert(struct apns_client *client, struct identity *identity)
{
    struct identity **bucket = &client->hash[hash_topic(identity->cert.topic)];

    identity->hash_next = *bucket;
    *bucket = identity;
    TAILQ_INSERT_TAIL(&client->identities, identity, link);
    client->n_identities++;
}

static void
take_out(struct apns_client *client, struct identity *identity)
{
    struct identity **at = &client->hash[hash_topic(identity->cert.topic)];

    while (*at != identity)
        at = &(*at)->hash_next;
    *at = identity->hash_next;
    if (client->last == identity)
        client->last = NULL;
    TAILQ_REMOVE(&client->identities, identity, link);
    TAILQ_INSERT_TAIL(&client->removed, identity, link);
    client->n_identities--;
}

/* Takes ${pair} over. */
static enum apns_err
put(struct apns_client *client, const struct apns_cert *cert,
    struct cert_pair *pair)
{
    struct identity *identity = client_find(client, cert->topic);

    if (identity != NULL) {
        identity_swap(identity, cert, pair);
        return APNS_OK;
    }
    if (client->n_identities >= APNS_MAX_IDENTITIES) {
        cert_pair_free(pair);
        return APNS_ETOOMANY;
    }
    if ((identity = identity_new(client, cert, pair)) == NULL) {
        cert_pair_free(pair);
        return APNS_ENOMEM;
    }
    insert(client, identity);
    return APNS_OK;
}

enum apns_err
apns_identity_use(struct apns_client *client,
                  const struct apns_credential *credential)
{
    const struct apns_cert *cert = apns_credential_cert(credential);
    struct cert_pair *pair = credential_pair(credential);
    enum apns_err err;

    if (client->is_draining)
        return APNS_ECLOSED;
    turn_read_wall_clock(client);
    err = cert_describe_dates(cert, client->now_unix, NULL);
    if (err != APNS_OK)
        return err;
    if (!cert_pair_try(pair, client->tls.context)) {
        ERR_clear_error();
        return APNS_ETLS;
    }
    return put(client, cert, cert_pair_share(pair));
}

enum apns_err
apns_identity_put(struct apns_client *client, const char *pem, size_t len,
                  struct apns_cert *cert, char *detail)
{
    struct apns_credential *credential = NULL;
    enum apns_err err;

    if (detail != NULL)
        detail[0] = '\0';
    if (client->is_draining)
        return APNS_ECLOSED;
    err = apns_credential_read(pem, len, &credential, detail);
    if (err == APNS_OK)
        err = apns_identity_use(client, credential);
    if (err == APNS_ENOTYETVALID || err == APNS_EEXPIRED)
        (void)cert_describe_dates(apns_credential_cert(credential),
                                  client->now_unix, detail);
    if (err == APNS_OK && cert != NULL)
        *cert = *apns_credential_cert(credential);
    apns_credential_free(credential);
    return err;
}

enum apns_err
apns_identity_remove(struct apns_client *client, const char *topic)
{
    struct identity *identity = client_find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    take_out(client, identity);
    identity_remove(identity);
    return APNS_OK;
}

enum apns_err
apns_identity_retry(struct apns_client *client, const char *topic)
{
    struct identity *identity = client_find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    identity_retry(identity);
    return APNS_OK;
}

enum apns_err
apns_identity_remember(struct apns_client *client, const char *topic,
                       const struct apns_identity_history *history)
{
    struct identity *identity = client_find(client, topic);

    if (identity == NULL)
        return APNS_ENOTOPIC;
    identity_remember(identity, history);
    return APNS_OK;
}

enum apns_err
apns_identity_get(const struct apns_client *client, const char *topic,
                  struct apns_identity_status *status)
{
    const struct identity *identity = client->hash[hash_topic(topic)];

    while (identity != NULL && strcmp(identity->cert.topic, topic) != 0)
        identity = identity->hash_next;
    if (identity == NULL)
        return APNS_ENOTOPIC;
    identity_status(identity, status);
    return APNS_OK;
}

void
apns_identity_each(const struct apns_client *client, apns_identity_fn *visit,
                   void *arg)
{
    struct apns_identity_status status;
    const struct identity *identity;

    TAILQ_FOREACH (identity, &client->identities, link) {
        identity_status(identity, &status);
        visit(arg, &status);
    }
}
