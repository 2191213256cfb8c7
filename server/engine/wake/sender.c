/* SPDX-License-Identifier: MIT */
#include "sender.h"

#include "apns/base/must.h"
#include "server/engine/engine_core.h"

#define MAX_SKIPPED 256 /* looked past in a page for another topic's push */
#define WAVE_SLICE  256 /* pushes of a wave before it is the next one's turn */

/*
 * Waves and retries of a topic in flight beyond what its connections can
 * carry at once. They wait inside the client, in front of whatever is asked
 * for next, so it must not be long; it must also outlast a turn.
 */
#define BULK_QUEUE 2048

#define RESERVE_SHARE 8 /* one in so many of the window is for what is asked */

enum step {
    STEP_TAKEN, /* submitted or ended */
    STEP_SKIP,  /* not now; another topic's might go */
    STEP_STOP,  /* nothing of this lane goes now */
};

/* One look at one due push. */
struct look {
    struct rouse *rouse;
    struct page *page;
    const struct store_due *due;
    int64_t now_ms;
    bool is_bulk;
};

void
sender_init(struct sender *sender)
{
    TAILQ_INIT(&sender->asked);
    TAILQ_INIT(&sender->wakes);
    sender->next_ms = INT64_MAX;
}

void
sender_add(struct rouse *rouse, struct page *page, struct page_list *lane)
{
    struct sender *sender = &rouse->sender;
    uint32_t n = (uint32_t)page_n_due(page);

    must(n > 0);
    sender->n_due += n;
    if (lane == &sender->asked)
        sender->n_asked += n;
    if (lane == &sender->wakes)
        sender->n_wakes += n;
    page_enter(page, lane);
    sender->may_move = true;
}

/* ${n} of ${lane} are due no more. */
static void
count_gone(struct rouse *rouse, const struct page_list *lane, size_t n)
{
    struct sender *sender = &rouse->sender;

    sender->n_due -= (uint32_t)n;
    if (lane == &sender->asked)
        sender->n_asked -= (uint32_t)n;
    if (lane == &sender->wakes)
        sender->n_wakes -= (uint32_t)n;
}

void
sender_cut(struct rouse *rouse, struct page *page)
{
    const struct page_list *lane = page->in;

    count_gone(rouse, lane, page_cut(page));
}

static void
cut_lane(struct rouse *rouse, struct page_list *lane)
{
    struct page *page;

    while ((page = TAILQ_FIRST(lane)) != NULL) {
        sender_cut(rouse, page);
        if (page->n_unsettled == 0)
            page_free(page);
    }
}

void
sender_cut_all(struct rouse *rouse)
{
    cut_lane(rouse, &rouse->sender.asked);
    cut_lane(rouse, &rouse->sender.wakes);
}

void
sender_fini(struct rouse *rouse)
{
    sender_cut_all(rouse);
}

void
sender_page_settled(struct rouse *rouse, struct page *page)
{
    must(page->n_unsettled > 0);
    if (--page->n_unsettled > 0)
        return;
    if (page->walk != NULL)
        walk_page_settled(rouse, page);
    else
        page_free(page);
}

/* Topics come interned, so a page mostly asks for the same again. */
static struct topic *
topic_of(struct rouse *rouse, struct page *page, const struct store_due *due)
{
    struct topic *topic;

    if (page->topic_name == due->topic)
        return page->topic;
    if ((topic = topics_take(&rouse->topics, due->topic)) == NULL)
        return NULL;
    page->topic_name = due->topic;
    page->topic = topic;
    return topic;
}

static uint32_t
bulk_max(struct rouse *rouse, struct topic *topic)
{
    struct apns_identity_status status;

    if (topic->turn == rouse->tick.n)
        return topic->n_bulk_max;
    topic->turn = rouse->tick.n;
    topic->n_bulk_max = BULK_QUEUE;
    if (apns_identity_get(rouse->client, topic->name, &status) == APNS_OK)
        topic->n_bulk_max += status.n_streams_max;
    return topic->n_bulk_max;
}

static uint32_t
window_of(const struct rouse *rouse, bool is_bulk)
{
    uint32_t reserve = is_bulk ? rouse->window / RESERVE_SHARE : 0;

    return rouse->window - reserve;
}

