/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_CERTLIFE_PRIV_H
#define ROUSE_CERTLIFE_PRIV_H

/* What the files of this folder share among themselves. */

#include <stdio.h>
#include <stdlib.h>

#include "server/certlife/certlife.h"

/* A bug, in release builds too. */
#define must(cond)                                                           \
    do {                                                                     \
        if (!(cond)) {                                                       \
            fprintf(stderr, "%s:%d: must(%s)\n", __FILE__, __LINE__, #cond); \
            abort();                                                         \
        }                                                                    \
    } while (0)

/** certlife_detail(detail, format, …): write into a detail buffer or NULL. */
__attribute__((format(printf, 2, 3))) void
certlife_detail(char *detail, const char *format, ...);

/** certlife_warn(warnings, format, …): append; dropped beyond the maximum. */
__attribute__((format(printf, 2, 3))) void
certlife_warn(struct certlife_warnings *warnings, const char *format, ...);

/** certlife_date(unix, text): "2027-09-19" into at least 16 bytes. */
const char *certlife_date(int64_t unix_s, char text[16]);

/** certlife_time(unix, text): "2027-09-19T10:51:18.000Z" into 32 bytes. */
const char *certlife_time(int64_t unix_s, char text[32]);

#endif /* ROUSE_CERTLIFE_PRIV_H */
