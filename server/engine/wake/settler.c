/* SPDX-License-Identifier: MIT */
#include "settler.h"

#include <stdlib.h>

#include "apns/base/must.h"
#include "server/engine/engine_core.h"

struct settle_request {
    struct settler *settler;
    struct flight_list flights; /* empty: free for use */
    uint32_t n;
};

bool
settler_init(struct settler *settler, struct rouse *rouse)
{
    settler->rouse = rouse;
    STAILQ_INIT(&settler->ended);
    settler->requests = calloc(SETTLER_MAX_UNDERWAY, sizeof *settler->requests);
    settler->scratch = calloc(SETTLER_MAX_BATCH, sizeof *settler->scratch);
    if (settler->requests == NULL || settler->scratch == NULL) {
        settler_fini(settler);
        return false;
    }
    for (size_t i = 0; i < SETTLER_MAX_UNDERWAY; i++) {
        settler->requests[i].settler = settler;
        STAILQ_INIT(&settler->requests[i].flights);
    }
    return true;
}

void
settler_add(struct rouse *rouse, struct flight *flight)
{
    STAILQ_INSERT_TAIL(&rouse->settler.ended, flight, link);
    rouse->settler.n_ended++;
    rouse->sender.may_move = true;
}

/*
 * A topic may have been mended after this push was turned away; what the
 * release made due has passed then, so this one must not wait an hour.
 */
static void
hurry_released(struct flight *flight, int64_t now_ms)
{
    const struct topic *topic = flight->topic;

    if (flight->settled.effect != STORE_EFFECT_WAIT || topic == NULL)
        return;
    if (!topic->is_held && topic->n_releases != flight->n_releases &&
        flight->settled.due_ms <= flight->settled.deadline_ms)
        flight->settled.due_ms = now_ms;
}

/*
 * Whether a refused token is to blame may have been decided since the answer
 * came; what the decision did to those that were stored has passed then. With
 * another certificate it is asked anew.
 */
static void
decide(struct flight *flight, int64_t now_ms)
{
    const struct topic *topic = flight->topic;
    struct store_settled *settled = &flight->settled;

    if (settled->effect != STORE_EFFECT_UNDECIDED || topic == NULL)
        return;
    if (topic->n_certs != flight->n_certs) {
        settled->effect = STORE_EFFECT_WAIT;
        settled->due_ms = now_ms;
    } else if (topic->is_proven) {
        settled->effect = STORE_EFFECT_SUSPECT;
    }
}

/* Could its end make another push due that we did not time ourselves? */
static bool
leaves_a_wake(const struct flight *flight)
{
    return flight->settled.wave == 0 ||
           flight->settled.effect != STORE_EFFECT_ACCEPTED;
}

static void
drop_first(struct settler *settler)
{
    struct flight *flight = STAILQ_FIRST(&settler->ended);

    STAILQ_REMOVE_HEAD(&settler->ended, link);
    settler->n_ended--;
    flight_drop(flight);
}

static void
finish(struct flight *flight, bool *is_recheck, int64_t *due_ms)
{
    struct rouse *rouse = flight->rouse;
    const struct store_settled *settled = &flight->settled;

    rouse->settler.n_effects[settled->effect]++;
    if (leaves_a_wake(flight))
        *is_recheck = true;
    if (settled->due_ms != 0 && settled->due_ms < *due_ms)
        *due_ms = settled->due_ms;
    notice_settled(rouse, flight);
    flight_drop(flight);
}

static void
on_settled(void *arg, enum store_err err,
           const struct store_settle_answer *answer)
{
    struct settle_request *request = arg;
    struct settler *settler = request->settler;
    struct rouse *rouse = settler->rouse;
    struct flight *flight;
    bool is_recheck = false;
    int64_t due_ms = INT64_MAX;

    settler->n_underway--;
    if (err != STORE_OK) { /* in front again, so that order is kept */
        disk_failed(rouse, err, "settle");
        STAILQ_CONCAT(&request->flights, &settler->ended);
        STAILQ_CONCAT(&settler->ended, &request->flights);
        settler->n_ended += request->n;
        return;
    }
    disk_worked(rouse);
    while ((flight = STAILQ_FIRST(&request->flights)) != NULL) {
        STAILQ_REMOVE_HEAD(&request->flights, link);
        finish(flight, &is_recheck, &due_ms);
    }
    if (answer->is_wave_over)
        walk_touch_all(rouse);
    walk_unblock_all(rouse);
    fetch_due_at(rouse, due_ms);
    if (is_recheck || answer->is_wake_due)
        fetch_want(rouse);
    sender_stir(rouse);
}

static struct settle_request *
free_request(struct settler *settler)
{
    for (size_t i = 0; i < SETTLER_MAX_UNDERWAY; i++)
        if (STAILQ_EMPTY(&settler->requests[i].flights))
            return &settler->requests[i];
    return NULL;
}

/* Copies of what ended first; the list is changed when they are accepted. */
static uint32_t
gather(struct settler *settler, int64_t now_ms, struct flight **last)
{
    struct flight *flight;
    uint32_t n = 0;

    STAILQ_FOREACH (flight, &settler->ended, link) {
        hurry_released(flight, now_ms);
        decide(flight, now_ms);
        settler->scratch[n++] = flight->settled;
        *last = flight;
        if (n == SETTLER_MAX_BATCH)
            break;
    }
    return n;
}

/* Moves the ended ones up to ${last} into ${request}. */
static void
move_to(struct settle_request *request, struct flight *last, uint32_t n)
{
    struct settler *settler = request->settler;
    struct flight *flight;

    do {
        flight = STAILQ_FIRST(&settler->ended);
        STAILQ_REMOVE_HEAD(&settler->ended, link);
        STAILQ_INSERT_TAIL(&request->flights, flight, link);
    } while (flight != last);
    request->n = n;
    settler->n_ended -= n;
    settler->n_underway++;
}

static bool
flush_one(struct rouse *rouse, int64_t now_ms)
{
    struct settler *settler = &rouse->settler;
    struct settle_request *request = free_request(settler);
    struct flight *last = NULL;
    enum store_err err;
    uint32_t n;

    if (request == NULL || settler->n_ended == 0)
        return false;
    n = gather(settler, now_ms, &last);
    err = store_settle(rouse->store, settler->scratch, n, on_settled, request);
    if (err != STORE_OK) {
        disk_failed(rouse, err, "settle");
        return false;
    }
    move_to(request, last, n);
    return true;
}

void
settler_flush(struct rouse *rouse, int64_t now_ms)
{
    while (disk_may_try(rouse, now_ms) && flush_one(rouse, now_ms))
        ;
}

/* No completion will run any more, so the copies in the store are enough. */
void
settler_flush_all(struct rouse *rouse)
{
    struct settler *settler = &rouse->settler;
    struct flight *last = NULL;
    int64_t now_ms = tick_now(rouse);

    while (settler->n_ended > 0) {
        uint32_t n = gather(settler, now_ms, &last);

        if (store_settle(rouse->store, settler->scratch, n, NULL, NULL) !=
            STORE_OK)
            return;
        while (n-- > 0)
            drop_first(settler);
    }
}

void
settler_fini(struct settler *settler)
{
    while (settler->n_ended > 0)
        drop_first(settler);
    free(settler->scratch);
    free(settler->requests);
    settler->scratch = NULL;
    settler->requests = NULL;
}
