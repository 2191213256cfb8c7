/* SPDX-License-Identifier: MIT */
#ifndef STORE_SHAPE_H
#define STORE_SHAPE_H

/*
 * Whether inputs keep the limits of store.h. NULL stands for "".
 */

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"

/** shape_text(text, max): at most ${max} bytes. */
bool shape_text(const char *text, size_t max);

/** shape_name(text, max): likewise, and not empty. */
bool shape_name(const char *text, size_t max);

bool shape_ids(const char *const *ids, size_t n);
bool shape_filter(const struct store_filter *filter);
bool shape_enrollment(const struct store_enrollment *enrollment);
bool shape_checkin(const struct store_checkin *checkin);

/** shape_filter_copy(arena, filter): with copies of its texts. */
struct arena;
struct store_filter shape_filter_copy(struct arena *arena,
                                      const struct store_filter *filter);

/** shape_given(text): "" for NULL. */
const char *shape_given(const char *text);

#endif /* STORE_SHAPE_H */
