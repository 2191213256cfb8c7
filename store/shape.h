/* SPDX-License-Identifier: MIT */
#ifndef STORE_SHAPE_H
#define STORE_SHAPE_H

/*
 * Whether inputs keep the limits of store.h. NULL stands for "".
 */

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"

/* A filter's texts, for a struct store_text. */
#define FILTER_TEXTS(type, filter)                          \
    TEXT(type, filter.topic, STORE_MAX_TOPIC, MAYBE),       \
        TEXT(type, filter.parent, STORE_MAX_ID, MAYBE),     \
        TEXT(type, filter.serial, STORE_MAX_SERIAL, MAYBE), \
        TEXT(type, filter.group, STORE_MAX_GROUP_PATH, MAYBE)

/** shape_text(text, max): at most ${max} bytes. */
bool shape_text(const char *text, size_t max);

/** shape_name(text, max): likewise, and not empty. */
bool shape_name(const char *text, size_t max);

bool shape_ids(const char *const *ids, size_t n);
bool shape_enrollment(const struct store_enrollment *enrollment);
bool shape_checkin(const struct store_checkin *checkin);

/** shape_given(text): "" for NULL. */
const char *shape_given(const char *text);

#endif /* STORE_SHAPE_H */
