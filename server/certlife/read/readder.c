/* SPDX-License-Identifier: MIT */
#include "readder.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs7.h>

#include "apns/base/must.h"
#include "readpkcs12.h"

bool
readder_cert(struct pile *pile, const unsigned char *der, size_t len)
{
    X509 *cert = d2i_X509(NULL, &der, (long)len);

    if (cert == NULL)
        return false;
    pile_add_cert(pile, cert);
    return true;
}

bool
readder_csr(struct pile *pile, const unsigned char *der, size_t len)
{
    X509_REQ *csr = d2i_X509_REQ(NULL, &der, (long)len);

    if (csr == NULL)
        return false;
    pile_add_csr(pile, csr);
    return true;
}

/*
 * Only RSA and EC keys are decoded. Of the others OpenSSL computes the public
 * half while it reads them, with numbers as large as the file likes.
 */
bool
readder_key(struct pile *pile, int type, const unsigned char *der, size_t len)
{
    EVP_PKEY *key;

    must(type == EVP_PKEY_RSA || type == EVP_PKEY_EC);
    if (len > PILE_MAX_KEY_DER)
        return false;
    if ((key = d2i_PrivateKey(type, NULL, &der, (long)len)) == NULL)
        return false;
    pile_add_key(pile, key);
    return true;
}

static void
add_pkcs8(struct pile *pile, const PKCS8_PRIV_KEY_INFO *info)
{
    const ASN1_OBJECT *oid = NULL;
    EVP_PKEY *key = NULL;
    char note[96] = "";
    int nid;

    PKCS8_pkey_get0(&oid, NULL, NULL, NULL, info);
    nid = OBJ_obj2nid(oid);
    if (nid == NID_rsaEncryption || nid == NID_X9_62_id_ecPublicKey)
        key = EVP_PKCS82PKEY(info);
    if (key != NULL) {
        pile_add_key(pile, key);
    } else {
        OBJ_obj2txt(note, sizeof note, oid, 0);
        pile_note(pile, CERTLIFE_KIND_PRIVATE_KEY, note);
    }
}

bool
readder_pkcs8(struct pile *pile, const unsigned char *der, size_t len)
{
    PKCS8_PRIV_KEY_INFO *info;

    if (len > PILE_MAX_KEY_DER)
        return false;
    if ((info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)len)) == NULL)
        return false;
    add_pkcs8(pile, info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return true;
}

/* Decrypt to PKCS#8 DER; NULL when the password is wrong or it is too much. */
static unsigned char *
unseal(struct pile *pile, const X509_SIG *sealed, const char *password,
       int *len)
{
    const X509_ALGOR *algorithm;
    PKCS8_PRIV_KEY_INFO *info;
    unsigned char *der = NULL;

    X509_SIG_get0(sealed, &algorithm, NULL);
    if (!legacy_spend_on(&pile->legacy, algorithm) ||
        !legacy_enter(&pile->legacy))
        return NULL;
    info = PKCS8_decrypt(sealed, password, (int)strlen(password));
    if (info != NULL)
        *len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    PKCS8_PRIV_KEY_INFO_free(info);
    legacy_leave(&pile->legacy);
    return der;
}

bool
readder_sealed(struct pile *pile, const unsigned char *der, size_t len,
               const char *password)
{
    X509_SIG *sealed = NULL;
    unsigned char *plain = NULL;
    int plain_len = 0;

    if (len > PILE_MAX_KEY_DER ||
        (sealed = d2i_X509_SIG(NULL, &der, (long)len)) == NULL)
        return false;
    if (password == NULL) {
        pile_lock(pile, CERTLIFE_KIND_LOCKED_KEY, PILE_NO_PASSWORD);
    } else if ((plain = unseal(pile, sealed, password, &plain_len)) == NULL) {
        pile_lock(pile, CERTLIFE_KIND_LOCKED_KEY,
                  pile->legacy.is_over_budget ? PILE_TOO_MANY_ROUNDS
                                              : PILE_WRONG_PASSWORD);
    } else if (!readder_pkcs8(pile, plain, (size_t)plain_len)) {
        pile_lock(pile, CERTLIFE_KIND_LOCKED_KEY, PILE_WRONG_PASSWORD);
    }
    if (plain != NULL)
        OPENSSL_clear_free(plain, (size_t)plain_len);
    X509_SIG_free(sealed);
    return true;
}

static void
add_certs_of(struct pile *pile, const STACK_OF(X509) * certs)
{
    for (int i = 0; i < sk_X509_num(certs); i++) {
        X509 *cert = sk_X509_value(certs, i);

        if (X509_up_ref(cert) == 1)
            pile_add_cert(pile, cert);
        if (pile->is_full)
            return;
    }
}

/* A signed .mobileconfig; whoever signed it is of no interest here. */
static bool
is_profile(PKCS7 *p7)
{
    static const char word[] = "<key>PayloadType</key>";
    const ASN1_OCTET_STRING *content;

    if (!PKCS7_type_is_signed(p7) || p7->d.sign == NULL ||
        p7->d.sign->contents == NULL ||
        !PKCS7_type_is_data(p7->d.sign->contents) ||
        (content = p7->d.sign->contents->d.data) == NULL)
        return false;
    return memmem(ASN1_STRING_get0_data(content),
                  (size_t)ASN1_STRING_length(content), word,
                  sizeof word - 1) != NULL;
}

bool
readder_pkcs7(struct pile *pile, const unsigned char *der, size_t len)
{
    PKCS7 *p7 = d2i_PKCS7(NULL, &der, (long)len);

    if (p7 == NULL)
        return false;
    if (is_profile(p7)) {
        pile_note(pile, CERTLIFE_KIND_PROFILE, "");
    } else if (PKCS7_type_is_signed(p7) && p7->d.sign != NULL) {
        pile_note(pile, CERTLIFE_KIND_BUNDLE, "");
        add_certs_of(pile, p7->d.sign->cert);
    } else if (PKCS7_type_is_enveloped(p7)) {
        pile_note(pile, CERTLIFE_KIND_MDMCERT_REPLY, "");
    } else {
        pile_note(pile, CERTLIFE_KIND_UNKNOWN, "PKCS#7 of another type");
    }
    PKCS7_free(p7);
    return true;
}

static bool
read_public(struct pile *pile, const unsigned char *der, size_t len)
{
    X509_PUBKEY *public = d2i_X509_PUBKEY(NULL, &der, (long)len);

    if (public == NULL)
        return false;
    pile_note(pile, CERTLIFE_KIND_PUBLIC_KEY, "");
    X509_PUBKEY_free(public);
    return true;
}

bool
readder_any(struct pile *pile, const unsigned char *der, size_t len,
            const char *password)
{
    bool is_read = readder_cert(pile, der, len) ||
                   readder_csr(pile, der, len) ||
                   readpkcs12_all(pile, der, len, password) ||
                   readder_pkcs8(pile, der, len) ||
                   readder_sealed(pile, der, len, password) ||
                   readder_key(pile, EVP_PKEY_RSA, der, len) ||
                   readder_key(pile, EVP_PKEY_EC, der, len) ||
                   readder_pkcs7(pile, der, len) || read_public(pile, der, len);

    ERR_clear_error();
    return is_read;
}
