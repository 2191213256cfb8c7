/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CORE_H
#define ENGINE_CORE_H

/*
 * The engine's parts in one place. Each part owns its member of struct rouse
 * and is the only one that writes there.
 *
 *   lists of due pushes                 results
 *     ask, fetch, walk -> sender -> flight -> settler -> store
 *                                          \-> watch -> caller
 */

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "apns/base/rng.h"
#include "server/engine/alert/alert.h"
#include "server/engine/alert/notice.h"
#include "server/engine/cert/life/life.h"
#include "server/engine/cert/life/proof.h"
#include "server/engine/cert/pushcert.h"
#include "server/engine/checkin/sight.h"
#include "server/engine/disk.h"
#include "server/engine/drain.h"
#include "server/engine/later.h"
#include "server/engine/rouse_err.h"
#include "server/engine/tick.h"
#include "server/engine/wake/fetch.h"
#include "server/engine/wake/flight.h"
#include "server/engine/wake/page.h"
#include "server/engine/wake/sender.h"
#include "server/engine/wake/settler.h"
#include "server/engine/wake/topics.h"
#include "server/engine/wake/walk.h"
#include "server/engine/wake/watch.h"
#include "server/rouse.h"
#include "store/store.h"

#define ENGINE_MAX_WINDOW (1U << 18) /* upper bound of config.window */

struct rouse {
    struct store *store;
    struct apns_client *client;
    int64_t (*now_ms)(void *arg);
    void *now_arg;
    apns_log_fn *log;
    void *log_arg;
    uint32_t window; /* pushes in flight at most */
    uint32_t topic_pace;
    uint32_t wake_deadline_s;
    int64_t started_at_ms;
    uint64_t n_checkins;
    uint64_t n_checkins_refused;
    bool is_draining; /* no new requests, no claims */
    bool is_freeing;  /* completions only tidy up */
    struct drain drain;
    struct tick tick;
    struct rng rng; /* of jitter */
    struct laters laters;
    struct disk disk;
    struct notices notices;
    struct alerts alerts;
    struct topics topics;
    struct pushcerts pushcerts;
    struct life life;
    struct flights flights;
    struct settler settler;
    struct sender sender;
    struct fetch fetch;
    struct walks walks;
    struct watches watches;
    struct sights sights;
};

#endif /* ENGINE_CORE_H */
