/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ROUSE_ERR_H
#define ENGINE_ROUSE_ERR_H

#include "server/rouse.h"
#include "store/store.h"

/** rouse_err_of_store(err): what the store's trouble is to our caller. */
enum rouse_err rouse_err_of_store(enum store_err err);

#endif /* ENGINE_ROUSE_ERR_H */
