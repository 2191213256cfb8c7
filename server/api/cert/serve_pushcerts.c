/* SPDX-License-Identifier: MIT */

/*
 * /v1/pushcerts: the push certificates that are in use, with what is stored
 * of them, what the client does with them and how many enrollments need them.
 */

#include <stdlib.h>
#include <string.h>

#include "apns/base/clock.h"
#include "cert_json.h"
#include "serve_pushcerts.h"
#include "server/api/api_private.h"
#include "server/api/json/alert_json.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine.h"

/* Gathered in two questions to the store. */
struct listing {
    struct request *request;
    bool is_single;                 /* /v1/pushcerts/{topic} */
    unsigned status;                /* of the answer */
    json_t *list;                   /* owned */
    json_t *around;                 /* owned: what the single one is put into
                                       as "pushcert"; or NULL */
    char topic[APNS_MAX_TOPIC + 1]; /* only this one */
};

static void
free_listing(void *state)
{
    struct listing *listing = state;

    json_decref(listing->list);
    json_decref(listing->around);
    free(listing);
}

/* What the client knows of it now; stored ones that it does not hold (yet)
   are shown as stopped. */
static bool
add_live(json_t *json, struct rouse *rouse,
         const struct rouse_cert_record *cert)
{
    struct apns_identity_status *live = calloc(1, sizeof *live);
    const char *state = "stopped";
    const char *why =
        cert->is_key_lost ? "key lost: import it again" : "not_held";
    json_t *more;
    bool is_bad;

    if (live == NULL)
        return false;
    if (apns_identity_get(engine_client(rouse), cert->topic, live) == APNS_OK) {
        state = apns_identity_state_name(live->state);
        why = live->why;
    }
    more =
        json_pack("{s:o, s:s, s:o, s:s, s:b, s:b, s:i, s:o, s:i, s:i, s:i}",
                  "sha1", json_out_text(live->cert.sha1), "state", state, "why",
                  json_out_text(why), "cause", apns_cause_name(live->cause),
                  "taken", (int)live->is_taken, "proven", (int)live->is_proven,
                  "undecided", (int)live->n_undecided, "next_try",
                  json_out_time(live->next_try_unix * 1000), "connections",
                  (int)live->n_conns, "in_flight", (int)live->n_in_flight,
                  "queued", (int)live->n_queued);
    is_bad = more == NULL || json_object_update(json, more) != 0;
    json_decref(more);
    free(live);
    return !is_bad;
}

static json_t *
pack_cert(struct rouse *rouse, const struct rouse_cert_record *cert,
          bool is_single)
{
    int64_t now_unix = clock_unix_ms() / 1000;
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "topic",
        json_out_text(cert->topic), "subject", json_out_text(cert->subject),
        "issuer", json_out_text(cert->issuer), "serial_number",
        json_out_text(cert->serial), "sha256", json_out_text(cert->sha256),
        "not_before", json_out_time(cert->not_before_unix * 1000), "not_after",
        json_out_time(cert->not_after_unix * 1000), "days_left",
        (json_int_t)certlife_days_left(cert->not_after_unix, now_unix),
        "imported_at", json_out_time(cert->imported_at_ms), "imported_by",
        json_out_text(cert->imported_by), "apple_account",
        json_out_text(cert->apple_account), "note", json_out_text(cert->note));

    if (json != NULL && add_live(json, rouse, cert) &&
        cert_json_add_life(json, cert) &&
        json_object_set_new(json, "alert", alert_json_of(rouse, cert->topic)) ==
            0 &&
        (!is_single ||
         json_object_set_new(json, "pem", json_out_text(cert->cert_pem)) == 0))
        return json;
    json_decref(json);
    return NULL;
}

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct listing *listing = arg;
    struct request *request = listing->request;
    json_t *cert;
    size_t i;

    if (err != STORE_OK) {
        request_fail_store(request, err, NULL);
        return;
    }
    json_array_foreach(listing->list, i, cert)
    {
        const char *topic = json_string_value(json_object_get(cert, "topic"));

        json_object_set_new(cert, "enrollments",
                            json_integer(store_stats_enabled(stats, topic)));
    }
    if (listing->around != NULL) {
        json_object_set(listing->around, "pushcert",
                        json_array_get(listing->list, 0));
        request_json(request, listing->status, json_incref(listing->around));
    } else if (listing->is_single)
        request_json(request, listing->status,
                     json_incref(json_array_get(listing->list, 0)));
    else
        request_json(request, listing->status,
                     json_pack("{s:O}", "pushcerts", listing->list));
}

static void
on_certs(void *arg, enum rouse_err err, const struct rouse_cert_record *certs,
         size_t n)
{
    struct listing *listing = arg;
    struct request *request = listing->request;
    enum store_err stored;

    if (err != ROUSE_OK && err != ROUSE_ENOTFOUND) {
        request_fail_rouse(request, err, NULL);
        return;
    }
    if (request_is_over(request))
        return;
    for (size_t i = 0; i < n; i++) {
        if (request_sees(request, certs[i].topic))
            json_out_append(
                &listing->list,
                pack_cert(request->api->rouse, &certs[i], listing->is_single));
    }
    if (listing->list != NULL && listing->is_single &&
        json_array_size(listing->list) == 0) {
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "there is no push certificate for the topic %s",
                     listing->topic);
        return;
    }
    stored = listing->list == NULL
                 ? STORE_ENOMEM
                 : store_stats_get(request->api->store, on_stats, listing);
    if (stored != STORE_OK)
        request_fail_store(request, stored, NULL);
}

static void
list_certs(struct request *request, const char *topic, unsigned status,
           json_t *around)
{
    struct listing *listing = calloc(1, sizeof *listing);
    enum rouse_err err = ROUSE_ENOMEM;

    if (listing == NULL)
        json_decref(around);
    if (listing != NULL) {
        listing->around = around;
        listing->request = request;
        listing->status = status;
        listing->is_single = topic != NULL;
        listing->list = json_array();
        snprintf(listing->topic, sizeof listing->topic, "%s",
                 topic == NULL ? "" : topic);
        request_keep(request, listing, free_listing);
        err = rouse_cert_list(request->api->rouse,
                              topic == NULL ? NULL : listing->topic, on_certs,
                              listing);
    }
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}

void
serve_pushcerts_list(struct request *request)
{
    list_certs(request, NULL, HTTP_OK, NULL);
}

void
serve_pushcerts_get(struct request *request)
{
    list_certs(request, request->rest, HTTP_OK, NULL);
}

void
serve_pushcerts_answer(struct request *request, const char *topic,
                       json_t *around)
{
    list_certs(request, topic, HTTP_OK, around);
}
