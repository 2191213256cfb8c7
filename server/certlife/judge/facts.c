/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "apns/base/hex.h"
#include "apns/cert/cert_describe.h"
#include "server/certlife/read/armor.h"

/* Known from one other project's code only, so its lack is never an error. */
#define OID_MDM_VENDOR "1.2.840.113635.100.4.12"
/* Arcs of the extensions in certificates for an app's pushes. */
#define OID_APP_DEVELOPMENT "1.2.840.113635.100.6.3.1"
#define OID_APP_TOPICS      "1.2.840.113635.100.6.3.6"

void
facts_csr(X509_REQ *csr, struct apns_cert *cert)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char *der = NULL;
    unsigned n = 0;
    int len = i2d_X509_REQ(csr, &der);

    memset(cert, 0, sizeof *cert);
    if (len > 0) {
        armor_sha256(der, (size_t)len, cert->sha256);
        if (EVP_Digest(der, (size_t)len, digest, &n, EVP_sha1(), NULL) == 1)
            hex_write(digest, n, cert->sha1);
    }
    OPENSSL_free(der);
    cert_describe_name(X509_REQ_get_subject_name(csr), cert->subject,
                       sizeof cert->subject);
}

void
facts_spki(EVP_PKEY *key, char hex[65])
{
    unsigned char *der = NULL;
    int len = key == NULL ? -1 : i2d_PUBKEY(key, &der);

    hex[0] = '\0';
    if (len > 0)
        armor_sha256(der, (size_t)len, hex);
    OPENSSL_free(der);
}

void
facts_key_type(EVP_PKEY *key, char text[32])
{
    const char *name = key == NULL ? NULL : EVP_PKEY_get0_type_name(key);
    int bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);

    text[0] = '\0';
    if (name != NULL)
        snprintf(text, 32, "%.16s %d", name, bits);
}

static bool
has_extension(X509 *x509, const char *oid, bool is_arc)
{
    size_t n = strlen(oid);

    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        char text[128];
        int len =
            OBJ_obj2txt(text, sizeof text,
                        X509_EXTENSION_get_object(X509_get_ext(x509, i)), 1);

        if (len <= 0 || (size_t)len >= sizeof text)
            continue;
        if (strcmp(text, oid) == 0 ||
            (is_arc && strncmp(text, oid, n) == 0 && text[n] == '.'))
            return true;
    }
    return false;
}

bool
facts_is_vendor(X509 *x509)
{
    return has_extension(x509, OID_MDM_VENDOR, false);
}

/* The portal calls them "MDM Vendor: name"; the mark decides where it is. */
static bool
has_vendor_name(const struct apns_cert *cert)
{
    return strcasestr(cert->subject, "CN=MDM Vendor") != NULL ||
           strcasestr(cert->subject, "CN=MDM CSR") != NULL;
}

enum certlife_kind
facts_kind(X509 *x509, const struct apns_cert *cert)
{
    if (cert_describe_is_push(x509))
        return CERTLIFE_KIND_PUSH_CERT;
    if (facts_is_vendor(x509) || has_vendor_name(cert))
        return CERTLIFE_KIND_VENDOR_CERT;
    if (X509_check_ca(x509) > 0)
        return facts_is_self_signed(x509) ? CERTLIFE_KIND_ROOT
                                          : CERTLIFE_KIND_INTERMEDIATE;
    if (cert->topic[0] != '\0' &&
        (has_extension(x509, OID_APP_DEVELOPMENT, false) ||
         has_extension(x509, OID_APP_TOPICS, true) ||
         strncmp(cert->topic, "com.", 4) == 0))
        return CERTLIFE_KIND_APP_CERT;
    return CERTLIFE_KIND_OTHER_CERT;
}

bool
facts_is_device(X509 *x509)
{
    uint32_t use = X509_get_extended_key_usage(x509);

    return X509_check_ca(x509) == 0 &&
           (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) != 0 &&
           (use & XKU_SSL_CLIENT) != 0 && (use & XKU_SSL_SERVER) == 0;
}

bool
facts_signed_by(X509 *x509, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);

    return key != NULL &&
           X509_NAME_cmp(X509_get_issuer_name(x509),
                         X509_get_subject_name(issuer)) == 0 &&
           X509_verify(x509, key) == 1;
}

bool
facts_is_forged(X509 *x509, X509 *issuer)
{
    return X509_NAME_cmp(X509_get_issuer_name(x509),
                         X509_get_subject_name(issuer)) == 0 &&
           !facts_signed_by(x509, issuer);
}

bool
facts_is_self_signed(X509 *x509)
{
    return facts_signed_by(x509, x509);
}
