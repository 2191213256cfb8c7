/* SPDX-License-Identifier: MIT */

/*
 * The façade of a master key that is lost: offline, so without an engine.
 */

#include <stdio.h>

#include "server/engine/engine_core.h"

static enum rouse_err
err_of(enum store_err err)
{
    return err == STORE_EINVAL ? ROUSE_EGUARD : rouse_err_of_store(err);
}

enum rouse_err
rouse_lost_master_key(const struct rouse_config *config, uint64_t n_confirmed,
                      const char *by, struct rouse_lost_keys *lost, char *why)
{
    struct store_options options = {
        .dir = config->state_dir,
        .master_key_file = config->master_key_file,
        .now_ms = config->now_ms,
        .now_arg = config->now_arg,
    };
    struct store_lost given_up = {0};
    enum store_err err;

    *lost = (struct rouse_lost_keys){0};
    if (config->state_dir == NULL || config->state_dir[0] == '\0' ||
        n_confirmed > INT64_MAX) {
        snprintf(why, 256, "state_dir is missing, or the number too large");
        return ROUSE_EINVAL;
    }
    err = store_lost_key(&options, (int64_t)n_confirmed, by, &given_up, why);
    lost->n_certs = (uint64_t)given_up.n_certs;
    lost->n_requests = (uint64_t)given_up.n_requests;
    lost->n_vendors = (uint64_t)given_up.n_vendors;
    lost->n = (uint64_t)given_up.n;
    return err_of(err);
}
