/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_CERTLIFE_MUST_H
#define ROUSE_CERTLIFE_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* A bug, in release builds too. */
#define must(cond)                                                           \
    do {                                                                     \
        if (!(cond)) {                                                       \
            fprintf(stderr, "%s:%d: must(%s)\n", __FILE__, __LINE__, #cond); \
            abort();                                                         \
        }                                                                    \
    } while (0)

#endif /* ROUSE_CERTLIFE_MUST_H */
