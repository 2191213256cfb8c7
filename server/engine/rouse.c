/* SPDX-License-Identifier: MIT */

/*
 * The engine's life: what is opened in which order, and closed in the other.
 */

#include "server/rouse.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/engine/engine_core.h"

#define DEFAULT_WINDOW     8192
#define DEFAULT_DEADLINE_S (7 * 86400)

void
rouse_config_init(struct rouse_config *config)
{
    *config = (struct rouse_config){
        .window = DEFAULT_WINDOW,
        .wake_deadline_s = DEFAULT_DEADLINE_S,
    };
    apns_config_init(&config->apns);
}

static enum rouse_err
check_config(const struct rouse_config *config, char *why)
{
    const char *wrong = NULL;

    if (config->state_dir == NULL || config->state_dir[0] == '\0')
        wrong = "state_dir is missing";
    else if (config->pace > ROUSE_MAX_PACE)
        wrong = "pace is more than 1000000 pushes per second";
    else if (config->topic_pace > ROUSE_MAX_PACE)
        wrong = "topic_pace is more than 1000000 pushes per second";
    else if (config->window == 0 || config->window > ENGINE_MAX_WINDOW)
        wrong = "window is not within 1 and 262144";
    else if (config->wake_deadline_s == 0 ||
             config->wake_deadline_s > ROUSE_MAX_SPAN_S)
        wrong = "wake_deadline_s is not within 1 and 2592000 (30 days)";
    if (wrong == NULL)
        return ROUSE_OK;
    snprintf(why, 256, "%s", wrong);
    return ROUSE_EINVAL;
}

static int64_t
now_unix(void *arg)
{
    return tick_now(arg) / 1000;
}

static void
on_client_drain(void *arg)
{
    struct rouse *rouse = arg;

    rouse->sender.is_busy = false;
    sender_stir(rouse);
}

static void
on_trouble(void *arg, enum store_err err, const char *detail)
{
    struct rouse *rouse = arg;

    if (rouse->is_freeing)
        return;
    if (err == STORE_OK) {
        disk_worked(rouse);
        return;
    }
    notice_log(rouse, APNS_LOG_ERROR, EVENT_STORE_TROUBLE " err=%s text=\"%s\"",
               store_err_name(err), detail != NULL ? detail : "");
    disk_failed(rouse, err, "store");
}

static enum rouse_err
open_store(struct rouse *rouse, struct ev_loop *loop,
           const struct rouse_config *config, char *why)
{
    struct store_options options = {
        .dir = config->state_dir,
        .master_key_file = config->master_key_file,
        .now_ms = config->now_ms,
        .now_arg = config->now_arg,
        .on_trouble = on_trouble,
        .on_trouble_arg = rouse,
    };

    return rouse_err_of_store(store_open(loop, &options, &rouse->store, why));
}

static enum rouse_err
open_client(struct rouse *rouse, struct ev_loop *loop,
            const struct rouse_config *config, char *why)
{
    struct apns_config apns = config->apns;
    enum apns_err err;

    apns.log = rouse->log;
    apns.log_arg = rouse->log_arg;
    apns.on_identity = pushcert_on_identity;
    apns.on_identity_arg = rouse;
    apns.on_drain = on_client_drain;
    apns.on_drain_arg = rouse;
    if (apns.queue_max < config->window)
        apns.queue_max = config->window;
    if (apns.seed == 0)
        apns.seed = config->seed;
    if (apns.now_unix == NULL && config->now_ms != NULL) {
        apns.now_unix = now_unix;
        apns.now_arg = rouse;
    }
    err = apns_client_new(loop, &apns, &rouse->client);
    if (err == APNS_OK)
        return ROUSE_OK;
    snprintf(why, 256, "the APNs client: %s", apns_err_text(err));
    return apns_err_category(err) == APNS_CATEGORY_USAGE || err == APNS_ECAFILE
               ? ROUSE_EINVAL
               : ROUSE_ENOMEM;
}

static void
set_limits(struct rouse *rouse, const struct rouse_config *config)
{
    int64_t now_ms = tick_now(rouse);

    rouse->window = config->window;
    rouse->topic_pace = config->topic_pace;
    rouse->wake_deadline_s = config->wake_deadline_s;
    /* As many again may have ended and wait for the disk. */
    rouse->flights.max = 2 * config->window;
    pace_set(&rouse->sender.pace, config->pace, now_ms);
    for (size_t i = 0; i < rouse->topics.n; i++)
        pace_set(&rouse->topics.sorted[i]->pace, config->topic_pace, now_ms);
}

