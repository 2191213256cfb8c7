/* SPDX-License-Identifier: MIT */
#ifndef APNS_MUST_H
#define APNS_MUST_H

/*
 * must(cond): ${cond} can only be false through a bug in this library. Says
 * where and aborts, in release builds too: going on with broken state would
 * end pushes twice or never.
 */

#include <stdio.h>
#include <stdlib.h>

#define must(cond)                                                           \
    do {                                                                     \
        if (__builtin_expect(!(cond), 0)) {                                  \
            fprintf(stderr, "%s:%d: must: %s\n", __FILE__, __LINE__, #cond); \
            abort();                                                         \
        }                                                                    \
    } while (0)

#endif /* APNS_MUST_H */
