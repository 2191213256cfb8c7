/* SPDX-License-Identifier: MIT */

/*
 * Requests for push certificates: made in the worker's thread, kept in the
 * store, signed with the vendor's credential where that is asked for.
 *
 *   names and vendor (store) -> key, CSR, signature (worker) -> store
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "apns/base/text.h"
#include "cert_op.h"
#include "server/certlife/certlife.h"
#include "server/engine/engine_core.h"

#define DEFAULT_NAME    "MDM push certificate"
#define DEFAULT_COUNTRY "US"
#define DEFAULT_EMAIL   "nobody@example.invalid" /* Apple ignores it */
#define MAX_TRIES       1000                     /* names of one day */

struct making {
    struct cert_op op; /* first */
    rouse_cert_requests_fn *done;
    const char *topic; /* NULL: not given */
    const char *common_name;
    const char *country;
    const char *email;
    const char *mail_key;
    bool is_to_sign;
    char name[ROUSE_CERT_MAX_NAME + 1];
    bool is_named; /* by the caller */
    const char *vendor_cert;
    const char *vendor_chain;
    const char *vendor_key;
    struct certlife_csr csr;
    struct certlife_mdmcert mail;
    char *upload;
    struct certlife_warnings warnings;
};

static void
fini(struct cert_op *op)
{
    struct making *it = (struct making *)op;

    certlife_csr_fini(&it->csr);
    certlife_mdmcert_fini(&it->mail);
    free(it->upload);
}

static void
tell(struct cert_op *op, enum rouse_err err,
     const struct rouse_cert_refusal *refusal)
{
    struct making *it = (struct making *)op;
    const char *warnings[CERTLIFE_MAX_WARNINGS];
    struct rouse_cert_request request = {
        .name = it->name,
        .topic = it->topic != NULL ? it->topic : "",
        .csr_pem = it->csr.csr_pem,
        .spki_sha256 = it->csr.spki_sha256,
        .upload = it->upload != NULL ? it->upload : "",
        .message = it->mail.json != NULL ? it->mail.json : "",
        .is_mail_awaited = it->mail.json != NULL,
        .created_at_ms = tick_now(op->rouse),
        .created_by = op->by,
        .n_warnings = it->warnings.n,
        .warnings = warnings,
    };

    for (size_t i = 0; i < it->warnings.n; i++)
        warnings[i] = it->warnings.text[i];
    it->done(op->arg, err, refusal, err == ROUSE_OK ? &request : NULL,
             err == ROUSE_OK);
}

static void
refuse_name(struct making *it)
{
    cert_op_refuse(&it->op, ROUSE_CERT_NAME_TAKEN,
                   "A request \"%s\" already exists.", it->name);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct making *it = arg;
    struct cert_op *op = &it->op;
    char detail[160];

    if (err == STORE_ECONFLICT) {
        refuse_name(it);
        return;
    }
    if (!cert_op_goes_on(op, err))
        return;
    snprintf(detail, sizeof detail, "name=%s spki_sha256=%s", it->name,
             it->csr.spki_sha256);
    notice_event(op->rouse, "pushcert.requested",
                 it->topic != NULL ? it->topic : "", op->by, detail);
    cert_op_end(op, ROUSE_OK);
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
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = certlife_upload_make(
        &signing, it->op.now_unix, &it->upload, &it->warnings, detail);

    if (err == CERTLIFE_ENOMEM)
        it->op.is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        cert_op_note(&it->op, ROUSE_CERT_BAD_VENDOR,
                     "It cannot be signed: %s. %s", certlife_err_text(err),
                     detail);
}

static void
write_mail(struct making *it)
{
    struct certlife_file csr = {"request", it->csr.csr_pem,
                                strlen(it->csr.csr_pem), NULL};
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = certlife_mdmcert_make(
        &csr, it->email, it->mail_key, it->op.now_unix, &it->mail, detail);

    if (err == CERTLIFE_ENOMEM)
        it->op.is_out_of_memory = true;
    else if (err != CERTLIFE_OK)
        cert_op_note(&it->op, ROUSE_CERT_BAD_FIELD, "%s%s%s",
                     certlife_err_text(err), detail[0] != '\0' ? ": " : "",
                     detail);
}

static void
work(struct cert_op *op)
{
    struct making *it = (struct making *)op;
    struct certlife_subject subject = {
        .common_name = it->common_name,
        .country = it->country,
        .email = it->email,
    };
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = certlife_csr_make(&subject, &it->csr, detail);

    if (err == CERTLIFE_EFIELD)
        cert_op_note(op, ROUSE_CERT_BAD_FIELD, "%s", detail);
    else if (err != CERTLIFE_OK)
        op->is_out_of_memory = true;
    if (err == CERTLIFE_OK && it->vendor_key != NULL)
        sign(it);
    if (err == CERTLIFE_OK && it->mail_key != NULL)
        write_mail(it);
}

