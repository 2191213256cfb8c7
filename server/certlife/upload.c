/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "apns/base/base64.h"
#include "server/certlife/judge/facts.h"
#include "server/certlife/judge/links.h"
#include "server/certlife/read/armor.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pick.h"
#include "server/certlife/read/pile.h"

/* Everything that is needed to write the file. */
struct signer {
    X509_REQ *csr;
    X509 *cert;
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* sorted, cert first */
};

static void
signer_fini(struct signer *signer)
{
    X509_REQ_free(signer->csr);
    X509_free(signer->cert);
    EVP_PKEY_free(signer->key);
    sk_X509_pop_free(signer->chain, X509_free);
}

/* The first certificate that is not a CA's, rather than a root beside it. */
static X509 *
leaf_of(const struct pile *pile)
{
    X509 *first = NULL;

    for (size_t i = 0; i < pile->n; i++) {
        X509 *cert = pile->items[i].cert;

        if (cert == NULL || pile->items[i].kind == CERTLIFE_KIND_PUSH_CERT ||
            X509_check_ca(cert) > 0)
            continue;
        if (pile->items[i].kind == CERTLIFE_KIND_VENDOR_CERT)
            return cert;
        if (first == NULL)
            first = cert;
    }
    return first;
}

static EVP_PKEY *
rsa_key_of(const struct pile *pile)
{
    for (size_t i = 0; i < pile->n; i++)
        if (pile->items[i].kind == CERTLIFE_KIND_PRIVATE_KEY &&
            pile->items[i].key != NULL &&
            EVP_PKEY_get_base_id(pile->items[i].key) == EVP_PKEY_RSA)
            return pile->items[i].key;
    return NULL;
}

static enum certlife_err
take_cert(struct signer *signer, const struct pile *pile,
          const struct certlife_file *file, char *detail)
{
    X509 *cert = leaf_of(pile);

    if (cert == NULL)
        return pick_blame(pile, file, "the MDM vendor certificate", detail,
                          CERTLIFE_EVENDORCERT);
    X509_up_ref(cert);
    signer->cert = cert;
    return CERTLIFE_OK;
}

/* Whatever certificates came along may be links of the chain. */
static bool
gather(STACK_OF(X509) * loose, const struct pile *pile)
{
    for (size_t i = 0; i < pile->n; i++) {
        X509 *cert = pile->items[i].cert;

        if (cert == NULL)
            continue;
        X509_up_ref(cert);
        if (sk_X509_push(loose, cert) <= 0) {
            X509_free(cert);
            return false;
        }
    }
    return true;
}

/* A pile with one file in it, and a word on what is too large about it. */
static enum certlife_err
read_one(const struct certlife_file *file, struct pile **pile, char *detail)
{
    enum certlife_err err;

    if ((*pile = pile_new()) == NULL)
        return CERTLIFE_ENOMEM;
    if ((err = pile_read(*pile, 0, file)) == CERTLIFE_OK)
        return err;
    phrase_write(detail, "%.80s", file->name == NULL ? "?" : file->name);
    pile_free(*pile);
    *pile = NULL;
    return err;
}

static enum certlife_err
read_key_file(struct signer *signer, const struct certlife_signing *signing,
              STACK_OF(X509) * loose, char *detail)
{
    struct pile *pile;
    EVP_PKEY *key;
    enum certlife_err err = read_one(&signing->vendor_key, &pile, detail);

    if (err != CERTLIFE_OK)
        return err;
    if ((key = rsa_key_of(pile)) == NULL) {
        err = pick_blame(pile, &signing->vendor_key,
                         "the vendor's RSA private key", detail,
                         CERTLIFE_EVENDORKEY);
    } else {
        EVP_PKEY_up_ref(key);
        signer->key = key;
        if (!gather(loose, pile))
            err = CERTLIFE_ENOMEM;
        else if (signing->vendor_cert.bytes == NULL)
            err = take_cert(signer, pile, &signing->vendor_key, detail);
    }
    pile_free(pile);
    return err;
}

static enum certlife_err
read_cert_file(struct signer *signer, const struct certlife_signing *signing,
               STACK_OF(X509) * loose, char *detail)
{
    struct pile *pile;
    enum certlife_err err;

    if (signing->vendor_cert.bytes == NULL)
        return CERTLIFE_OK;
    if ((err = read_one(&signing->vendor_cert, &pile, detail)) != CERTLIFE_OK)
        return err;
    err = take_cert(signer, pile, &signing->vendor_cert, detail);
    if (err == CERTLIFE_OK && !gather(loose, pile))
        err = CERTLIFE_ENOMEM;
    pile_free(pile);
    return err;
}

static enum certlife_err
read_chain_files(const struct certlife_signing *signing, STACK_OF(X509) * loose,
                 char *detail)
{
    for (size_t i = 0; i < signing->n_chain; i++) {
        const struct certlife_file *file = &signing->chain[i];
        int n_before = sk_X509_num(loose);
        struct pile *pile;
        enum certlife_err err = read_one(file, &pile, detail);

        if (err != CERTLIFE_OK)
            return err;
        if (!gather(loose, pile))
            err = CERTLIFE_ENOMEM;
        else if (sk_X509_num(loose) == n_before)
            err = pick_blame(pile, file, "a certificate of the chain", detail,
                             CERTLIFE_ECHAIN);
        pile_free(pile);
        if (err != CERTLIFE_OK)
            return err;
    }
    return CERTLIFE_OK;
}

