/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/err.h>

#include "server/certlife/judge/facts.h"
#include "server/certlife/judge/links.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pick.h"
#include "server/certlife/read/pile.h"

static enum certlife_err
judge(const struct pile_item *item, int64_t now_unix,
      struct certlife_upload *upload, struct certlife_warnings *warnings)
{
    const struct apns_cert *csr = &item->facts;
    char detail[CERT_DESCRIBE_MAX_DETAIL];
    char why[256];
    EVP_PKEY *key = X509_REQ_get0_pubkey(item->csr);

    memcpy(upload->csr_subject, csr->subject, sizeof upload->csr_subject);
    memcpy(upload->csr_sha256, csr->sha256, sizeof upload->csr_sha256);
    facts_spki(key, upload->spki_sha256);
    (void)cert_describe_x509(sk_X509_value(item->chain, 0), &upload->vendor,
                             detail);
    upload->vendor.topic[0] = '\0';
    upload->n_chain = (size_t)sk_X509_num(item->chain);
    upload->is_chain_complete =
        links_are_complete(item->chain, why, sizeof why);
    links_warn(item->chain, now_unix, warnings);
    if (key == NULL || X509_REQ_verify(item->csr, key) != 1)
        return CERTLIFE_ECSRSIG;
    return item->is_signature_valid ? CERTLIFE_OK : CERTLIFE_EUPLOADSIG;
}

enum certlife_err
certlife_upload_read(const struct certlife_file *file, int64_t now_unix,
                     struct certlife_upload *upload,
                     struct certlife_warnings *warnings, char *detail)
{
    struct pile *pile = pile_new();
    enum certlife_err err;

    memset(upload, 0, sizeof *upload);
    if (warnings != NULL)
        warnings->n = 0;
    phrase_write(detail, "%s", "");
    if (pile == NULL)
        return CERTLIFE_ENOMEM;
    err = pile_read(pile, 0, file);
    if (err == CERTLIFE_OK) {
        if (pile->n == 1 && pile->items[0].kind == CERTLIFE_KIND_UPLOAD)
            err = judge(&pile->items[0], now_unix, upload, warnings);
        else
            err = pick_blame(pile, file, "a signed request", detail,
                             CERTLIFE_EUPLOAD);
    }
    pile_free(pile);
    ERR_clear_error();
    return err;
}
