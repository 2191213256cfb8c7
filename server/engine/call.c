/* SPDX-License-Identifier: MIT */
#include "server/engine/call.h"

#include <stdlib.h>

#include "server/engine/engine_core.h"

void *
call_new(const struct rouse *rouse, size_t size, enum rouse_err *err)
{
    void *call = NULL;

    *err = ROUSE_ECLOSED;
    if (rouse->is_draining || rouse->is_freeing)
        return NULL;
    *err = ROUSE_ENOMEM;
    if ((call = calloc(1, size)) != NULL)
        *err = ROUSE_OK;
    return call;
}

enum rouse_err
call_asked(void *call, enum store_err err)
{
    if (err != STORE_OK)
        free(call);
    return rouse_err_of_store(err);
}
