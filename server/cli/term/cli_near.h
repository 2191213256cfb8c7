/* SPDX-License-Identifier: MIT */
#ifndef CLI_NEAR_H
#define CLI_NEAR_H

/*
 * "Did you mean": which of some words a mistyped one is next to.
 */

#include <stddef.h>

/* Longer words have no neighbours. */
#define CLI_NEAR_MAX 32

struct cli_near {
    const char *word; /* what was typed */
    size_t len;       /* of the best so far */
    const char *best; /* NULL: none is near */
    unsigned distance;
};

/** cli_near_begin(near, word), cli_near_try(near, word, len): after all were
 *  tried, ${near->best} is the nearest one, or NULL. */
void cli_near_begin(struct cli_near *near, const char *word);
void cli_near_try(struct cli_near *near, const char *word, size_t len);

#endif /* CLI_NEAR_H */
