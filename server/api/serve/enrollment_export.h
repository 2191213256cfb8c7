/* SPDX-License-Identifier: MIT */
#ifndef API_ENROLLMENT_EXPORT_H
#define API_ENROLLMENT_EXPORT_H

/*
 * All enrollments that a filter matches, one JSON object a line, page by
 * page: memory is bounded by a page, however many there are.
 */

#include <stdbool.h>
#include <stdint.h>

struct request;
struct store_filter;

/**
 * enrollment_export_begin(request, filter, after, with_secrets):
 * Answer the request. Copies ${filter}. When the store fails midway the answer
 * breaks off, so that the client sees that it is not whole.
 */
void enrollment_export_begin(struct request *request,
                             const struct store_filter *filter, int64_t after,
                             bool with_secrets);

#endif /* API_ENROLLMENT_EXPORT_H */
