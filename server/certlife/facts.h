/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_FACTS_H
#define ROUSE_FACTS_H

/* What certificates, requests and keys say of themselves. */

#include <stdbool.h>

#include <openssl/x509.h>

#include "server/certlife/certlife.h"

/** facts_cert(x509, cert): as apns_cert_read fills it, but without a key. */
void facts_cert(X509 *x509, struct apns_cert *cert);

/** facts_csr(csr, cert): subject, sha256 and sha1; the rest is zero. */
void facts_csr(X509_REQ *csr, struct apns_cert *cert);

/** facts_spki(key, hex): SHA-256 of the public key's DER; "" if it fails. */
void facts_spki(EVP_PKEY *key, char hex[65]);

/** facts_key_type(key, text): "RSA 2048" and the like. */
void facts_key_type(EVP_PKEY *key, char text[32]);

/** facts_name(name, text, size): RFC 2253, cut to fit. */
void facts_name(const X509_NAME *name, char *text, size_t size);

/** facts_kind(x509): which of the certificate kinds it is. */
enum certlife_kind facts_kind(X509 *x509);

/** facts_is_vendor(x509): has Apple's MDM vendor mark. */
bool facts_is_vendor(X509 *x509);

/** facts_is_self_signed(x509): names itself as issuer and its key agrees. */
bool facts_is_self_signed(X509 *x509);

/** facts_signed_by(x509, issuer): names agree and the signature is valid. */
bool facts_signed_by(X509 *x509, X509 *issuer);

/** facts_has_topic_prefix(topic): begins with com.apple.mgmt. */
bool facts_has_topic_prefix(const char *topic);

#endif /* ROUSE_FACTS_H */
