/* SPDX-License-Identifier: MIT */
#include "must.h"

#include <stdio.h>
#include <stdlib.h>

void
must_failed(const char *file, int line, const char *cond)
{
    fprintf(stderr, "%s:%d: must: %s\n", file, line, cond);
    abort();
}