static void
on_made(struct cert_op *op)
{
    struct making *it = (struct making *)op;

    if (op->code != ROUSE_CERT_OK) {
        cert_op_end(op, ROUSE_EGUARD);
        return;
    }
    cert_op_asked(op, store_csr_put(op->rouse->store,
                                    &(struct store_csr){
                                        .name = it->name,
                                        .topic = it->topic,
                                        .csr_pem = it->csr.csr_pem,
                                        .spki_sha256 = it->csr.spki_sha256,
                                        .key_pem = it->csr.key_pem,
                                        .upload = it->upload,
                                        .mail_cert_pem = it->mail.cert_pem,
                                        .mail_key_pem = it->mail.key_pem,
                                        .created_at_ms = tick_now(op->rouse),
                                        .created_by = op->by},
                                    on_stored, it));
}

/*
 * What is known before: names, the topic's account, the vendor.
 */

static void
on_vendor(void *arg, enum store_err err, const struct store_vendor *vendor)
{
    struct making *it = arg;
    struct cert_op *op = &it->op;

    if (err == STORE_ENOTFOUND) {
        cert_op_refuse(op, ROUSE_CERT_NO_VENDOR,
                       "There is no vendor credential; store one (rouse cert "
                       "vendor put), or have the request signed elsewhere.");
        return;
    }
    if (!cert_op_goes_on(op, err))
        return;
    it->vendor_cert = cert_op_copy(op, vendor->cert_pem);
    it->vendor_chain = cert_op_copy(op, vendor->chain_pem);
    it->vendor_key = cert_op_copy(op, vendor->key_pem);
    cert_op_work_on(op, work, on_made);
}

static void
go_on(struct making *it)
{
    struct cert_op *op = &it->op;

    if (it->email == NULL)
        it->email = DEFAULT_EMAIL;
    if (it->is_to_sign)
        cert_op_asked(op,
                      store_vendor_get(op->rouse->store, true, on_vendor, it));
    else
        cert_op_work_on(op, work, on_made);
}

static void
on_topic(void *arg, enum store_err err, const struct store_identity *rows,
         size_t n)
{
    struct making *it = arg;
    struct cert_op *op = &it->op;

    if (!cert_op_goes_on(op, err))
        return;
    if (n == 0) {
        cert_op_refuse(op, ROUSE_CERT_UNKNOWN_TOPIC,
                       "There is no certificate for the topic %.255s. For a "
                       "new topic, leave it out.",
                       it->topic);
        return;
    }
    if (it->email == NULL && rows[0].apple_account[0] != '\0')
        it->email = cert_op_copy(op, rows[0].apple_account);
    if (op->is_out_of_memory)
        cert_op_end(op, ROUSE_ENOMEM);
    else
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
    rfc3339_day(it->op.now_unix, day);
    snprintf(it->name, sizeof it->name, "%s", day);
    for (int i = 2; i < MAX_TRIES && is_taken(it->name, csrs, n); i++)
        snprintf(it->name, sizeof it->name, "%s-%d", day, i);
    return true;
}

static void
on_names(void *arg, enum store_err err, const struct store_csr *csrs, size_t n)
{
    struct making *it = arg;
    struct cert_op *op = &it->op;

    if (!cert_op_goes_on(op, err))
        return;
    if (n >= ROUSE_CERT_MAX_REQUESTS)
        cert_op_refuse(
            op, ROUSE_CERT_TOO_MANY_REQUESTS,
            "%d requests are pending, which is the limit; delete old ones.",
            ROUSE_CERT_MAX_REQUESTS);
    else if (!find_name(it, csrs, n))
        refuse_name(it);
    else if (it->topic == NULL)
        go_on(it);
    else
        cert_op_asked(op, store_identity_list(op->rouse->store, it->topic,
                                              false, on_topic, it));
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
    static const struct cert_op_kind kind = {sizeof(struct making), tell, fini};
    struct making *it;
    enum rouse_err err;

    if ((it = cert_op_new(rouse, &kind, wish->by, arg, &err)) == NULL)
        return err;
    if (!is_wish(wish))
        return cert_op_drop(&it->op, ROUSE_EINVAL);
    it->done = done;
    it->is_to_sign = wish->is_to_sign;
    it->is_named = wish->name != NULL;
    if (it->is_named)
        snprintf(it->name, sizeof it->name, "%s", wish->name);
    it->topic = cert_op_copy(&it->op, wish->topic);
    it->common_name = cert_op_copy(
        &it->op, wish->common_name != NULL ? wish->common_name : DEFAULT_NAME);
    it->country = cert_op_copy(
        &it->op, wish->country != NULL ? wish->country : DEFAULT_COUNTRY);
    it->email = cert_op_copy(&it->op, wish->email);
    it->mail_key = cert_op_copy(&it->op, wish->mail_key);
    if (it->op.is_out_of_memory)
        return cert_op_drop(&it->op, ROUSE_ENOMEM);
    return cert_op_begun(
        &it->op, store_csr_list(rouse->store, NULL, false, on_names, it));
}
