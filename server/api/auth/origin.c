/* SPDX-License-Identifier: MIT */
#include "origin.h"

#include <string.h>
#include <strings.h>

bool
origin_is_foreign(const char *site, const char *origin, const char *host)
{
    const char *authority;

    if (site != NULL)
        return strcasecmp(site, "same-origin") != 0 &&
               strcasecmp(site, "none") != 0;
    if (origin == NULL)
        return false;
    authority = strstr(origin, "://");
    return authority == NULL || host == NULL ||
           strcasecmp(authority + 3, host) != 0;
}
