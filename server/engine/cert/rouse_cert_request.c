/* SPDX-License-Identifier: MIT */

/*
 * Requests for push certificates: made in the worker's thread, kept in the
 * store, signed with the vendor's credential where that is asked for.
 *
 *   names and vendor (store) -> key, CSR, signature (worker) -> store
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "apns/base/text.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine_core.h"

#define DEFAULT_NAME    "MDM push certificate"
#define DEFAULT_COUNTRY "US"
#define DEFAULT_EMAIL   "nobody@example.invalid" /* Apple ignores it */
#define MAX_TRIES       1000                     /* names of one day */

struct making {
    struct worker_job job;
    struct rouse *rouse;
    rouse_cert_requests_fn *done;
    void *arg;
    int64_t now_unix;
    char *topic; /* owned, as all texts; NULL: not given */
    char *common_name;
    char *country;
    char *email;
    char *mail_key; /* cleansed */
    char *by;
    bool is_to_sign;
    char name[ROUSE_CERT_MAX_NAME + 1];
    bool is_named; /* by the caller */
    char *vendor_cert;
    char *vendor_chain;
    char *vendor_key; /* cleansed */
    struct certlife_csr csr;
    struct certlife_mdmcert mail;
    char *upload;
    struct certlife_warnings warnings;
    enum rouse_cert_code code;
    char text[CERTLIFE_MAX_DETAIL + 128];
    bool is_out_of_memory;
};

static void
free_making(struct making *it)
{
    free(it->topic);
    free(it->common_name);
    free(it->country);
    free(it->email);
    free(it->by);
    certlife_secret_free(it->mail_key);
    free(it->vendor_cert);
    free(it->vendor_chain);
    certlife_secret_free(it->vendor_key);
    certlife_csr_fini(&it->csr);
    certlife_mdmcert_fini(&it->mail);
    free(it->upload);
    free(it);
}

static void
fail(struct making *it, enum rouse_err err)
{
    struct rouse_cert_refusal refusal = {ROUSE_CERT_OK, ""};

    if (err == ROUSE_EGUARD)
        refusal = (struct rouse_cert_refusal){it->code, it->text};
    it->done(it->arg, err, &refusal, NULL, 0);
    free_making(it);
}

__attribute__((format(printf, 3, 4))) static void
note(struct making *it, enum rouse_cert_code code, const char *format, ...)
{
    va_list args;

    it->code = code;
    va_start(args, format);
    vsnprintf(it->text, sizeof it->text, format, args);
    va_end(args);
}

static void
complete(struct making *it)
{
    static const struct rouse_cert_refusal none = {ROUSE_CERT_OK, ""};
    const char *warnings[CERTLIFE_MAX_WARNINGS];
    struct rouse_cert_request request = {
        .name = it->name,
        .topic = it->topic != NULL ? it->topic : "",
        .csr_pem = it->csr.csr_pem,
        .spki_sha256 = it->csr.spki_sha256,
        .upload = it->upload != NULL ? it->upload : "",
        .message = it->mail.json != NULL ? it->mail.json : "",
        .is_mail_awaited = it->mail.json != NULL,
        .created_at_ms = tick_now(it->rouse),
        .created_by = it->by,
        .n_warnings = it->warnings.n,
        .warnings = warnings,
    };
    char detail[160];

    for (size_t i = 0; i < it->warnings.n; i++)
        warnings[i] = it->warnings.text[i];
    snprintf(detail, sizeof detail, "name=%s spki_sha256=%s", it->name,
             it->csr.spki_sha256);
    notice_event(it->rouse, "pushcert.requested", request.topic, it->by,
                 detail);
    it->done(it->arg, ROUSE_OK, &none, &request, 1);
    free_making(it);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct making *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_ECONFLICT) {
        note(it, ROUSE_CERT_NAME_TAKEN, "There is a request \"%s\" already.",
             it->name);
        fail(it, ROUSE_EGUARD);
    } else if (err != STORE_OK) {
        fail(it, rouse_err_of_store(err));
    } else {
        complete(it);
    }
}

/*
 * In the worker's thread.
 */

