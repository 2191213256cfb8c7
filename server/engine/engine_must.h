/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_MUST_H
#define ENGINE_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* For bugs only: aborts in release builds too. */
#define must(cond)                                                           \
    do {                                                                     \
        if (!(cond)) {                                                       \
            fprintf(stderr, "%s:%d: must(%s)\n", __FILE__, __LINE__, #cond); \
            abort();                                                         \
        }                                                                    \
    } while (0)

#endif /* ENGINE_MUST_H */
