/* SPDX-License-Identifier: MIT */
#include "store/done_request.h"

void
done_request_complete(struct store_request *request, enum store_err err)
{
    const struct done_request *it = (const struct done_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err);
}
