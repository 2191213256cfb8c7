/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_IMPORT_VIEW_H
#define ENGINE_IMPORT_VIEW_H

/*
 * What an import is compared with: the certificates in force, those ever
 * held of the same topic, and how many enrollments each topic has. Read from
 * the store in three steps.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/certlife/certlife.h"
#include "store/store.h"

struct rouse;

struct import_view {
    struct rouse *rouse;
    void (*done)(void *arg, enum store_err err);
    void *arg;
    char topic[APNS_MAX_TOPIC + 1]; /* of the new certificate */
    size_t n_held;
    struct certlife_held *held; /* owned; so is what it points to */
    struct apns_cert *certs;
    char (*accounts)[STORE_MAX_NAME + 1];
    size_t n_past;
    char (*past)[65];
    const char **past_texts;
};

/**
 * import_view_read(view, rouse, topic, done, arg):
 * On an error at once ${done} is not called.
 */
enum store_err import_view_read(struct import_view *view, struct rouse *rouse,
                                const char *topic,
                                void (*done)(void *arg, enum store_err err),
                                void *arg);

/** import_view_in_force(view, topic): SHA-256 of its certificate; "" none. */
const char *import_view_in_force(const struct import_view *view,
                                 const char *topic);

void import_view_fini(struct import_view *view);

#endif /* ENGINE_IMPORT_VIEW_H */
