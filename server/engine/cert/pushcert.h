/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PUSHCERT_H
#define ENGINE_PUSHCERT_H

/*
 * Push certificates between the store and the client: loaded at the start,
 * imported, watched. A topic whose certificate is missing, expired or
 * stopped is held: its wakes wait, and are due at once when it is mended.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns/apns.h"

struct rouse;
struct topic;

#define PUSHCERT_AGAIN_MS 60000 /* load again after it failed */

struct pushcerts {
    bool is_loaded; /* nothing is claimed or submitted before */
    bool is_loading;
    int64_t again_ms; /* load again then; 0: no need */
};

/** pushcert_load(rouse): give the client what the store holds. */
void pushcert_load(struct rouse *rouse);

/** pushcert_run(rouse, now_ms): load again what could not be loaded. */
void pushcert_run(struct rouse *rouse, int64_t now_ms);

/** pushcert_is_loaded(rouse). */
bool pushcert_is_loaded(const struct rouse *rouse);

/** pushcert_release(rouse, topic): its wakes and waves go on. */
void pushcert_release(struct rouse *rouse, struct topic *topic);

/** pushcert_on_identity: the client's callback; ${arg} is the engine. */
void pushcert_on_identity(void *arg, const struct apns_identity_status *status);

#endif /* ENGINE_PUSHCERT_H */
