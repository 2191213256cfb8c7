/* SPDX-License-Identifier: MIT */
#include "facts.h"

#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "armor.h"

/* Known from one other project's code only, so its lack is never an error. */
#define OID_MDM_VENDOR "1.2.840.113635.100.4.12"
/* Arcs of the extensions in certificates for an app's pushes. */
#define OID_APP_DEVELOPMENT "1.2.840.113635.100.6.3.1"
#define OID_APP_TOPICS      "1.2.840.113635.100.6.3.6"

void
facts_name(const X509_NAME *name, char *text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    long n = 0;

    text[0] = '\0';
    /* Escaped to printable ASCII, so it may be cut and shown anywhere. */
    if (bio != NULL && name != NULL &&
        X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0)
        n = BIO_get_mem_data(bio, &bytes);
    if (n > 0)
        snprintf(text, size, "%.*s", (int)n, bytes);
    BIO_free(bio);
}

static int64_t
unix_time(const ASN1_TIME *when)
{
    struct tm tm;

    if (when == NULL || ASN1_TIME_to_tm(when, &tm) != 1)
        return 0;
    return (int64_t)timegm(&tm);
}

static bool
is_plain(const unsigned char *text, int len)
{
    for (int i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return true;
}

/* The last UID of the subject; "" when there is none that can be a topic. */
static void
read_topic(const X509_NAME *subject, char topic[APNS_MAX_TOPIC + 1])
{
    int last = -1;
    unsigned char *utf8 = NULL;
    int n;

    topic[0] = '\0';
    for (int at = -1;
         (at = X509_NAME_get_index_by_NID(subject, NID_userId, at)) >= 0;)
        last = at;
    if (last < 0)
        return;
    n = ASN1_STRING_to_UTF8(
        &utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
    if (n > 0 && n <= APNS_MAX_TOPIC && is_plain(utf8, n))
        snprintf(topic, APNS_MAX_TOPIC + 1, "%.*s", n, utf8);
    OPENSSL_free(utf8);
}

static void
read_digests(const unsigned char *der, int len, struct apns_cert *cert)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n;

    armor_sha256(der, (size_t)len, cert->sha256);
    if (EVP_Digest(der, (size_t)len, digest, &n, EVP_sha1(), NULL) == 1)
        armor_hex(digest, n, cert->sha1);
}

static void
read_serial(X509 *x509, char serial[65])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *hex = number == NULL ? NULL : BN_bn2hex(number);

    if (hex != NULL)
        snprintf(serial, 65, "%.64s", hex);
    OPENSSL_free(hex);
    BN_free(number);
}

static bool
has_client_auth(X509 *x509)
{
    return (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) == 0 ||
           (X509_get_extended_key_usage(x509) & XKU_SSL_CLIENT) != 0;
}

void
facts_cert(X509 *x509, struct apns_cert *cert)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);

    memset(cert, 0, sizeof *cert);
    if (len > 0)
        read_digests(der, len, cert);
    OPENSSL_free(der);
    read_topic(X509_get_subject_name(x509), cert->topic);
    facts_name(X509_get_subject_name(x509), cert->subject,
               sizeof cert->subject);
    facts_name(X509_get_issuer_name(x509), cert->issuer, sizeof cert->issuer);
    read_serial(x509, cert->serial);
    cert->not_before_unix = unix_time(X509_get0_notBefore(x509));
    cert->not_after_unix = unix_time(X509_get0_notAfter(x509));
    cert->has_client_auth = has_client_auth(x509);
}

void
facts_csr(X509_REQ *csr, struct apns_cert *cert)
{
    unsigned char *der = NULL;
    int len = i2d_X509_REQ(csr, &der);

    memset(cert, 0, sizeof *cert);
    if (len > 0)
        read_digests(der, len, cert);
    OPENSSL_free(der);
    facts_name(X509_REQ_get_subject_name(csr), cert->subject,
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

bool
facts_has_topic_prefix(const char *topic)
{
    static const char prefix[] = "com.apple.mgmt.";

    return strncmp(topic, prefix, sizeof prefix - 1) == 0;
}

/* The portal calls them "MDM Vendor: name"; the mark decides where it is. */
static bool
has_vendor_name(X509 *x509)
{
    char subject[512];

    facts_name(X509_get_subject_name(x509), subject, sizeof subject);
    return strcasestr(subject, "CN=MDM Vendor") != NULL ||
           strcasestr(subject, "CN=MDM CSR") != NULL;
}

enum certlife_kind
facts_kind(X509 *x509)
{
    char topic[APNS_MAX_TOPIC + 1];

    read_topic(X509_get_subject_name(x509), topic);
    if (facts_has_topic_prefix(topic))
        return CERTLIFE_KIND_PUSH_CERT;
    if (facts_is_vendor(x509) || has_vendor_name(x509))
        return CERTLIFE_KIND_VENDOR_CERT;
    if (X509_check_ca(x509) > 0)
        return facts_is_self_signed(x509) ? CERTLIFE_KIND_ROOT
                                          : CERTLIFE_KIND_INTERMEDIATE;
    if (topic[0] != '\0' && (has_extension(x509, OID_APP_DEVELOPMENT, false) ||
                             has_extension(x509, OID_APP_TOPICS, true) ||
                             strncmp(topic, "com.", 4) == 0))
        return CERTLIFE_KIND_APP_CERT;
    return CERTLIFE_KIND_OTHER_CERT;
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
facts_is_self_signed(X509 *x509)
{
    return facts_signed_by(x509, x509);
}
