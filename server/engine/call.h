/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CALL_H
#define ENGINE_CALL_H

/*
 * How the façades begin a call that the store is to answer: a record of the
 * caller's is made, handed to the store, and freed by the completion.
 */

#include <stddef.h>

#include "server/rouse.h"
#include "store/store.h"

struct rouse;

/** call_new(rouse, size, err): ${size} zeroed bytes; NULL with ${*err}:
 *  ROUSE_ECLOSED, ROUSE_ENOMEM. free() ends it. */
void *call_new(const struct rouse *rouse, size_t size, enum rouse_err *err);

/** call_asked(call, err): what the store said when it was asked. With an
 *  error no completion comes, and ${call} is freed. */
enum rouse_err call_asked(void *call, enum store_err err);

#endif /* ENGINE_CALL_H */
