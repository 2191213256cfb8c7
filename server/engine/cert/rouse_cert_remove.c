/* SPDX-License-Identifier: MIT */

/*
 * Removal of an identity, which has to be confirmed with the number of
 * enrollments that it silences.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_view.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

struct removal {
    struct rouse *rouse;
    rouse_cert_count_fn *done;
    void *arg;
    bool has_confirm;
    uint64_t confirm;
    uint64_t n;
    char topic[APNS_MAX_TOPIC + 1];
    char by[STORE_MAX_NAME + 1];
};

static void
complete(struct removal *it, enum rouse_err err, enum rouse_cert_code code,
         const char *text)
{
    it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, it->n);
    free(it);
}

static void
on_removed(void *arg, enum store_err err)
{
    struct removal *it = arg;
    struct rouse *rouse = it->rouse;
    struct topic *topic;
    char detail[64];

    if (err == STORE_OK && !rouse->is_freeing) {
        (void)!apns_identity_remove(rouse->client, it->topic);
        life_forget(rouse, it->topic);
        topic = topics_take(&rouse->topics, it->topic);
        if (topic != NULL) {
            topics_hold(topic, "no push certificate for this topic");
            free(topic->refused);
            topic->refused = NULL;
        }
        snprintf(detail, sizeof detail, "%" PRIu64 " enrollments are silent",
                 it->n);
        notice_event(rouse, "pushcert.removed", it->topic, it->by, detail);
    }
    complete(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct removal *it = arg;
    char text[512];

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        complete(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
        return;
    }
    it->n = import_view_count(stats, it->topic);
    if (!it->has_confirm || it->confirm != it->n) {
        snprintf(text, sizeof text,
                 "Removing the certificate of %.255s silences %" PRIu64
                 " enrollments: they cannot be woken until a certificate of "
                 "this very topic is imported again. Confirm just that "
                 "number.",
                 it->topic, it->n);
        complete(it, ROUSE_EGUARD, ROUSE_CERT_CONFIRM_NEEDED, text);
        return;
    }
    err = store_identity_remove(it->rouse->store, it->topic, "removed",
                                on_removed, it);
    if (err != STORE_OK)
        complete(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
}

static void
on_listed(void *arg, enum store_err err, const struct store_identity *rows,
          size_t n)
{
    struct removal *it = arg;

    (void)rows;
    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && n == 0)
        err = STORE_ENOTFOUND;
    if (err == STORE_OK)
        err = store_stats_get(it->rouse->store, on_stats, it);
    if (err != STORE_OK)
        complete(it, rouse_err_of_store(err), ROUSE_CERT_OK, "");
}

enum rouse_err
rouse_cert_remove(struct rouse *rouse, const char *topic, bool has_confirm,
                  uint64_t confirm, const char *by, rouse_cert_count_fn *done,
                  void *arg)
{
    struct removal *it;
    enum rouse_err err;

    if (strnlen(topic, APNS_MAX_TOPIC + 1) > APNS_MAX_TOPIC)
        return ROUSE_EINVAL;
    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->has_confirm = has_confirm;
    it->confirm = confirm;
    snprintf(it->topic, sizeof it->topic, "%s", topic);
    snprintf(it->by, sizeof it->by, "%s", by);
    return call_asked(
        it, store_identity_list(rouse->store, it->topic, false, on_listed, it));
}
