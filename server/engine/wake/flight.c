/* SPDX-License-Identifier: MIT */
#include "flight.h"

#include <stdlib.h>

#include "apns/base/must.h"
#include "server/engine/engine_core.h"

void
flight_init(struct flights *flights, uint32_t max)
{
    SLIST_INIT(&flights->slabs);
    STAILQ_INIT(&flights->free);
    flights->max = max;
}

void
flight_fini(struct flights *flights)
{
    struct flight_slab *slab;

    while ((slab = SLIST_FIRST(&flights->slabs)) != NULL) {
        SLIST_REMOVE_HEAD(&flights->slabs, link);
        free(slab);
    }
}

static bool
add_slab(struct flights *flights)
{
    struct flight_slab *slab = calloc(1, sizeof *slab);

    if (slab == NULL)
        return false;
    SLIST_INSERT_HEAD(&flights->slabs, slab, link);
    for (size_t i = 0; i < FLIGHT_SLAB; i++)
        STAILQ_INSERT_TAIL(&flights->free, &slab->flights[i], link);
    flights->n_made += FLIGHT_SLAB;
    return true;
}

bool
flight_has_room(struct flights *flights)
{
    if (flights->n_used >= flights->max)
        return false;
    return !STAILQ_EMPTY(&flights->free) || add_slab(flights);
}

struct flight *
flight_take(struct rouse *rouse, struct page *page, const struct store_due *due,
            struct topic *topic)
{
    struct flights *flights = &rouse->flights;
    struct flight *flight = STAILQ_FIRST(&flights->free);

    must(flight != NULL);
    STAILQ_REMOVE_HEAD(&flights->free, link);
    flights->n_used++;
    flight->rouse = rouse;
    flight->page = page;
    flight->topic = topic;
    flight->n_releases = topic != NULL ? topic->n_releases : 0;
    flight->n_certs = topic != NULL ? topic->n_certs : 0;
    flight->attempt = due->attempt;
    flight->token_at_ms = due->token_at_ms;
    flight->reason[0] = '\0';
    flight->apns_id[0] = '\0';
    flight->settled = (struct store_settled){
        .row = due->row,
        .wave = due->wave,
        .tally = due->tally,
        .ask_no = due->ask_no,
        .again = due->again,
        .deadline_ms = due->deadline_ms,
        .reason = flight->reason,
        .apns_id = flight->apns_id,
    };
    return flight;
}

void
flight_note_ask(struct rouse *rouse, int64_t ask_no)
{
    if (ask_no > rouse->flights.ask_no)
        rouse->flights.ask_no = ask_no;
}

void
flight_give(struct flight *flight)
{
    struct flights *flights = &flight->rouse->flights;

    must(flights->n_used > 0);
    flights->n_used--;
    STAILQ_INSERT_HEAD(&flights->free, flight, link);
}

void
flight_drop(struct flight *flight)
{
    sender_page_settled(flight->rouse, flight->page);
    flight_give(flight);
}

static void
apply(struct flight *flight, const struct effects_verdict *verdict)
{
    flight->settled.effect = verdict->effect;
    flight->settled.due_ms = verdict->due_ms;
    flight->settled.wait_ms = verdict->wait_ms;
    flight->settled.pause_ms = verdict->pause_ms;
    flight->settled.died_at_ms = verdict->died_at_ms;
}

/* Ended: its watchers hear of it now, the disk at the end of the turn. */
static void
hand_to_settle(struct flight *flight, const struct apns_result *result)
{
    watch_answer(flight->rouse, flight->settled.row, result);
    settler_add(flight->rouse, flight);
}

/* What came from outside must not make a settle unfit to be stored. */
static void
copy_plain(char *to, size_t size, const char *from)
{
    size_t i;

    for (i = 0; i + 1 < size && from[i] != '\0'; i++)
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
    to[i] = '\0';
}

/* Nobody will know whether it was answered: it is left as it is in the store,
 * and is sent again after a restart. */
static void
leave(struct flight *flight)
{
    flight->page->is_cut = true;
    flight_drop(flight);
}

static void
on_result(void *arg, const struct apns_result *result)
{
    struct flight *flight = arg;
    struct rouse *rouse = flight->rouse;
    struct effects_push push = {
        .attempt = flight->attempt,
        .now_ms = rouse->tick.began_ms, /* no clock call per push */
        .deadline_ms = flight->settled.deadline_ms,
        .chance = rng_next_u32(&rouse->rng),
    };
    struct effects_verdict verdict = effects_decide(result, &push);

    rouse->flights.n_submitted--;
    if (flight->topic != NULL)
        flight->topic->n_in_flight--;
    if (rouse->is_freeing ||
        (rouse->is_draining && result->class_ == APNS_CLASS_NO_ANSWER)) {
        leave(flight);
        return;
    }
    apply(flight, &verdict);
    flight->class_ = result->class_;
    flight->settled.status = result->status;
    copy_plain(flight->reason, sizeof flight->reason, result->reason);
    copy_plain(flight->apns_id, sizeof flight->apns_id, result->apns_id);
    /* A stopped identity answers for us; nothing was pushed then. */
    if (verdict.effect == STORE_EFFECT_WAIT && result->status == 0)
        flight->settled.pushed_at_ms = 0;
    if (result->class_ == APNS_CLASS_OURS)
        notice_log(rouse, APNS_LOG_ERROR,
                   EVENT_PUSH_REFUSED " status=%u reason=%s",
                   (unsigned)result->status, result->reason);
    hand_to_settle(flight, result);
}

enum apns_err
flight_submit(struct flight *flight, const struct store_due *due,
              int64_t now_ms, bool is_urgent)
{
    struct rouse *rouse = flight->rouse;
    struct apns_push push = {
        .topic = due->topic,
        .token = due->token,
        .token_len = due->token_len,
        .magic = due->magic,
        .expires_unix = APNS_EXPIRES_DEFAULT,
        .is_urgent = is_urgent,
    };
    enum apns_err err = apns_submit(rouse->client, &push, on_result, flight);

    if (err != APNS_OK)
        return err;
    flight->settled.pushed_at_ms = now_ms;
    if (rouse->flights.ask_no > flight->settled.ask_no)
        flight->settled.ask_no = rouse->flights.ask_no;
    rouse->flights.n_submitted++;
    if (flight->topic != NULL)
        flight->topic->n_in_flight++;
    return APNS_OK;
}

void
flight_end(struct flight *flight, const struct effects_verdict *verdict,
           enum apns_class class_, const char *reason)
{
    struct apns_result result = {
        .outcome = APNS_FAILED,
        .class_ = class_,
        .reason = reason,
        .apns_id = "",
    };

    apply(flight, verdict);
    flight->class_ = class_;
    copy_plain(flight->reason, sizeof flight->reason, reason);
    hand_to_settle(flight, &result);
}
