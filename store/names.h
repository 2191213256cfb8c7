/* SPDX-License-Identifier: MIT */
#ifndef STORE_NAMES_H
#define STORE_NAMES_H

/*
 * The files of a state directory.
 */

#include <limits.h>
#include <stdbool.h>

#include "store/store.h"

struct names {
    char db[PATH_MAX];
    char part[PATH_MAX]; /* a database that is being made */
    char wal[PATH_MAX];
    char key[PATH_MAX];
    char fresh[PATH_MAX]; /* the next master key, see store_rotate_key */
    char copy[PATH_MAX];  /* a backup that was not finished */
};

/** names_fill(names, options, why): STORE_EDIR when they are too long. */
enum store_err names_fill(struct names *names,
                          const struct store_options *options, char *why);

#endif /* STORE_NAMES_H */
