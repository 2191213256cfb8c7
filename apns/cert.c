/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "apns.h"
#include "cert_key.h"
#include "pem.h"

#define MAX_KEYS   16 /* key blocks in one file */
#define MAX_DETAIL CERT_KEY_MAX_DETAIL

static const char topic_prefix[] = "com.apple.mgmt.";

/* What has been found so far; freed as one. */
struct reading {
    struct pem_block leaf; /* the last certificate; body NULL: none yet */
    struct pem_block keys[MAX_KEYS];
    size_t n_keys;
    X509 *x509;
    EVP_PKEY *key; /* the one that belongs to x509 */
    char detail[MAX_DETAIL];
};

/*
 * Blocks.
 */

static enum apns_err
take_block(struct reading *reading, const struct pem_block *block)
{
    if (strcmp(block->type, "CERTIFICATE") == 0) {
        reading->leaf = *block;
        return APNS_OK;
    }
    if (strcmp(block->type, "ENCRYPTED PRIVATE KEY") == 0)
        return APNS_EKEYENCRYPTED;
    if (strcmp(block->type, "PRIVATE KEY") != 0 &&
        strcmp(block->type, "RSA PRIVATE KEY") != 0 &&
        strcmp(block->type, "EC PRIVATE KEY") != 0)
        return APNS_EPEMTYPE;
    if (pem_is_encrypted(block))
        return APNS_EKEYENCRYPTED;
    if (reading->n_keys == MAX_KEYS) {
        snprintf(reading->detail, MAX_DETAIL, "more than %d private keys",
                 MAX_KEYS);
        return APNS_EINVAL;
    }
    reading->keys[reading->n_keys++] = *block;
    return APNS_OK;
}

static enum apns_err
take_blocks(struct reading *reading, const char *pem, size_t len)
{
    const char *at = pem, *end = pem + len;
    struct pem_block block;
    enum pem_step step;
    bool is_empty = true;

    while ((step = pem_next(&at, end, &block)) == PEM_BLOCK) {
        enum apns_err err = take_block(reading, &block);

        if (err == APNS_EPEMTYPE || err == APNS_EKEYENCRYPTED)
            snprintf(reading->detail, MAX_DETAIL, "%s", block.type);
        if (err != APNS_OK)
            return err;
        is_empty = false;
    }
    if (step == PEM_BROKEN) {
        snprintf(reading->detail, MAX_DETAIL, "BEGIN %s without its END",
                 block.type);
        return APNS_EPEM;
    }
    if (is_empty)
        return APNS_EPEM;
    if (reading->leaf.body == NULL)
        return APNS_ENOCERT;
    return reading->n_keys == 0 ? APNS_ENOKEY : APNS_OK;
}

/*
 * Certificate and key.
 */

static enum apns_err
parse_leaf(struct reading *reading)
{
    unsigned char *der = NULL;
    const unsigned char *at;
    size_t len = 0;

    if (!pem_decode(&reading->leaf, &der, &len)) {
        snprintf(reading->detail, MAX_DETAIL, "CERTIFICATE is not base64");
        return APNS_ECERTPARSE;
    }
    at = der;
    reading->x509 = d2i_X509(NULL, &at, (long)len);
    if (reading->x509 != NULL && at != der + len) {
        X509_free(reading->x509); /* bytes behind it: not what was signed */
        reading->x509 = NULL;
    }
    OPENSSL_free(der);
    if (reading->x509 == NULL)
        return APNS_ECERTPARSE;
    if (X509_get0_pubkey(reading->x509) == NULL) {
        snprintf(reading->detail, MAX_DETAIL, "its public key cannot be read");
        return APNS_ECERTPARSE;
    }
    return APNS_OK;
}

/* Of several keys take the one that belongs to the certificate. */
static enum apns_err
choose_key(struct reading *reading)
{
    EVP_PKEY *public_key = X509_get0_pubkey(reading->x509);
    enum apns_err err = APNS_EKEYMISMATCH;

    for (size_t i = 0; i < reading->n_keys; i++) {
        EVP_PKEY *key = cert_key_read(&reading->keys[i]);

        if (key == NULL || !cert_key_is_strong(key, reading->detail)) {
            err = APNS_EKEYPARSE;
        } else if (cert_key_belongs(key, public_key)) {
            reading->key = key;
            reading->detail[0] = '\0'; /* an earlier key's weakness */
            return APNS_OK;
        }
        EVP_PKEY_free(key);
    }
    return err;
}

/*
 * What the certificate says.
 */

static void
copy_name(char *out, size_t out_size, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long len = 0;

    out[0] = '\0';
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0)
        len = BIO_get_mem_data(bio, &text);
    if (len > 0)
        snprintf(out, out_size, "%.*s", (int)len, text);
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
    apns_token_hex(bytes, len, hex);
    return true;
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

static enum apns_err
describe(struct reading *reading, struct apns_cert *cert)
{
    X509 *x509 = reading->x509;

    copy_name(cert->subject, sizeof cert->subject, X509_get_subject_name(x509));
    copy_name(cert->issuer, sizeof cert->issuer, X509_get_issuer_name(x509));
    /* Without the extension this is all ones. */
    cert->has_client_auth =
        (X509_get_extended_key_usage(x509) & XKU_SSL_CLIENT) != 0;
    if (!copy_serial(cert->serial, sizeof cert->serial, x509) ||
        !copy_digest(cert->sha256, x509, EVP_sha256()) ||
        !copy_digest(cert->sha1, x509, EVP_sha1()))
        return APNS_ECERTPARSE;
    if (!read_time(X509_get0_notBefore(x509), &cert->not_before_unix) ||
        !read_time(X509_get0_notAfter(x509), &cert->not_after_unix)) {
        snprintf(reading->detail, MAX_DETAIL, "its dates cannot be read");
        return APNS_ECERTPARSE;
    }
    return APNS_OK;
}

