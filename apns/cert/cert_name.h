/* SPDX-License-Identifier: MIT */
#ifndef APNS_CERT_NAME_H
#define APNS_CERT_NAME_H

/* Bytes that somebody else calls text. */

#include <stddef.h>

/**
 * cert_name_clean(bytes, len, text, size):
 * Copy as NUL-terminated UTF-8, cut between characters to fit into ${size}.
 * Every byte that is not UTF-8 and every character that acts on a terminal or
 * hides (controls, direction marks, zero width) becomes '?'.
 */
void cert_name_clean(const char *bytes, size_t len, char *text, size_t size);

#endif /* APNS_CERT_NAME_H */
