/* SPDX-License-Identifier: MIT */
#ifndef API_RFC3339_H
#define API_RFC3339_H

/*
 * Times as the API writes and reads them.
 */

#include <stdbool.h>
#include <stdint.h>

#define RFC3339_SIZE 88 /* room for any six ints, so that gcc sees it fits */

/** rfc3339_text(unix_ms, text): "2026-01-07T04:04:46.123Z". */
void rfc3339_text(int64_t unix_ms, char text[RFC3339_SIZE]);

/** rfc3339_text_s(unix_s, text): "2026-01-07T04:04:46Z", as Go writes it. */
void rfc3339_text_s(int64_t unix_s, char text[RFC3339_SIZE]);

/**
 * rfc3339_read(text, unix_ms):
 * Read a time with any zone offset and up to nine digits of a fraction;
 * what is finer than a millisecond is cut off.
 *
 *   returns  false when it is not such a time
 */
bool rfc3339_read(const char *text, int64_t *unix_ms);

#endif /* API_RFC3339_H */
