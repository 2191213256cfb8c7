/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_FACTS_H
#define ROUSE_FACTS_H

/* What requests and keys say of themselves, and what a certificate is for. */

#include <stdbool.h>

#include <openssl/x509.h>

#include "server/certlife/certlife.h"

/** facts_csr(csr, cert): subject, sha256 and sha1; the rest is zero. */
void facts_csr(X509_REQ *csr, struct apns_cert *cert);

/** facts_spki(key, hex): SHA-256 of the public key's DER; "" if it fails. */
void facts_spki(EVP_PKEY *key, char hex[65]);

/** facts_key_type(key, text): "RSA 2048" and the like. */
void facts_key_type(EVP_PKEY *key, char text[32]);

/** facts_kind(x509, cert): which of the certificate kinds it is; ${cert} is
 *  what cert_describe_x509 says of it. */
enum certlife_kind facts_kind(X509 *x509, const struct apns_cert *cert);

/** facts_is_vendor(x509): has Apple's MDM vendor mark. */
bool facts_is_vendor(X509 *x509);

/** facts_is_device(x509): looks like the identity that an MDM server or Apple
 *  gives to a device: a client's alone, and no authority's. */
bool facts_is_device(X509 *x509);

/** facts_is_self_signed(x509): names itself as issuer and its key agrees. */
bool facts_is_self_signed(X509 *x509);

/**
 * facts_is_forged(x509, issuer):
 * ${issuer} has the name of its issuer, and the signature is not its.
 */
bool facts_is_forged(X509 *x509, X509 *issuer);

/** facts_signed_by(x509, issuer): names agree and the signature is valid. */
bool facts_signed_by(X509 *x509, X509 *issuer);

#endif /* ROUSE_FACTS_H */