static void
init_parts(struct rouse *rouse, const struct rouse_config *config)
{
    rouse->now_ms = config->now_ms;
    rouse->now_arg = config->now_arg;
    rouse->log = config->log;
    rouse->log_arg = config->log_arg;
    rouse->started_at_ms = tick_now(rouse);
    rouse->alerts.channels = config->alert_channels;
    rouse->alerts.on_alert = config->on_alert;
    rouse->alerts.on_alert_arg = config->on_alert_arg;
    STAILQ_INIT(&rouse->laters);
    rng_seed(&rouse->rng, config->seed);
    flight_init(&rouse->flights, 2 * config->window);
    sender_init(&rouse->sender);
    fetch_init(&rouse->fetch);
    walk_init(&rouse->walks);
    watch_init(&rouse->watches);
    sight_init(&rouse->sights);
    set_limits(rouse, config);
}

enum rouse_err
rouse_new(struct ev_loop *loop, const struct rouse_config *config,
          struct rouse **out, char *why)
{
    struct rouse *rouse;
    enum rouse_err err;

    why[0] = '\0';
    *out = NULL;
    if ((err = check_config(config, why)) != ROUSE_OK)
        goto fail0;
    err = ROUSE_ENOMEM;
    if ((rouse = calloc(1, sizeof *rouse)) == NULL)
        goto fail0;
    init_parts(rouse, config);
    if (!life_init(&rouse->life, config) ||
        !settler_init(&rouse->settler, rouse))
        goto fail1;
    if ((err = open_store(rouse, loop, config, why)) != ROUSE_OK)
        goto fail2;
    if ((err = open_client(rouse, loop, config, why)) != ROUSE_OK)
        goto fail3;
    pushcert_load(rouse);
    walk_load(rouse);
    tick_start(rouse, loop);
    *out = rouse;
    return ROUSE_OK;

fail3:
    rouse->is_freeing = true;
    store_close(rouse->store);
fail2:
    settler_fini(&rouse->settler);
fail1:
    life_fini(&rouse->life);
    free(rouse);
fail0:
    if (err == ROUSE_ENOMEM && why[0] == '\0')
        snprintf(why, 256, "out of memory");
    return err;
}

void
rouse_free(struct rouse *rouse)
{
    if (rouse == NULL)
        return;
    rouse->is_freeing = true;
    tick_stop(rouse);
    life_stop(rouse);
    sight_end_all(rouse);
    apns_client_free(rouse->client); /* results are ignored from here on */
    rouse->client = NULL;
    settler_flush_all(rouse);
    watch_end_all(rouse, ROUSE_ECLOSED);
    store_close(rouse->store); /* runs what is owed */
    watch_end_all(rouse, ROUSE_ECLOSED);
    later_run(&rouse->laters);
    settler_fini(&rouse->settler);
    sender_fini(rouse);
    walk_fini(rouse);
    flight_fini(&rouse->flights);
    alert_fini(rouse);
    topics_fini(&rouse->topics);
    life_fini(&rouse->life);
    free(rouse);
}

void
rouse_reload(struct rouse *rouse, const struct rouse_config *config)
{
    char why[256];

    if (check_config(config, why) != ROUSE_OK) {
        notice_log(rouse, APNS_LOG_ERROR, EVENT_RELOAD_REFUSED " text=\"%s\"",
                   why);
        return;
    }
    set_limits(rouse, config);
    sender_stir(rouse);
}

/* A network that was never reached is one reason not to be ready. */
static void
on_each(void *arg, const struct apns_identity_status *status)
{
    bool *is_ready = arg;

    if (!status->is_taken && status->class_ != APNS_CLASS_IDENTITY &&
        status->state != APNS_IDENTITY_READY)
        *is_ready = false;
}

#define X(name, text)                                                    \
    _Static_assert((int)ROUSE_EFFECT_##name == (int)STORE_EFFECT_##name, \
                   "counted by the one, told by the other");
STORE_EFFECTS(X)
#undef X

void
rouse_status_get(const struct rouse *rouse, struct rouse_status *status)
{
    *status = (struct rouse_status){
        .started_at_ms = rouse->started_at_ms,
        .n_checkins = rouse->n_checkins,
        .n_checkins_refused = rouse->n_checkins_refused,
        .n_in_flight = rouse->flights.n_used,
        .n_due = rouse->sender.n_due,
        .n_waves = rouse->walks.n_walking,
        .is_disk_failing = rouse->disk.is_failing,
        .is_ready = pushcert_is_loaded(rouse) && !rouse->disk.is_failing,
    };
    for (size_t i = 0; i < ROUSE_N_EFFECTS; i++)
        status->n_effects[i] = rouse->settler.n_effects[i];
    apns_stats_get(rouse->client, &status->apns);
    apns_identity_each(rouse->client, on_each, &status->is_ready);
}
