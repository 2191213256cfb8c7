/* SPDX-License-Identifier: MIT */
#include "import_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

static void
on_stats(void *arg, enum store_err err, const struct store_stats *stats)
{
    struct import_view *view = arg;

    for (size_t i = 0; err == STORE_OK && i < view->n_held; i++)
        view->held[i].n_enrollments =
            (uint64_t)store_stats_enabled(stats, view->certs[i].topic);
    view->done(view->arg, err);
}

static bool
keep_past(struct import_view *view, const struct store_identity *past, size_t n)
{
    view->past = calloc(n + 1, sizeof *view->past);
    view->past_texts = calloc(n + 1, sizeof *view->past_texts);
    if (view->past == NULL || view->past_texts == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t at = view->n_past;

        if (past[i].is_key_lost)
            continue; /* nothing that could be put back */
        snprintf(view->past[at], sizeof view->past[at], "%s", past[i].sha256);
        view->past_texts[at] = view->past[at];
        view->n_past++;
    }
    return true;
}

static void
on_past(void *arg, enum store_err err, const struct store_identity *past,
        size_t n)
{
    struct import_view *view = arg;

    if (err == STORE_OK && view->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && !keep_past(view, past, n))
        err = STORE_ENOMEM;
    if (err == STORE_OK)
        err = store_stats_get(view->rouse->store, on_stats, view);
    if (err != STORE_OK)
        view->done(view->arg, err);
}

/* The client knows its SHA-1, which the store does not keep. */
static void
copy_cert(struct import_view *view, const struct store_identity *row,
          struct apns_cert *cert)
{
    struct apns_identity_status *live = calloc(1, sizeof *live);

    if (live != NULL &&
        apns_identity_get(view->rouse->client, row->topic, live) == APNS_OK &&
        strcmp(live->cert.sha256, row->sha256) == 0)
        *cert = live->cert;
    free(live);
    snprintf(cert->topic, sizeof cert->topic, "%s", row->topic);
    snprintf(cert->subject, sizeof cert->subject, "%s", row->subject);
    snprintf(cert->issuer, sizeof cert->issuer, "%s", row->issuer);
    snprintf(cert->serial, sizeof cert->serial, "%s", row->serial);
    snprintf(cert->sha256, sizeof cert->sha256, "%s", row->sha256);
    cert->not_before_unix = row->not_before_unix;
    cert->not_after_unix = row->not_after_unix;
    cert->has_client_auth = true;
}

static bool
keep_held(struct import_view *view, const struct store_identity *rows, size_t n)
{
    view->held = calloc(n + 1, sizeof *view->held);
    view->certs = calloc(n + 1, sizeof *view->certs);
    view->accounts = calloc(n + 1, sizeof *view->accounts);
    if (view->held == NULL || view->certs == NULL || view->accounts == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        copy_cert(view, &rows[i], &view->certs[i]);
        snprintf(view->accounts[i], sizeof view->accounts[i], "%s",
                 rows[i].apple_account);
        view->held[i] = (struct certlife_held){
            .cert = &view->certs[i],
            .apple_account =
                view->accounts[i][0] != '\0' ? view->accounts[i] : NULL,
            .is_key_lost = rows[i].is_key_lost,
            .marks = rows[i].marks,
            .is_taken = rows[i].taken_at_ms != 0,
        };
    }
    view->n_held = n;
    return true;
}

static void
on_held(void *arg, enum store_err err, const struct store_identity *rows,
        size_t n)
{
    struct import_view *view = arg;

    if (err == STORE_OK && view->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_OK && (n > CERTLIFE_MAX_HELD || !keep_held(view, rows, n)))
        err = STORE_ENOMEM;
    if (err == STORE_OK)
        err = store_identity_history(view->rouse->store, view->topic, on_past,
                                     view);
    if (err != STORE_OK)
        view->done(view->arg, err);
}

enum store_err
import_view_read(struct import_view *view, struct rouse *rouse,
                 const char *topic, void (*done)(void *arg, enum store_err err),
                 void *arg)
{
    *view = (struct import_view){.rouse = rouse, .done = done, .arg = arg};
    snprintf(view->topic, sizeof view->topic, "%s", topic);
    return store_identity_list(rouse->store, NULL, false, on_held, view);
}

const char *
import_view_in_force(const struct import_view *view, const char *topic)
{
    for (size_t i = 0; i < view->n_held; i++)
        if (strcmp(view->certs[i].topic, topic) == 0)
            return view->certs[i].sha256;
    return "";
}

void
import_view_fini(struct import_view *view)
{
    free(view->held);
    free(view->certs);
    free(view->accounts);
    free(view->past);
    free(view->past_texts);
    *view = (struct import_view){0};
}
