/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "apns/base/must.h"
#include "apns/cert/cert_describe.h"
#include "apns/cert/credential.h"
#include "blame.h"
#include "flaw.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pile.h"

/* Our own PEM is never encrypted; OpenSSL must never ask at the terminal. */
static int
on_passphrase(char *out, int size, int is_write, void *arg)
{
    (void)out, (void)size, (void)is_write, (void)arg;
    return -1;
}

static EVP_PKEY *
read_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = NULL;

    if (bio != NULL)
        key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, NULL);
    BIO_free(bio);
    return key;
}

/* The key among the files that belongs to the object; -1: none. */
static int
find_key(const struct certlife_check *check, size_t object)
{
    uint64_t fits = check->objects[object].fits;

    for (size_t i = 0; i < check->n_objects; i++)
        if ((fits >> i & 1) != 0 && check->pile->items[i].key != NULL)
            return (int)i;
    return -1;
}

/* Dates are another's matter: whoever compares says them. */
static enum certlife_err
explain(const struct certlife_object *object, enum apns_err err,
        const char *cause, const char *key_name, char *detail)
{
    enum certlife_verdict verdict;

    switch (err) {
    case APNS_ENOMEM:
        return CERTLIFE_ENOMEM;
    case APNS_EKEYMISMATCH:
        phrase_write(detail,
                     "%.80s is damaged or belongs to another certificate: this "
                     "certificate does not verify what it signs.",
                     key_name);
        return CERTLIFE_EKEYMISMATCH;
    case APNS_ETLS:
        phrase_write(detail,
                     "OpenSSL on this machine refuses to use it: %.200s.",
                     cause);
        return CERTLIFE_EIDENTITY;
    default:
        (void)flaw_find(&object->cert, err, cause, 0, &verdict, detail);
        return CERTLIFE_EIDENTITY;
    }
}

enum certlife_err
certlife_check_credential(const struct certlife_check *check,
                          const struct certlife_file *files, size_t object,
                          const char *key_pem,
                          struct apns_credential **credential, char *detail)
{
    const struct certlife_object *push = &check->objects[object];
    char cause[CERT_DESCRIBE_MAX_DETAIL] = "";
    const char *key_name = "the key held here";
    EVP_PKEY *key = NULL;
    EVP_PKEY *held = NULL;
    enum apns_err err;
    int at;

    must(object < check->n_objects);
    *credential = NULL;
    phrase_write(detail, "%s", "");
    if (push->kind != CERTLIFE_KIND_PUSH_CERT) {
        phrase_write(detail, "%s", push->sentence);
        return CERTLIFE_EIDENTITY;
    }
    if (push->fault != APNS_OK)
        return explain(push, push->fault, push->fault_detail, "", detail);
    if (key_pem != NULL) {
        key = held = read_key(key_pem);
    } else if ((at = find_key(check, object)) >= 0) {
        key = check->pile->items[at].key;
        key_name = blame_name(files, &check->objects[at]);
    }
    if (key == NULL && key_pem == NULL) {
        (void)blame_no_key(check, files, object, detail);
        return CERTLIFE_ENOKEY;
    }
    err = key == NULL ? APNS_EKEYMISMATCH
                      : credential_new(check->pile->items[object].cert, key,
                                       credential, cause);
    EVP_PKEY_free(held);
    ERR_clear_error();
    return err == APNS_OK ? CERTLIFE_OK
                          : explain(push, err, cause, key_name, detail);
}