static bool
has_pace(struct rouse *rouse, struct pace *pace, int64_t now_ms)
{
    int64_t next_ms;

    if (pace_has(pace, now_ms))
        return true;
    next_ms = pace_next(pace, now_ms);
    if (next_ms < rouse->sender.next_ms)
        rouse->sender.next_ms = next_ms;
    return false;
}

/* Bounds that hold before anything is taken. */
static enum step
check_bounds(const struct look *look, struct topic *topic)
{
    struct rouse *rouse = look->rouse;
    struct walk *walk = look->page->walk;

    if (rouse->sender.is_busy ||
        rouse->flights.n_submitted >= window_of(rouse, look->is_bulk))
        return STEP_STOP;
    if (!has_pace(rouse, &rouse->sender.pace, look->now_ms) ||
        (walk != NULL && !has_pace(rouse, &walk->pace, look->now_ms)))
        return STEP_STOP;
    if (!has_pace(rouse, &topic->pace, look->now_ms) ||
        (look->is_bulk && topic->n_in_flight >= bulk_max(rouse, topic)))
        return STEP_SKIP;
    return STEP_TAKEN;
}

static void
spend(const struct look *look, struct topic *topic)
{
    pace_spend(&look->rouse->sender.pace);
    pace_spend(&topic->pace);
    if (look->page->walk != NULL)
        pace_spend(&look->page->walk->pace);
}

static enum step
end_unsent(const struct look *look, struct topic *topic,
           const struct effects_verdict *verdict, enum apns_class class_,
           const char *reason)
{
    struct flight *flight =
        flight_take(look->rouse, look->page, look->due, topic);

    flight_end(flight, verdict, class_, reason);
    return STEP_TAKEN;
}

static enum step
end_waiting(const struct look *look, struct topic *topic,
            const struct effects_push *push)
{
    struct effects_verdict verdict = effects_wait(push);

    return end_unsent(look, topic, &verdict, APNS_CLASS_IDENTITY,
                      topic != NULL ? topic->why : "too many topics");
}

/* The client did not take it: why, and what becomes of it. */
static enum step
end_refused(const struct look *look, struct topic *topic,
            const struct effects_push *push, enum apns_err err)
{
    struct effects_verdict dropped = {.effect = STORE_EFFECT_DROPPED};

    if (err == APNS_ENOTOPIC) {
        topics_hold(topic, "no push certificate for this topic");
        return end_waiting(look, topic, push);
    }
    if (err != APNS_EINVAL) {
        look->rouse->sender.is_busy = err == APNS_EBUSY;
        return STEP_STOP;
    }
    notice_log(look->rouse, APNS_LOG_ERROR,
               EVENT_PUSH_DROPPED " row=%lld err=%s", (long long)look->due->row,
               apns_err_name(err));
    return end_unsent(look, topic, &dropped, APNS_CLASS_OURS,
                      "token or push magic cannot be sent");
}

static enum step
send(const struct look *look, struct topic *topic,
     const struct effects_push *push)
{
    struct flight *flight =
        flight_take(look->rouse, look->page, look->due, topic);
    enum apns_err err =
        flight_submit(flight, look->due, look->now_ms, !look->is_bulk);

    if (err == APNS_OK) {
        spend(look, topic);
        return STEP_TAKEN;
    }
    flight_give(flight);
    return end_refused(look, topic, push, err);
}

/* A stopped certificate is tried with a few: those picked for it, and what
 * somebody asks for just then. */
static bool
may_probe(const struct look *look, struct topic *topic)
{
    if (look->page->is_probe)
        return true;
    if (look->is_bulk || topic->n_probes == 0)
        return false;
    topic->n_probes--;
    return true;
}

static enum step
take_one(const struct look *look)
{
    struct rouse *rouse = look->rouse;
    const struct store_due *due = look->due;
    struct effects_push push = {
        .attempt = due->attempt,
        .now_ms = look->now_ms,
        .deadline_ms = due->deadline_ms,
    };
    struct effects_verdict expired = effects_expire(&push);
    struct topic *topic;
    enum step step;

    if (!flight_has_room(&rouse->flights))
        return STEP_STOP;
    topic = topic_of(rouse, look->page, due);
    if (look->now_ms >= due->deadline_ms)
        return end_unsent(look, topic, &expired, APNS_CLASS_NO_ANSWER,
                          "deadline of the wake");
    if (topic == NULL || (topic->is_held && !may_probe(look, topic)))
        return end_waiting(look, topic, &push);
    step = check_bounds(look, topic);
    return step == STEP_TAKEN ? send(look, topic, &push) : step;
}

