/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_DESCRIBE_H
#define APNS_CERT_DESCRIBE_H

/*
 * What an X.509 certificate says of itself, and whether APNs could be spoken
 * to with it: the one reader of certificates for the whole program. Knows no
 * files, no keys and no clock. Errors stay in OpenSSL's queue for the caller
 * to clear.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "apns/apns.h"

#define CERT_DESCRIBE_MAX_DETAIL 256

/**
 * cert_describe_x509(x509, cert, detail):
 * Fill ${cert} as far as ${x509} can be read, whatever is wrong with it, and
 * say the first thing that no push certificate may have.
 *
 *   shape    ${cert->topic} is the only UID of the subject when that is plain
 *            text, also when it is no push topic; else ""
 *   detail   CERT_DESCRIBE_MAX_DETAIL bytes: what the error is about, else ""
 *   errors   APNS_ECERTPARSE, APNS_ENOUID, APNS_EMANYUIDS, APNS_EBADUID,
 *            APNS_EWEAKKEY, APNS_EWEAKSIGN. Dates are no matter here
 */
enum apns_err cert_describe_x509(X509 *x509, struct apns_cert *cert,
                                 char *detail);

/**
 * cert_describe_is_push(x509):
 * Some UID of it begins as push topics do, in whatever letters: it is meant
 * as a push certificate, though it may be none that can be used.
 */
bool cert_describe_is_push(const X509 *x509);

/**
 * cert_describe_dates(cert, now_unix, detail):
 * APNS_ENOTYETVALID or APNS_EEXPIRED; then ${detail}, which may be NULL, gets
 * the date that it is about.
 */
enum apns_err cert_describe_dates(const struct apns_cert *cert,
                                  int64_t now_unix, char *detail);

/**
 * cert_describe_name(name, text, size):
 * RFC 2253 as UTF-8, cut between characters to fit. What acts on a terminal
 * or hides (controls, direction marks) and what is no UTF-8 shows as '?'.
 */
void cert_describe_name(const X509_NAME *name, char *text, size_t size);

#endif /* APNS_CERT_DESCRIBE_H */