/* A topic goes into a header, log lines and file names: printable ASCII
 * without a space only. What else the UID holds shows as '?'. */
static bool
copy_topic(char *topic, const unsigned char *uid, size_t len)
{
    bool is_clean = len <= APNS_MAX_TOPIC;
    size_t i;

    for (i = 0; i < len && i < APNS_MAX_TOPIC; i++) {
        bool is_plain = uid[i] > ' ' && uid[i] < 0x7f;

        topic[i] = is_plain ? (char)uid[i] : '?';
        is_clean = is_clean && is_plain;
    }
    topic[i] = '\0';
    return is_clean;
}

/* The first UID of the subject, as NanoMDM takes it. */
static enum apns_err
find_topic(struct reading *reading, struct apns_cert *cert)
{
    const X509_NAME *subject = X509_get_subject_name(reading->x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_userId, -1);
    unsigned char *uid = NULL;
    char topic[APNS_MAX_TOPIC + 1];
    bool is_clean;
    int len;

    if (at < 0)
        return APNS_ENOUID;
    len = ASN1_STRING_to_UTF8(
        &uid, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (len < 0)
        return APNS_EBADUID;
    is_clean = copy_topic(topic, uid, (size_t)len);
    OPENSSL_free(uid);
    if (!is_clean || strlen(topic) < sizeof topic_prefix ||
        strncmp(topic, topic_prefix, sizeof topic_prefix - 1) != 0) {
        snprintf(reading->detail, MAX_DETAIL, "%s", topic);
        return APNS_EBADUID;
    }
    memcpy(cert->topic, topic, sizeof cert->topic);
    return APNS_OK;
}

static void
name_date(struct reading *reading, int64_t unix_s)
{
    time_t when = (time_t)unix_s;
    struct tm tm;

    if (gmtime_r(&when, &tm) != NULL)
        strftime(reading->detail, MAX_DETAIL, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static enum apns_err
check_dates(struct reading *reading, const struct apns_cert *cert,
            int64_t now_unix)
{
    if (now_unix < cert->not_before_unix) {
        name_date(reading, cert->not_before_unix);
        return APNS_ENOTYETVALID;
    }
    if (now_unix > cert->not_after_unix) {
        name_date(reading, cert->not_after_unix);
        return APNS_EEXPIRED;
    }
    return APNS_OK;
}

/*
 * Normal form: one PEM block each, the key as PKCS#8.
 */

static char *
copy_bio(BIO *bio)
{
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);

    return len > 0 ? strndup(text, (size_t)len) : NULL;
}

/* Memory BIOs cleanse themselves when they grow and when they go. */
static enum apns_err
write_pem(const struct reading *reading, char **leaf_pem, char **key_pem)
{
    BIO *leaf = BIO_new(BIO_s_mem());
    BIO *key = BIO_new(BIO_s_mem());
    bool is_written = leaf != NULL && key != NULL &&
                      PEM_write_bio_X509(leaf, reading->x509) == 1 &&
                      PEM_write_bio_PKCS8PrivateKey(key, reading->key, NULL,
                                                    NULL, 0, NULL, NULL) == 1;

    if (is_written && leaf_pem != NULL)
        is_written = (*leaf_pem = copy_bio(leaf)) != NULL;
    if (is_written && key_pem != NULL)
        is_written = (*key_pem = copy_bio(key)) != NULL;
    BIO_free(leaf);
    BIO_free(key);
    if (is_written)
        return APNS_OK;
    if (leaf_pem != NULL) {
        free(*leaf_pem);
        *leaf_pem = NULL;
    }
    return APNS_ENOMEM;
}

static enum apns_err
read_all(struct reading *reading, const char *pem, size_t len,
         struct apns_cert *cert)
{
    enum apns_err err;

    if (len > (size_t)APNS_MAX_PEM) {
        snprintf(reading->detail, MAX_DETAIL, "%zu bytes, at most %d", len,
                 APNS_MAX_PEM);
        return APNS_EINVAL;
    }
    if (len == 0)
        return APNS_EPEM; /* and pem may be NULL */
    if ((err = take_blocks(reading, pem, len)) != APNS_OK ||
        (err = parse_leaf(reading)) != APNS_OK ||
        (err = choose_key(reading)) != APNS_OK ||
        (err = find_topic(reading, cert)) != APNS_OK)
        return err;
    return describe(reading, cert);
}

enum apns_err
apns_cert_read(const char *pem, size_t len, int64_t now_unix,
               struct apns_cert *cert, char **leaf_pem, char **key_pem,
               char *detail)
{
    struct reading reading = {0};
    enum apns_err err, dates;

    memset(cert, 0, sizeof *cert);
    if (leaf_pem != NULL)
        *leaf_pem = NULL;
    if (key_pem != NULL)
        *key_pem = NULL;
    err = read_all(&reading, pem, len, cert);
    if (err == APNS_OK) {
        dates = check_dates(&reading, cert, now_unix);
        err = write_pem(&reading, leaf_pem, key_pem);
        if (err == APNS_OK)
            err = dates;
    }
    if (detail != NULL)
        memcpy(detail, reading.detail, MAX_DETAIL);
    X509_free(reading.x509);
    EVP_PKEY_free(reading.key);
    ERR_clear_error();
    return err;
}