/* As many as may go of one page, at most ${max}; counts them. */
static size_t
submit_page(struct look *look, size_t max, enum step *last)
{
    struct page *page = look->page;
    const struct page_list *lane = page->in;
    size_t n_batch = page->batch->n;
    size_t n_taken = 0;
    size_t n_skipped = 0;

    for (size_t i = page->next; i < n_batch && n_taken < max; i++) {
        look->due = &page->batch->due[i];
        *last = take_one(look);
        if (*last == STEP_STOP)
            break;
        if (*last == STEP_SKIP) {
            if (++n_skipped == MAX_SKIPPED)
                break;
            continue;
        }
        page_advance(page, i);
        n_taken++;
    }
    count_gone(look->rouse, lane, n_taken);
    return n_taken;
}

static size_t
submit_lane(struct rouse *rouse, struct page_list *lane, bool is_bulk,
            size_t max, int64_t now_ms)
{
    struct look look = {.rouse = rouse, .now_ms = now_ms, .is_bulk = is_bulk};
    enum step last = STEP_TAKEN;
    struct page *next;
    size_t n = 0;

    for (look.page = TAILQ_FIRST(lane);
         look.page != NULL && n < max && last != STEP_STOP; look.page = next) {
        next = TAILQ_NEXT(look.page, lane);
        n += submit_page(&look, max - n, &last);
    }
    return n;
}

/* The page's other pushes keep their places. */
static bool
hurry_in(struct rouse *rouse, struct page_list *lane, int64_t row,
         int64_t now_ms)
{
    struct look look = {.rouse = rouse, .now_ms = now_ms};
    struct page *page;

    TAILQ_FOREACH (page, lane, lane) {
        for (size_t i = page->next; i < page->batch->n; i++) {
            if (page->batch->due[i].row != row)
                continue;
            look.page = page;
            look.due = &page->batch->due[i];
            if (take_one(&look) == STEP_TAKEN) {
                page_advance(page, i);
                count_gone(rouse, lane, 1);
            }
            return true;
        }
    }
    return false;
}

void
sender_hurry(struct rouse *rouse, int64_t row, int64_t now_ms)
{
    struct walk *walk;

    if (!pushcert_is_loaded(rouse) || rouse->is_draining ||
        hurry_in(rouse, &rouse->sender.wakes, row, now_ms))
        return;
    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        if (!walk->is_paused && hurry_in(rouse, &walk->lane, row, now_ms))
            return;
}

/* A slice of each wave, again and again, while any of them moves. */
static void
submit_waves(struct rouse *rouse, int64_t now_ms)
{
    struct walk *walk;
    size_t n;

    do {
        n = 0;
        TAILQ_FOREACH (walk, &rouse->walks.list, link) {
            if (!walk->is_paused)
                n += submit_lane(rouse, &walk->lane, true, WAVE_SLICE, now_ms);
        }
    } while (n > 0);
    walk_rotate(rouse);
}

void
sender_run(struct rouse *rouse, int64_t now_ms)
{
    struct sender *sender = &rouse->sender;

    sender->next_ms = INT64_MAX;
    if (!pushcert_is_loaded(rouse) || rouse->is_draining)
        return;
    sender->may_move = false;
    submit_lane(rouse, &sender->asked, false, SIZE_MAX, now_ms);
    submit_lane(rouse, &sender->wakes, true, SIZE_MAX, now_ms);
    submit_waves(rouse, now_ms);
}

void
sender_stir(struct rouse *rouse)
{
    rouse->sender.may_move = true;
    tick_wake(rouse);
}

bool
sender_can_go_on(const struct rouse *rouse)
{
    const struct sender *sender = &rouse->sender;

    return sender->n_due > 0 && sender->may_move && !sender->is_busy &&
           !rouse->is_draining && pushcert_is_loaded(rouse);
}

int64_t
sender_next(const struct rouse *rouse)
{
    return rouse->sender.next_ms;
}
