/* SPDX-License-Identifier: MIT */
#include "pki_cert.h"

#include <openssl/bn.h>
#include <openssl/conf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define KEY_BITS     2048
#define SERIAL_BYTES 8
#define CA_DAYS      3650
#define DAY_S        86400
#define MAX_CN       64 /* bytes; X.520's upper bound */

/*
 * [push] is Apple's layout, extension by extension and in Apple's order; only
 * the addresses are nobody's, since this CA is not Apple.
 */
static const char extensions[] =
    "[ca]\n"
    "basicConstraints = critical,CA:TRUE\n"
    "keyUsage = critical,keyCertSign,cRLSign\n"
    "subjectKeyIdentifier = hash\n"
    "[server]\n"
    "basicConstraints = CA:FALSE\n"
    "authorityKeyIdentifier = keyid:always\n"
    "subjectKeyIdentifier = hash\n"
    "keyUsage = critical,digitalSignature,keyEncipherment\n"
    "extendedKeyUsage = serverAuth\n"
    /* Apple's names are for clients that cannot be told another host. */
    "subjectAltName = DNS:localhost,DNS:apns.test,IP:127.0.0.1,IP:::1,"
    "DNS:api.push.apple.com,DNS:api.development.push.apple.com\n"
    "[push]\n"
    "basicConstraints = CA:FALSE\n"
    "authorityKeyIdentifier = keyid:always\n"
    "certificatePolicies = @policy\n"
    "extendedKeyUsage = clientAuth\n"
    "crlDistributionPoints = URI:http://rouse-sim.invalid/ca.crl\n"
    "subjectKeyIdentifier = hash\n"
    "keyUsage = digitalSignature\n"
    "1.2.840.113635.100.6.3.2 = DER:05:00\n"
    "[policy]\n"
    "policyIdentifier = 1.2.840.113635.100.5.1\n"
    "userNotice.1 = @notice\n"
    "CPS.1 = http://rouse-sim.invalid/policy\n"
    "[notice]\n"
    "explicitText = A throwaway certificate for tests\n";

static int
add_name(X509_NAME *name, int nid, const char *text)
{
    return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8,
                                      (const unsigned char *)text, -1, -1, 0);
}

/* The issuer's name reads like Apple's, in Apple's order, but says whose. */
static int
name_ca(X509_NAME *name)
{
    return add_name(
               name, NID_commonName,
               "rouse-sim Application Integration 2 Certification Authority") &&
           add_name(name, NID_organizationalUnitName,
                    "rouse-sim Certification Authority") &&
           add_name(name, NID_organizationName, "rouse-sim, not Apple") &&
           add_name(name, NID_countryName, "US");
}

/* One by one: from OpenSSL 3.2 on X509V3_EXT_add_nconf() has an order of its
   own. */
static int
add_section(X509 *cert, CONF *conf, X509V3_CTX *v3, const char *section)
{
    const STACK_OF(CONF_VALUE) *lines = NCONF_get_section(conf, section);
    int ok = lines != NULL;

    for (int i = 0; ok && i < sk_CONF_VALUE_num(lines); i++) {
        const CONF_VALUE *line = sk_CONF_VALUE_value(lines, i);
        X509_EXTENSION *extension =
            X509V3_EXT_nconf(conf, v3, line->name, line->value);

        ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
        X509_EXTENSION_free(extension);
    }
    return ok;
}

static int
add_extensions(X509 *cert, X509 *issuer, const char *section)
{
    X509V3_CTX v3;
    CONF *conf = NCONF_new(NULL);
    BIO *text = BIO_new_mem_buf(extensions, sizeof extensions - 1);
    int ok =
        conf != NULL && text != NULL && NCONF_load_bio(conf, text, NULL) == 1;

    if (ok) {
        X509V3_set_ctx(&v3, issuer, cert, NULL, NULL, 0);
        X509V3_set_nconf(&v3, conf);
        ok = add_section(cert, conf, &v3, section);
    }
    BIO_free(text);
    NCONF_free(conf);
    return ok;
}

static int
set_serial(X509 *cert)
{
    unsigned char bytes[SERIAL_BYTES];
    BIGNUM *number;
    int ok;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return 0;
    /* Positive, and all eight bytes of it. */
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
    if ((number = BN_bin2bn(bytes, sizeof bytes, NULL)) == NULL)
        return 0;
    ok = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return ok;
}

static int
set_time(ASN1_TIME *field, int64_t unix_s)
{
    return ASN1_TIME_set(field, (time_t)unix_s) != NULL;
}

static EVP_PKEY *
new_key(void)
{
    return EVP_RSA_gen(KEY_BITS);
}

/*
 * An unsigned certificate for ${key}, which it takes over, with everything
 * but its subject and extensions.
 */
static int
start(struct pki_pair *pair, EVP_PKEY *key, int64_t not_before_unix,
      int64_t not_after_unix)
{
    *pair = (struct pki_pair){.cert = X509_new(), .key = key};
    return pair->cert != NULL && pair->key != NULL &&
           X509_set_version(pair->cert, X509_VERSION_3) &&
           set_serial(pair->cert) &&
           set_time(X509_getm_notBefore(pair->cert), not_before_unix) &&
           set_time(X509_getm_notAfter(pair->cert), not_after_unix) &&
           X509_set_pubkey(pair->cert, pair->key);
}

static int
finish(struct pki_pair *pair, const struct pki_pair *ca, const char *section)
{
    return X509_set_issuer_name(pair->cert, X509_get_subject_name(ca->cert)) &&
           add_extensions(pair->cert, ca->cert, section) &&
           X509_sign(pair->cert, ca->key, EVP_sha256()) > 0;
}

static int
end(struct pki_pair *pair, int ok)
{
    if (ok)
        return 0;
    pki_cert_free(pair);
    return -1;
}

int
pki_cert_ca(struct pki_pair *pair)
{
    int64_t now = (int64_t)time(NULL);

    return end(pair,
               start(pair, new_key(), now, now + CA_DAYS * (int64_t)DAY_S) &&
                   name_ca(X509_get_subject_name(pair->cert)) &&
                   finish(pair, pair, "ca"));
}

int
pki_cert_server(struct pki_pair *pair, const struct pki_pair *ca)
{
    int64_t now = (int64_t)time(NULL);

    return end(pair,
               start(pair, new_key(), now, now + CA_DAYS * (int64_t)DAY_S) &&
                   add_name(X509_get_subject_name(pair->cert), NID_commonName,
                            "localhost") &&
                   finish(pair, ca, "server"));
}

int
pki_cert_push(struct pki_pair *pair, const struct pki_pair *ca,
              const struct pki_cert_subject *what)
{
    char cn[MAX_CN + 1];
    EVP_PKEY *key = what->key;
    X509_NAME *name;

    /* A test's long name is cut; Apple's has 41 bytes. */
    snprintf(cn, sizeof cn, "APSP:%.*s", MAX_CN - 5, what->name);
    if (key == NULL)
        key = new_key();
    else
        EVP_PKEY_up_ref(key);
    if (!start(pair, key, what->not_before_unix, what->not_after_unix))
        return end(pair, 0);
    name = X509_get_subject_name(pair->cert);
    return end(pair, (what->topic == NULL ||
                      add_name(name, NID_userId, what->topic)) &&
                         add_name(name, NID_commonName, cn) &&
                         add_name(name, NID_countryName, "US") &&
                         finish(pair, ca, "push"));
}

void
pki_cert_free(struct pki_pair *pair)
{
    X509_free(pair->cert);
    EVP_PKEY_free(pair->key);
    *pair = (struct pki_pair){.cert = NULL};
}
