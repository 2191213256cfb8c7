/* SPDX-License-Identifier: MIT */
#include "query.h"

#include <string.h>

#include "apns/base/number.h"
#include "request.h"

static bool
read_int(const char *text, int64_t *value)
{
    bool is_negative = *text == '-';
    uint64_t number;

    if (!number_read(text + is_negative, 0, INT64_MAX, &number))
        return false;
    *value = is_negative ? -(int64_t)number : (int64_t)number;
    return true;
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
    request_fail(request, HTTP_NOT_FOUND, "not_found", "not found: \"%.64s\"",
                 request->rest);
    return false;
}
