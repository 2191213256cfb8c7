/* SPDX-License-Identifier: MIT */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

/*
 * Times as text, in UTC. Years are written with their last four digits.
 */

#include <stdbool.h>
#include <stdint.h>

#define RFC3339_SIZE 25 /* bytes with the NUL */
#define RFC3339_DAY  11 /* likewise */

/* Each of these returns ${text}. */

/** rfc3339_text(unix_ms, text): "2026-01-07T04:04:46.123Z". */
char *rfc3339_text(int64_t unix_ms, char text[RFC3339_SIZE]);

/** rfc3339_text_s(unix_s, text): "2026-01-07T04:04:46Z", as Go writes it. */
char *rfc3339_text_s(int64_t unix_s, char text[RFC3339_SIZE]);

/** rfc3339_day(unix_s, text): "2026-01-07". */
char *rfc3339_day(int64_t unix_s, char text[RFC3339_DAY]);

/**
 * rfc3339_read(text, unix_ms):
 * Read a time with any zone offset and up to nine digits of a fraction;
 * what is finer than a millisecond is cut off.
 *
 *   returns  false when it is not such a time
 */
bool rfc3339_read(const char *text, int64_t *unix_ms);

#endif /* BASE_RFC3339_H */
