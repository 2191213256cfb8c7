/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_LINKS_H
#define ROUSE_LINKS_H

/* Chains: a leaf, its issuer, that one's issuer, …, a self-signed root. */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "server/certlife/certlife.h"

#define LINKS_MAX 16 /* certificates of a chain */

/**
 * links_sort(leaf, loose):
 * The chain that begins with ${leaf}, out of ${loose} in any order; as long
 * as links are found. New (sk_X509_pop_free), or NULL: no memory.
 */
STACK_OF(X509) * links_sort(X509 *leaf, const STACK_OF(X509) * loose);

/**
 * links_are_complete(chain, why, size):
 * Each is signed by the next and the last by itself; else ${why} names the
 * link that is missing.
 */
bool links_are_complete(const STACK_OF(X509) * chain, char *why, size_t size);

/**
 * links_warn(chain, now_unix, warnings):
 * Say what Apple would refuse in a vendor's chain: dates, the missing mark,
 * missing links.
 */
void links_warn(const STACK_OF(X509) * chain, int64_t now_unix,
                struct certlife_warnings *warnings);

#endif /* ROUSE_LINKS_H */
