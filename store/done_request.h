/* SPDX-License-Identifier: MIT */
#ifndef STORE_DONE_REQUEST_H
#define STORE_DONE_REQUEST_H

/*
 * A request that tells nothing but how it went: what those of a kind begin
 * with, instead of struct store_request.
 */

#include "store/store_request.h"

struct done_request {
    struct store_request request;
    store_done_fn *done; /* NULL: nobody wants to know */
};

/** done_request_complete(request, err): a kind's complete. */
void done_request_complete(struct store_request *request, enum store_err err);

#endif /* STORE_DONE_REQUEST_H */
