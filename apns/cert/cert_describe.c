/* SPDX-License-Identifier: MIT */
#include "cert_describe.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "apns/base/hex.h"
#include "apns/base/rfc3339.h"
#include "cert_key.h"
#include "cert_name.h"

#define MAX_DETAIL     CERT_DESCRIBE_MAX_DETAIL
#define MIN_SIGN_BITS  112 /* OpenSSL's security level 2 */
#define MAX_SHOWN_UIDS 2

static const char topic_prefix[] = "com.apple.mgmt.";

#define PREFIX_LEN (sizeof topic_prefix - 1)

void
cert_describe_name(const X509_NAME *name, char *text, size_t size)
{
    /* People's own letters, as they write them, and not as \E6\A0\AA. */
    unsigned long flags =
        XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long n = 0;

    if (bio != NULL && name != NULL &&
        X509_NAME_print_ex(bio, name, 0, flags) >= 0)
        n = BIO_get_mem_data(bio, &bytes);
    cert_name_clean(bytes, n > 0 ? (size_t)n : 0, text, size);
    BIO_free(bio);
}

static bool
copy_serial(char *out, size_t out_size, const X509 *x509)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;

    if (hex != NULL)
        snprintf(out, out_size, "%s", hex);
    OPENSSL_free(hex);
    BN_free(number);
    return hex != NULL;
}

static bool
copy_digest(char *hex, const X509 *x509, const EVP_MD *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int len = 0;

    if (X509_digest(x509, digest, bytes, &len) != 1)
        return false;
    hex_write(bytes, len, hex);
    return true;
}

static bool
copy_spki(char hex[65], const X509 *x509)
{
    EVP_PKEY *key = X509_get0_pubkey(x509);
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned char *der = NULL;
    unsigned int len = 0;
    int der_len = key != NULL ? i2d_PUBKEY(key, &der) : -1;
    bool is_done = der_len > 0 && EVP_Digest(der, (size_t)der_len, bytes, &len,
                                             EVP_sha256(), NULL) == 1;

    if (is_done)
        hex_write(bytes, len, hex);
    OPENSSL_free(der);
    return is_done;
}

static bool
read_time(const ASN1_TIME *asn1, int64_t *unix_s)
{
    struct tm tm = {0};

    if (asn1 == NULL || ASN1_TIME_to_tm(asn1, &tm) != 1)
        return false;
    *unix_s = timegm(&tm);
    return true;
}

/* All but the topic. */
static enum apns_err
describe_rest(X509 *x509, struct apns_cert *cert, char *detail)
{
    bool has_from =
        read_time(X509_get0_notBefore(x509), &cert->not_before_unix);
    bool has_to = read_time(X509_get0_notAfter(x509), &cert->not_after_unix);

    cert_describe_name(X509_get_subject_name(x509), cert->subject,
                       sizeof cert->subject);
    cert_describe_name(X509_get_issuer_name(x509), cert->issuer,
                       sizeof cert->issuer);
    /* Without the extension this is all ones. */
    cert->has_client_auth =
        (X509_get_extended_key_usage(x509) & XKU_SSL_CLIENT) != 0;
    if (!copy_serial(cert->serial, sizeof cert->serial, x509) ||
        !copy_digest(cert->sha256, x509, EVP_sha256()) ||
        !copy_digest(cert->sha1, x509, EVP_sha1()))
        return APNS_ECERTPARSE;
    if (!copy_spki(cert->spki_sha256, x509)) {
        snprintf(detail, MAX_DETAIL, "its public key cannot be read");
        return APNS_ECERTPARSE;
    }
    if (!has_from || !has_to) {
        snprintf(detail, MAX_DETAIL, "its dates cannot be read");
        return APNS_ECERTPARSE;
    }
    return APNS_OK;
}

/*
 * The topic.
 */

/* A topic goes into a header, log lines and file names: printable ASCII
 * without a space only. What else the UID holds shows as '?'. */
static bool
copy_uid(char *text, const unsigned char *uid, size_t len)
{
    bool is_plain = len <= APNS_MAX_TOPIC;
    size_t i;

    for (i = 0; i < len && i < APNS_MAX_TOPIC; i++) {
        bool is_fine = uid[i] > ' ' && uid[i] < 0x7f;

        text[i] = is_fine ? (char)uid[i] : '?';
        is_plain = is_plain && is_fine;
    }
    text[i] = '\0';
    return is_plain;
}

/* The ${n}-th UID of the subject; -1 there is none. */
static int
find_uid(const X509_NAME *subject, int n)
{
    int at = -1;

    do
        at = X509_NAME_get_index_by_NID(subject, NID_userId, at);
    while (at >= 0 && n-- > 0);
    return at;
}