static enum certlife_err
read_signer(struct signer *signer, const struct certlife_signing *signing,
            char *detail)
{
    STACK_OF(X509) *loose = sk_X509_new_null();
    enum certlife_err err = loose == NULL ? CERTLIFE_ENOMEM : CERTLIFE_OK;

    if (signing->n_chain > CERTLIFE_MAX_FILES) {
        phrase_write(detail, "%zu chain files; at most %d", signing->n_chain,
                     CERTLIFE_MAX_FILES);
        err = CERTLIFE_ETOOMANY;
    }
    if (err == CERTLIFE_OK)
        err = pick_csr(&signing->csr, &signer->csr, detail);
    if (err == CERTLIFE_OK)
        err = read_cert_file(signer, signing, loose, detail);
    if (err == CERTLIFE_OK)
        err = read_key_file(signer, signing, loose, detail);
    if (err == CERTLIFE_OK)
        err = read_chain_files(signing, loose, detail);
    if (err == CERTLIFE_OK &&
        (signer->chain = links_sort(signer->cert, loose)) == NULL)
        err = CERTLIFE_ENOMEM;
    sk_X509_pop_free(loose, X509_free);
    return err;
}

static void
warn_csr(X509_REQ *csr, struct certlife_warnings *warnings)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(csr);

    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
        EVP_PKEY_get_bits(key) != 2048)
        phrase_warn(warnings, "The request's key is not RSA 2048; Apple is "
                              "not known to accept another.");
    if (X509_REQ_get_signature_nid(csr) == NID_sha1WithRSAEncryption)
        phrase_warn(warnings, "The request is signed with SHA-1; make a "
                              "new one with SHA-256.");
}

/* RSA PKCS#1 v1.5 over SHA-256 of the DER, as base64. */
static char *
sign(EVP_PKEY *key, const unsigned char *der, size_t der_len)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char *signature = NULL;
    size_t len = 0;
    char *text = NULL;

    if (md != NULL &&
        EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(md, NULL, &len, der, der_len) == 1 &&
        (signature = OPENSSL_malloc(len)) != NULL &&
        EVP_DigestSign(md, signature, &len, der, der_len) == 1)
        text = base64_new(signature, len);
    OPENSSL_free(signature);
    EVP_MD_CTX_free(md);
    return text;
}

/* PEM with lines of 64 characters; OpenSSL's writer breaks them there. */
static char *
chain_pem(const STACK_OF(X509) * chain)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;
    bool is_written = bio != NULL;

    for (int i = 0; is_written && i < sk_X509_num(chain); i++)
        is_written = PEM_write_bio_X509(bio, sk_X509_value(chain, i)) == 1;
    if (is_written)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

/*
 * Written by hand, so that it is byte for byte what Apple documents: three
 * strings, no data. None of the values holds a character that XML escapes.
 */
static char *
write_plist(const char *csr, const char *chain, const char *signature)
{
    static const char format[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
        "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
        "<plist version=\"1.0\">\n<dict>\n"
        "<key>PushCertRequestCSR</key>\n<string>%s</string>\n"
        "<key>PushCertCertificateChain</key>\n<string>%s</string>\n"
        "<key>PushCertSignature</key>\n<string>%s</string>\n"
        "</dict>\n</plist>\n";
    char *xml = NULL;
    char *upload = NULL;
    int len = asprintf(&xml, format, csr, chain, signature);

    if (len < 0)
        return NULL;
    upload = base64_new(xml, (size_t)len);
    free(xml);
    return upload;
}

static char *
write_upload(const struct signer *signer)
{
    unsigned char *der = NULL;
    int len = i2d_X509_REQ(signer->csr, &der);
    char *csr = len <= 0 ? NULL : base64_new(der, (size_t)len);
    char *chain = chain_pem(signer->chain);
    char *signature = len <= 0 ? NULL : sign(signer->key, der, (size_t)len);
    char *upload = NULL;

    if (csr != NULL && chain != NULL && signature != NULL)
        upload = write_plist(csr, chain, signature);
    free(signature);
    free(chain);
    free(csr);
    OPENSSL_free(der);
    return upload;
}

enum certlife_err
certlife_upload_make(const struct certlife_signing *signing, int64_t now_unix,
                     char **upload, struct certlife_warnings *warnings,
                     char *detail)
{
    struct signer signer = {0};
    enum certlife_err err;

    *upload = NULL;
    if (warnings != NULL)
        warnings->n = 0;
    phrase_write(detail, "%s", "");
    err = read_signer(&signer, signing, detail);
    if (err == CERTLIFE_OK &&
        X509_check_private_key(signer.cert, signer.key) != 1) {
        phrase_write(detail,
                     "%.80s does not belong to the vendor "
                     "certificate",
                     signing->vendor_key.name == NULL
                         ? "the key"
                         : signing->vendor_key.name);
        err = CERTLIFE_EKEYMISMATCH;
    }
    if (err == CERTLIFE_OK) {
        warn_csr(signer.csr, warnings);
        links_warn(signer.chain, now_unix, warnings);
        if ((*upload = write_upload(&signer)) == NULL)
            err = CERTLIFE_ECRYPTO;
    }
    signer_fini(&signer);
    ERR_clear_error();
    return err;
}
