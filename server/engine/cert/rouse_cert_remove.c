/* SPDX-License-Identifier: MIT */

/*
 * Removal of an identity, which has to be confirmed with the number of
 * enrollments that it silences.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/text.h"
#include "cert_op.h"
#include "import_view.h"
#include "server/engine/engine_core.h"

struct removal {
    struct cert_op op; /* first */
    rouse_cert_count_fn *done;
    const char *topic;
    bool has_confirm;
    uint64_t confirm;
    uint64_t n;
};

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct removal *it = (struct removal *)op;

    it->done(op->arg, err, refusal, it->n);
}

static void
on_removed(void *arg, enum store_err err)
{
    struct removal *it = arg;
    struct rouse *rouse = it->op.rouse;
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
        notice_event(rouse, "pushcert.removed", it->topic, it->op.by, detail);
    }
    cert_op_end(&it->op, rouse_err_of_store(err));
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct removal *it = arg;

    if (!cert_op_goes_on(&it->op, err))
        return;
    it->n = (uint64_t)store_stats_enabled(stats, it->topic);
    if (it->has_confirm && it->confirm == it->n)
        cert_op_asked(&it->op,
                      store_identity_remove(it->op.rouse->store, it->topic,
                                            "removed", on_removed, it));
    else
        cert_op_refuse(
            &it->op, ROUSE_CERT_CONFIRM_NEEDED,
            "Removing the certificate of %.255s silences %" PRIu64
            " enrollments: they cannot be woken until a certificate for the "
            "same topic is imported again. Confirm exactly that number.",
            it->topic, it->n);
}

static void
on_listed(void *arg, enum store_err err, const struct store_identity *rows,
          size_t n)
{
    struct removal *it = arg;

    (void)rows;
    if (cert_op_goes_on(&it->op,
                        err == STORE_OK && n == 0 ? STORE_ENOTFOUND : err))
        cert_op_asked(&it->op,
                      store_stats_get(it->op.rouse->store, on_stats, it));
}

enum rouse_err
rouse_cert_remove(struct rouse *rouse, const char *topic, bool has_confirm,
                  uint64_t confirm, const char *by, rouse_cert_count_fn *done,
                  void *arg)
{
    static const struct cert_op_kind kind = {sizeof(struct removal), tell,
                                             NULL};
    struct removal *it;
    enum rouse_err err;

    if (!text_is_short(topic, APNS_MAX_TOPIC))
        return ROUSE_EINVAL;
    if ((it = cert_op_new(rouse, &kind, by, arg, &err)) == NULL)
        return err;
    it->done = done;
    it->has_confirm = has_confirm;
    it->confirm = confirm;
    if ((it->topic = cert_op_copy(&it->op, topic)) == NULL)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    return cert_op_begun(&it->op, store_identity_list(rouse->store, it->topic,
                                                      false, on_listed, it));
}
