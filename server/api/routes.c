/* SPDX-License-Identifier: MIT */
#include "routes.h"

const struct route routes_table[] = {
#define X(methods, path, verb, flags, body, query, handler) \
    {methods, path, verb, flags, body, query, handler},
    ROUTES(X)
#undef X
};

const size_t routes_count = sizeof routes_table / sizeof routes_table[0];
