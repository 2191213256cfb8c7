/* SPDX-License-Identifier: MIT */
#ifndef API_QUERY_H
#define API_QUERY_H

/*
 * Parameters of a URL. What is wrong is answered 400 with the parameter's
 * name; so each returns false once the request is answered.
 */

#include <stdbool.h>
#include <stdint.h>

struct request;

/** query_int(request, name, min, max, value): ${value} stays when absent. */
bool query_int(struct request *request, const char *name, int64_t min,
               int64_t max, int64_t *value);

/** query_flag(request, name, value): 1, true, 0 or false. */
bool query_flag(struct request *request, const char *name, bool *value);

/** query_rest_id(request, id): the positive number that ends the path. */
bool query_rest_id(struct request *request, int64_t *id);

#endif /* API_QUERY_H */