static bool
read_uid(const X509_NAME *subject, int at, char text[APNS_MAX_TOPIC + 1])
{
    unsigned char *uid = NULL;
    int len = ASN1_STRING_to_UTF8(
        &uid, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    bool is_plain = len >= 0 && copy_uid(text, uid, (size_t)len);

    if (len < 0)
        snprintf(text, APNS_MAX_TOPIC + 1, "?");
    OPENSSL_free(uid);
    return is_plain;
}

/* Which of them APNs would take as the topic nobody knows. */
static enum apns_err
refuse_many(const X509_NAME *subject, char *detail)
{
    char uids[MAX_SHOWN_UIDS][APNS_MAX_TOPIC + 1];

    for (int i = 0; i < MAX_SHOWN_UIDS; i++)
        (void)read_uid(subject, find_uid(subject, i), uids[i]);
    snprintf(detail, MAX_DETAIL, "%.110s and %.110s%s", uids[0], uids[1],
             find_uid(subject, MAX_SHOWN_UIDS) >= 0 ? ", …" : "");
    return APNS_EMANYUIDS;
}

static enum apns_err
describe_topic(const X509_NAME *subject, struct apns_cert *cert, char *detail)
{
    int at = find_uid(subject, 0);
    char uid[APNS_MAX_TOPIC + 1] = "";
    const char *what = NULL;
    bool is_plain;

    if (at < 0)
        return APNS_ENOUID;
    if (find_uid(subject, 1) >= 0)
        return refuse_many(subject, detail);
    if ((is_plain = read_uid(subject, at, uid)))
        memcpy(cert->topic, uid, strlen(uid) + 1);
    if (!is_plain)
        what = strlen(uid) == APNS_MAX_TOPIC
                   ? "is too long, or contains what no topic has"
                   : "contains a space or another character that no topic has";
    else if (strncasecmp(uid, topic_prefix, PREFIX_LEN) == 0 &&
             strncmp(uid, topic_prefix, PREFIX_LEN) != 0)
        what = "has capital letters in com.apple.mgmt.";
    else if (strncmp(uid, topic_prefix, PREFIX_LEN) != 0)
        what = "does not begin with com.apple.mgmt.";
    else if (uid[PREFIX_LEN] == '\0')
        what = "has nothing after com.apple.mgmt.";
    if (what == NULL)
        return APNS_OK;
    snprintf(detail, MAX_DETAIL, "\"%.180s\" %s", uid, what);
    return APNS_EBADUID;
}

bool
cert_describe_is_push(const X509 *x509)
{
    const X509_NAME *subject = X509_get_subject_name(x509);
    char uid[APNS_MAX_TOPIC + 1];
    int at;

    for (int i = 0; (at = find_uid(subject, i)) >= 0; i++) {
        (void)read_uid(subject, at, uid);
        if (strncasecmp(uid, topic_prefix, PREFIX_LEN) == 0)
            return true;
    }
    return false;
}

/*
 * What TLS would refuse; better to hear of it now than when we connect.
 */

static enum apns_err
check_strength(X509 *x509, char *detail)
{
    int digest = NID_undef, bits = 0;

    if (!cert_key_is_strong(X509_get0_pubkey(x509), detail))
        return APNS_EWEAKKEY;
    if (X509_get_signature_info(x509, &digest, NULL, &bits, NULL) == 1 &&
        bits >= MIN_SIGN_BITS)
        return APNS_OK;
    snprintf(detail, MAX_DETAIL, "%s",
             digest == NID_sha1    ? "SHA-1"
             : digest == NID_md5   ? "MD5"
             : digest == NID_undef ? "an unknown digest"
                                   : OBJ_nid2sn(digest));
    return APNS_EWEAKSIGN;
}

enum apns_err
cert_describe_x509(X509 *x509, struct apns_cert *cert, char *detail)
{
    char of_topic[MAX_DETAIL] = "";
    enum apns_err rest, topic;

    memset(cert, 0, sizeof *cert);
    detail[0] = '\0';
    rest = describe_rest(x509, cert, detail);
    topic = describe_topic(X509_get_subject_name(x509), cert, of_topic);
    if (rest != APNS_OK)
        return rest;
    if (topic == APNS_OK)
        return check_strength(x509, detail);
    memcpy(detail, of_topic, sizeof of_topic);
    return topic;
}

static void
write_date(int64_t unix_s, char *detail)
{
    if (detail != NULL)
        rfc3339_text_s(unix_s, detail);
}

enum apns_err
cert_describe_dates(const struct apns_cert *cert, int64_t now_unix,
                    char *detail)
{
    if (now_unix < cert->not_before_unix) {
        write_date(cert->not_before_unix, detail);
        return APNS_ENOTYETVALID;
    }
    if (now_unix > cert->not_after_unix) {
        write_date(cert->not_after_unix, detail);
        return APNS_EEXPIRED;
    }
    return APNS_OK;
}
