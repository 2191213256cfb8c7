/* SPDX-License-Identifier: MIT */
#include "query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static bool
read_int(const char *text, int64_t *value)
{
    char *end;

    /* No blanks or signs but a minus, which strtoll would take. */
    if (text[strspn(text, "-0123456789")] != '\0' || *text == '\0')
        return false;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0;
}

bool
query_int(struct request *request, const char *name, int64_t min, int64_t max,
          int64_t *value)
{
    const char *text = request_query(request, name);
    int64_t number;

    if (text == NULL)
        return true;
    if (read_int(text, &number) && number >= min && number <= max) {
        *value = number;
        return true;
    }
    request_fail(request, HTTP_BAD_REQUEST, "invalid",
                 "%s must be a number from %lld to %lld", name, (long long)min,
                 (long long)max);
    return false;
}

bool
query_flag(struct request *request, const char *name, bool *value)
{
    const char *text = request_query(request, name);

    if (text == NULL)
        return true;
    *value = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    if (*value || strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
        return true;
    request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s must be 1 or 0",
                 name);
    return false;
}

bool
query_rest_id(struct request *request, int64_t *id)
{
    if (read_int(request->rest, id) && *id > 0)
        return true;
    request_fail(request, HTTP_NOT_FOUND, "not_found",
                 "there is no \"%.64s\" here", request->rest);
    return false;
}