static void
sign(struct making *it)
{
    struct certlife_file chain = {"chain", it->vendor_chain,
                                  strlen(it->vendor_chain), NULL};
    struct certlife_signing signing = {
        .csr = {"request", it->csr.csr_pem, strlen(it->csr.csr_pem), NULL},
        .vendor_cert = {"vendor certificate", it->vendor_cert,
                        strlen(it->vendor_cert), NULL},
        .vendor_key = {"vendor key", it->vendor_key, strlen(it->vendor_key),
                       NULL},
        .chain = &chain,
        .n_chain = chain.len > 0,
    };
    char detail[CERTLIFE_MAX_DETAIL];
    enum certlife_err err = certlife_upload_make(
        &signing, it->now_unix, &it->upload, &it->warnings, detail);

    if (err == CERTLIFE_ENOMEM)
        it->is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        note(it, ROUSE_CERT_BAD_VENDOR, "It cannot be signed: %s. %s",
             certlife_err_text(err), detail);
}

static void
write_mail(struct making *it)
{
    struct certlife_file csr = {"request", it->csr.csr_pem,
                                strlen(it->csr.csr_pem), NULL};
    char detail[CERTLIFE_MAX_DETAIL];
    enum certlife_err err = certlife_mdmcert_make(
        &csr, it->email, it->mail_key, it->now_unix, &it->mail, detail);

    if (err == CERTLIFE_ENOMEM)
        it->is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        note(it, ROUSE_CERT_BAD_FIELD, "%s%s%s", certlife_err_text(err),
             detail[0] != '\0' ? ": " : "", detail);
}

static void
work(struct worker_job *job)
{
    struct making *it = (struct making *)job;
    struct certlife_subject subject = {
        .common_name = it->common_name,
        .country = it->country,
        .email = it->email,
    };
    char detail[CERTLIFE_MAX_DETAIL];
    enum certlife_err err = certlife_csr_make(&subject, &it->csr, detail);

    if (err == CERTLIFE_EFIELD)
        note(it, ROUSE_CERT_BAD_FIELD, "%s", detail);
    else if (err != CERTLIFE_OK)
        it->is_out_of_memory = true;
    if (err == CERTLIFE_OK && it->vendor_key != NULL)
        sign(it);
    if (err == CERTLIFE_OK && it->mail_key != NULL)
        write_mail(it);
}

static void
on_made(struct worker_job *job)
{
    struct making *it = (struct making *)job;
    enum store_err err;

    if (it->rouse->is_freeing || it->is_out_of_memory ||
        it->code != ROUSE_CERT_OK) {
        fail(it, it->rouse->is_freeing  ? ROUSE_ECLOSED
                 : it->is_out_of_memory ? ROUSE_ENOMEM
                                        : ROUSE_EGUARD);
        return;
    }
    err =
        store_csr_put(it->rouse->store,
                      &(struct store_csr){.name = it->name,
                                          .topic = it->topic,
                                          .csr_pem = it->csr.csr_pem,
                                          .spki_sha256 = it->csr.spki_sha256,
                                          .key_pem = it->csr.key_pem,
                                          .upload = it->upload,
                                          .mail_cert_pem = it->mail.cert_pem,
                                          .mail_key_pem = it->mail.key_pem,
                                          .created_at_ms = tick_now(it->rouse),
                                          .created_by = it->by},
                      on_stored, it);
    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

/*
 * What is known before: names, the topic's account, the vendor.
 */

static void
make_it(struct making *it)
{
    it->job.work = work;
    it->job.done = on_made;
    if (!worker_add(&it->rouse->life.worker, it->rouse->tick.loop, &it->job))
        fail(it, ROUSE_EBUSY);
}

static void
on_vendor(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    struct making *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err == STORE_ENOTFOUND) {
        note(it, ROUSE_CERT_NO_VENDOR,
             "No vendor credential is held; put one, or have the request "
             "signed elsewhere.");
        fail(it, ROUSE_EGUARD);
        return;
    }
    if (err == STORE_OK) {
        it->vendor_cert = strdup(vendor->cert_pem);
        it->vendor_chain = strdup(vendor->chain_pem);
        it->vendor_key = strdup(vendor->key_pem);
        if (it->vendor_cert == NULL || it->vendor_chain == NULL ||
            it->vendor_key == NULL)
            err = STORE_ENOMEM;
    }
    if (err == STORE_OK)
        make_it(it);
    else
        fail(it, rouse_err_of_store(err));
}

