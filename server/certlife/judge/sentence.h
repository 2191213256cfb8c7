/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SENTENCE_H
#define ROUSE_SENTENCE_H

/* What a thing is, in words that an administrator understands. */

#include "server/certlife/read/pile.h"

/**
 * sentence_write(item, now_unix, sentence):
 * ${now_unix} INT64_MIN: say nothing about time.
 */
void sentence_write(const struct pile_item *item, int64_t now_unix,
                    char sentence[CERTLIFE_MAX_TEXT]);

#endif /* ROUSE_SENTENCE_H */
