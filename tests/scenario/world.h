/* SPDX-License-Identifier: MIT */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

/*
 * The world of a scenario: the real engine and store on a directory of their
 * own, the fake client, and a clock that moves when told.
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/rouse.h"
#include "store/store.h"

#define WORLD_MAX_DEVICES 64
#define WORLD_MAX_RESULTS 64

struct world_device {
    char id[64];
    char topic[64];
    uint32_t version; /* of its token */
};

/* What rouse_wake or rouse_push answered last. */
struct world_result {
    char id[64];
    enum rouse_asked asked;
    char state[16];
    int64_t not_before_ms;
    bool is_answered;
    enum apns_outcome outcome;
    uint16_t status;
    char reason[128];
};

struct world {
    struct ev_loop *loop;
    struct rouse *rouse;
    struct rouse_config config;
    char *dir;
    int64_t now_ms;
    char host[64]; /* see do_host */
    struct world_device devices[WORLD_MAX_DEVICES];
    uint32_t n_devices;
    struct world_result results[WORLD_MAX_RESULTS];
    size_t n_results;
    bool is_asked;      /* the last ask completed */
    int64_t wave;       /* asked last */
    int64_t event;      /* seen so far */
    enum rouse_err err; /* of the last completion */
    bool is_drained;
};

struct world *world_new(void);
void world_free(struct world *world);

/** world_start(world), world_stop(world): the engine on the directory. */
void world_start(struct world *world);
void world_stop(struct world *world);

/** world_crash(world): go on from what is on the disk right now. */
void world_crash(struct world *world);

/** world_disk(is_full): writes fail with ENOSPC. */
void world_disk(bool is_full);

/** world_step(world): one round trip to the store, no more. */
void world_step(struct world *world);

/** world_run(world): let everything happen that can at this time. */
void world_run(struct world *world);

/** world_advance(world, span_ms): in steps, so that timers find their time. */
void world_advance(struct world *world, int64_t span_ms);

/** world_device(world, id): made when it is new. */
struct world_device *world_device(struct world *world, const char *id);

/** world_checkin(world, device, type): with a plist, as a device would. */
void world_checkin(struct world *world, const struct world_device *device,
                   const char *type);

/* Callbacks that note what they get; ${arg} is the world. */
rouse_wake_fn world_on_asked;
rouse_waves_fn world_on_wave;
rouse_import_fn world_on_import;
rouse_done_fn world_on_done;

#endif /* TESTS_WORLD_H */
