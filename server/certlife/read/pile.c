/* SPDX-License-Identifier: MIT */
#include "pile.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "readfile.h"
#include "server/certlife/judge/facts.h"

struct pile *
pile_new(void)
{
    struct pile *pile = calloc(1, sizeof *pile);

    if (pile != NULL)
        legacy_init(&pile->legacy);
    return pile;
}

void
pile_free(struct pile *pile)
{
    if (pile == NULL)
        return;
    for (size_t i = 0; i < pile->n; i++) {
        X509_free(pile->items[i].cert);
        X509_REQ_free(pile->items[i].csr);
        EVP_PKEY_free(pile->items[i].key); /* cleanses what is private */
        sk_X509_pop_free(pile->items[i].chain, X509_free);
    }
    legacy_fini(&pile->legacy);
    free(pile);
}

struct pile_item *
pile_add(struct pile *pile, enum certlife_kind kind)
{
    struct pile_item *item;

    if (pile->n == CERTLIFE_MAX_OBJECTS) {
        pile->is_full = true;
        return NULL;
    }
    item = &pile->items[pile->n++];
    item->file = pile->file;
    item->kind = kind;
    return item;
}

void
pile_add_cert(struct pile *pile, X509 *cert)
{
    struct pile_item *item = pile_add(pile, CERTLIFE_KIND_OTHER_CERT);

    if (item == NULL) {
        X509_free(cert);
        return;
    }
    item->cert = cert;
    item->fault = cert_describe_x509(cert, &item->facts, item->fault_detail);
    item->kind = facts_kind(cert, &item->facts);
}

void
pile_add_csr(struct pile *pile, X509_REQ *csr)
{
    struct pile_item *item = pile_add(pile, CERTLIFE_KIND_CSR);

    if (item == NULL) {
        X509_REQ_free(csr);
        return;
    }
    item->csr = csr;
    facts_csr(csr, &item->facts);
}

void
pile_add_key(struct pile *pile, EVP_PKEY *key)
{
    struct pile_item *item = pile_add(pile, CERTLIFE_KIND_PRIVATE_KEY);

    if (item != NULL)
        item->key = key;
    else
        EVP_PKEY_free(key);
}

void
pile_note(struct pile *pile, enum certlife_kind kind, const char *note)
{
    struct pile_item *item = pile_add(pile, kind);

    if (item != NULL)
        snprintf(item->note, sizeof item->note, "%s", note);
}

void
pile_lock(struct pile *pile, enum certlife_kind kind, enum pile_trouble trouble)
{
    struct pile_item *item = pile_add(pile, kind);

    if (item != NULL)
        item->trouble = trouble;
}

EVP_PKEY *
pile_key(const struct pile_item *item)
{
    if (item->cert != NULL)
        return X509_get0_pubkey(item->cert);
    if (item->csr != NULL)
        return X509_REQ_get0_pubkey(item->csr);
    return item->key;
}

enum certlife_err
pile_read(struct pile *pile, size_t index, const struct certlife_file *file)
{
    if (file->len > CERTLIFE_MAX_FILE)
        return CERTLIFE_ETOOLARGE;
    if (file->password != NULL &&
        strlen(file->password) > CERTLIFE_MAX_PASSWORD)
        return CERTLIFE_EFIELD;
    pile->file = index;
    pile->legacy.is_over_budget = false; /* of this file */
    readfile_bytes(pile, file->bytes, file->len, file->password);
    ERR_clear_error();
    return pile->is_full ? CERTLIFE_ETOOMANY : CERTLIFE_OK;
}
