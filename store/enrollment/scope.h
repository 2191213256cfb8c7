/* SPDX-License-Identifier: MIT */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

/*
 * Whether a caller may reach an enrollment, asked in the transaction that
 * does what the caller wants: between a look and an act one may move.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct db;

/* A scope's texts, for a struct store_text. */
#define SCOPE_TEXTS(type, scope)                     \
    TEXT(type, scope.topic, STORE_MAX_TOPIC, MAYBE), \
        TEXT(type, scope.group, STORE_MAX_GROUP_PATH, MAYBE)

/** scope_of(scope): NULL is one that restricts nothing. */
struct store_scope scope_of(const struct store_scope *scope);

/** scope_has(db, scope, row, topic, has): the enrollment in ${row}, whose
 *  topic is number ${topic}. */
enum store_err scope_has(struct db *db, const struct store_scope *scope,
                         int64_t row, int64_t topic, bool *has);

#endif /* STORE_SCOPE_H */