static void
go_on(struct making *it)
{
    enum store_err err;

    if (it->email == NULL && (it->email = strdup(DEFAULT_EMAIL)) == NULL) {
        fail(it, ROUSE_ENOMEM);
        return;
    }
    if (!it->is_to_sign) {
        make_it(it);
        return;
    }
    err = store_vendor_get(it->rouse->store, true, on_vendor, it);
    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

static void
on_topic(void *arg, enum store_err err, const struct store_identity *rows,
         size_t n)
{
    struct making *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        fail(it, rouse_err_of_store(err));
        return;
    }
    if (n == 0) {
        note(it, ROUSE_CERT_UNKNOWN_TOPIC,
             "No certificate of the topic %.255s is held. For a new identity "
             "leave the topic out.",
             it->topic);
        fail(it, ROUSE_EGUARD);
        return;
    }
    if (it->email == NULL && rows[0].apple_account[0] != '\0' &&
        (it->email = strdup(rows[0].apple_account)) == NULL) {
        fail(it, ROUSE_ENOMEM);
        return;
    }
    go_on(it);
}

static bool
is_taken(const char *name, const struct store_csr *csrs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(csrs[i].name, name) == 0)
            return true;
    return false;
}

/* The day, and a number from the second on. */
static bool
find_name(struct making *it, const struct store_csr *csrs, size_t n)
{
    char day[RFC3339_DAY];

    if (it->is_named)
        return !is_taken(it->name, csrs, n);
    rfc3339_day(it->now_unix, day);
    snprintf(it->name, sizeof it->name, "%s", day);
    for (int i = 2; i < MAX_TRIES && is_taken(it->name, csrs, n); i++)
        snprintf(it->name, sizeof it->name, "%s-%d", day, i);
    return true;
}

static void
on_names(void *arg, enum store_err err, const struct store_csr *csrs, size_t n)
{
    struct making *it = arg;

    if (err == STORE_OK && it->rouse->is_freeing)
        err = STORE_ECLOSED;
    if (err != STORE_OK) {
        fail(it, rouse_err_of_store(err));
        return;
    }
    if (n >= ROUSE_CERT_MAX_REQUESTS)
        note(it, ROUSE_CERT_TOO_MANY_REQUESTS,
             "%d requests are pending, which is the most; delete old ones.",
             ROUSE_CERT_MAX_REQUESTS);
    else if (!find_name(it, csrs, n))
        note(it, ROUSE_CERT_NAME_TAKEN, "There is a request \"%s\" already.",
             it->name);
    if (it->code != ROUSE_CERT_OK) {
        fail(it, ROUSE_EGUARD);
        return;
    }
    if (it->topic == NULL) {
        go_on(it);
        return;
    }
    err = store_identity_list(it->rouse->store, it->topic, false, on_topic, it);
    if (err != STORE_OK)
        fail(it, rouse_err_of_store(err));
}

/*
 * The façade.
 */

static bool
is_name(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t len = strlen(name);

    return len >= 1 && len <= ROUSE_CERT_MAX_NAME &&
           strspn(name, good) == len && name[0] != '.';
}

static bool
copy_text(char **to, const char *text, const char *absent)
{
    if (text == NULL)
        text = absent;
    return text == NULL || (*to = strdup(text)) != NULL;
}

static bool
is_wish(const struct rouse_cert_wish *wish)
{
    return (wish->name == NULL || is_name(wish->name)) &&
           text_is_short(wish->topic, APNS_MAX_TOPIC) &&
           text_is_short(wish->by, STORE_MAX_NAME) &&
           (wish->mail_key == NULL || wish->email != NULL);
}

enum rouse_err
rouse_cert_request_make(struct rouse *rouse, const struct rouse_cert_wish *wish,
                        rouse_cert_requests_fn *done, void *arg)
{
    struct making *it;
    enum store_err err = STORE_ENOMEM;

    if (rouse->is_draining || rouse->is_freeing)
        return ROUSE_ECLOSED;
    if (!is_wish(wish))
        return ROUSE_EINVAL;
    if ((it = calloc(1, sizeof *it)) == NULL)
        return ROUSE_ENOMEM;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->now_unix = tick_now(rouse) / 1000;
    it->is_to_sign = wish->is_to_sign;
    it->is_named = wish->name != NULL;
    if (it->is_named)
        snprintf(it->name, sizeof it->name, "%s", wish->name);
    if (copy_text(&it->topic, wish->topic, NULL) &&
        copy_text(&it->common_name, wish->common_name, DEFAULT_NAME) &&
        copy_text(&it->country, wish->country, DEFAULT_COUNTRY) &&
        copy_text(&it->email, wish->email, NULL) &&
        copy_text(&it->mail_key, wish->mail_key, NULL) &&
        copy_text(&it->by, wish->by, ""))
        err = store_csr_list(rouse->store, NULL, false, on_names, it);
    if (err == STORE_OK)
        return ROUSE_OK;
    free_making(it);
    return rouse_err_of_store(err);
}
