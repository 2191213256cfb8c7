/* SPDX-License-Identifier: MIT */
#include "pick.h"

#include <openssl/err.h>

#include "phrase.h"
#include "server/certlife/judge/sentence.h"

enum certlife_err
pick_blame(const struct pile *pile, const struct certlife_file *file,
           const char *wanted, char *detail, enum certlife_err err)
{
    char sentence[CERTLIFE_MAX_TEXT] = "it is empty.";

    for (size_t i = 0; i < pile->n; i++) {
        const struct pile_item *item = &pile->items[i];

        if (item->kind == CERTLIFE_KIND_LOCKED_KEY ||
            item->kind == CERTLIFE_KIND_LOCKED_PKCS12)
            err = item->trouble == PILE_TOO_MANY_ROUNDS ? CERTLIFE_EWORK
                                                        : CERTLIFE_EPASSWORD;
        if (i == 0)
            sentence_write(item, INT64_MIN, sentence);
    }
    phrase_write(detail, "%.80s: %s is needed here. It is: %.300s",
                 file->name == NULL ? "?" : file->name, wanted, sentence);
    return err;
}

static enum certlife_err
take_csr(const struct pile *pile, const struct certlife_file *file,
         X509_REQ **csr, char *detail)
{
    for (size_t i = 0; i < pile->n; i++) {
        X509_REQ *found = pile->items[i].csr;

        if (pile->items[i].kind != CERTLIFE_KIND_CSR)
            continue;
        if (X509_REQ_verify(found, X509_REQ_get0_pubkey(found)) != 1) {
            phrase_write(detail,
                         "%.80s was modified or damaged after it was created",
                         file->name);
            return CERTLIFE_ECSRSIG;
        }
        if ((*csr = X509_REQ_dup(found)) == NULL)
            return CERTLIFE_ENOMEM;
        return CERTLIFE_OK;
    }
    return pick_blame(pile, file, "a certificate request (CSR)", detail,
                      CERTLIFE_ECSR);
}

enum certlife_err
pick_csr(const struct certlife_file *file, X509_REQ **csr, char *detail)
{
    struct pile *pile = pile_new();
    enum certlife_err err;

    if (pile == NULL)
        return CERTLIFE_ENOMEM;
    if ((err = pile_read(pile, 0, file)) == CERTLIFE_OK)
        err = take_csr(pile, file, csr, detail);
    pile_free(pile);
    return err;
}
