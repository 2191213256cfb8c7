/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_PHRASE_H
#define ROUSE_PHRASE_H

/* Words for people: details, sentences, warnings, dates. */

#include "server/certlife/certlife.h"

/** phrase_write(text, format, …): into CERTLIFE_MAX_TEXT bytes, or NULL. */
__attribute__((format(printf, 2, 3))) void
phrase_write(char *text, const char *format, ...);

/** phrase_warn(warnings, format, …): append; dropped beyond the maximum. */
__attribute__((format(printf, 2, 3))) void
phrase_warn(struct certlife_warnings *warnings, const char *format, ...);

/**
 * phrase_cut(text, max, out):
 * At most ${max} bytes of UTF-8, whole characters; ${out} takes one more byte
 * and is returned.
 */
const char *phrase_cut(const char *text, size_t max, char *out);

/** phrase_moment(unix, text): "2027-09-19 10:51:18 UTC"; returns ${text}. */
const char *phrase_moment(int64_t unix_s, char text[32]);

#endif /* ROUSE_PHRASE_H */
