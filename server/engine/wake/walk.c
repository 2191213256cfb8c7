/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/must.h"
#include "server/engine/engine_core.h"

static const uint32_t legal[] = {
#define TO(state) (1U << WALK_##state)
    [WALK_WALKING] = TO(ENDING) | TO(OVER),
    [WALK_ENDING] = TO(SETTLING) | TO(OVER),
    [WALK_SETTLING] = TO(OVER),
    [WALK_OVER] = 0,
#undef TO
};

static void
move_to(struct walk *walk, enum walk_state state)
{
    must((legal[walk->state] & (1U << state)) != 0);
    if (walk->state == WALK_WALKING)
        walk->rouse->walks.n_walking--;
    walk->state = state;
}

void
walk_init(struct walks *walks)
{
    TAILQ_INIT(&walks->list);
}

static void
bury(struct walk *walk)
{
    struct rouse *rouse = walk->rouse;
    struct page *page;

    while ((page = TAILQ_FIRST(&walk->trail)) != NULL) {
        TAILQ_REMOVE(&walk->trail, page, trail);
        if (page->in != NULL)
            sender_cut(rouse, page);
        page_free(page);
    }
    TAILQ_REMOVE(&rouse->walks.list, walk, link);
    rouse->walks.n--;
    if (walk->state == WALK_WALKING)
        rouse->walks.n_walking--;
    free(walk);
}

void
walk_fini(struct rouse *rouse)
{
    struct walk *walk;

    while ((walk = TAILQ_FIRST(&rouse->walks.list)) != NULL) {
        must(walk->fetching == NULL && walk->passing == NULL);
        bury(walk);
    }
}

bool
walk_add(struct rouse *rouse, const struct store_wave *wave)
{
    struct walk *walk = calloc(1, sizeof *walk);
    const char *topic = wave->filter.topic != NULL ? wave->filter.topic : "";

    if (walk == NULL)
        return false;
    walk->rouse = rouse;
    walk->id = wave->id;
    walk->state =
        wave->state == STORE_WAVE_RUNNING ? WALK_WALKING : WALK_SETTLING;
    snprintf(walk->topic, sizeof walk->topic, "%s", topic);
    pace_set(&walk->pace, wave->pace, tick_now(rouse));
    walk->deadline_ms = wave->n_total > 0 ? wave->deadline_ms : 0;
    walk->cursor = wave->cursor;
    flight_note_ask(rouse, wave->ask_no);
    walk->is_touched = walk->state == WALK_SETTLING;
    TAILQ_INIT(&walk->lane);
    TAILQ_INIT(&walk->trail);
    TAILQ_INSERT_TAIL(&rouse->walks.list, walk, link);
    rouse->walks.n++;
    if (walk->state == WALK_WALKING)
        rouse->walks.n_walking++;
    tick_wake(rouse);
    return true;
}

static struct walk *
find(struct rouse *rouse, int64_t id)
{
    struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        if (walk->id == id)
            return walk;
    return NULL;
}

static void
on_loaded(void *arg, enum store_err err, const struct store_wave *waves,
          size_t n, int64_t next)
{
    struct rouse *rouse = arg;

    (void)next;
    if (rouse->is_freeing)
        return;
    if (err != STORE_OK)
        notice_log(rouse, APNS_LOG_ERROR, EVENT_WAVES_NOT_LOADED " err=%s",
                   store_err_name(err));
    while (n-- > 0) /* newest first in the list, oldest first to us */
        if (find(rouse, waves[n].id) == NULL && !walk_add(rouse, &waves[n]))
            notice_log(rouse, APNS_LOG_ERROR,
                       EVENT_WAVE_NOT_LOADED " id=%" PRId64, waves[n].id);
}

void
walk_load(struct rouse *rouse)
{
    enum store_err err =
        store_wave_list(rouse->store, true, 0, WALK_MAX, on_loaded, rouse);

    if (err != STORE_OK)
        notice_log(rouse, APNS_LOG_ERROR, EVENT_WAVES_NOT_LOADED " err=%s",
                   store_err_name(err));
}

/*
 * Reading ahead.
 */

static size_t
n_due(const struct walk *walk)
{
    const struct page *page;
    size_t n = 0;

    TAILQ_FOREACH (page, &walk->lane, lane)
        n += page_n_due(page);
    return n;
}

/* A fair share of a page, and not much more than the paces need: whoever
   else means these enrollments waits until they are sent. */
static size_t
page_size(const struct walk *walk)
{
    const struct rouse *rouse = walk->rouse;
    const struct topic *topic = topics_find(&rouse->topics, walk->topic);
    size_t n = FETCH_PAGE / rouse->walks.n_walking;

    n = pace_bound(&walk->pace, n < WALK_PAGE_MIN ? WALK_PAGE_MIN : n);
    n = pace_bound(&rouse->sender.pace, n);
    return topic != NULL ? pace_bound(&topic->pace, n) : n;
}

/* One past its deadline goes on all the same: its rest expires. */
static bool
is_held(const struct walk *walk, int64_t now_ms)
{
    const struct topics *topics = &walk->rouse->topics;
    const struct topic *topic;

    if (now_ms >= walk->deadline_ms)
        return false;
    if (walk->topic[0] == '\0')
        return topics_all_held(topics);
    topic = topics_find(topics, walk->topic);
    return topic == NULL || topic->is_held;
}

static void
cut(struct walk *walk)
{
    struct page *page;

    while ((page = TAILQ_FIRST(&walk->lane)) != NULL)
        sender_cut(walk->rouse, page);
}

static void
end(struct walk *walk)
{
    cut(walk);
    if (walk->state != WALK_OVER)
        move_to(walk, WALK_OVER);
    tick_wake(walk->rouse);
}

static int64_t
last_row(const struct page *page, int64_t otherwise)
{
    const struct store_batch *batch = page->batch;

    return batch != NULL ? batch->due[batch->n - 1].row : otherwise;
}

static void
append(struct walk *walk, struct page *page, const struct store_page *what)
{
    page->walk = walk;
    page->is_last = what->next == 0;
    page->cursor = what->next != 0 ? what->next : last_row(page, walk->cursor);
    walk->cursor = page->cursor;
    TAILQ_INSERT_TAIL(&walk->trail, page, trail);
    walk->n_trail++;
    if (page_n_due(page) > 0)
        sender_add(walk->rouse, page, &walk->lane);
    if (page->is_last)
        move_to(walk, WALK_ENDING);
}

static void
on_page(void *arg, enum store_err err, struct store_batch *batch,
        const struct store_page *what)
{
    struct walk *walk = arg;
    struct rouse *rouse = walk->rouse;
    struct page *page = walk->fetching;

    walk->fetching = NULL;
    tick_wake(rouse);
    if (err == STORE_OK)
        page_fill(page, batch);
    walk->is_blocked = what->is_blocked || err == STORE_EBUSY;
    if (err == STORE_OK && walk->state == WALK_WALKING && !rouse->is_draining &&
        !rouse->is_freeing) {
        if (!what->is_blocked || what->next != walk->cursor) {
            append(walk, page, what);
            return;
        }
    }
    page_free(page);
    if (err == STORE_ENOTFOUND || err == STORE_ECONFLICT)
        end(walk);
    else if (err != STORE_OK && err != STORE_EBUSY)
        disk_failed(rouse, err, "wave");
}

static void
fetch(struct walk *walk)
{
    struct rouse *rouse = walk->rouse;
    enum store_err err;

    if ((walk->fetching = page_new()) == NULL)
        return;
    err = store_wave_claim(rouse->store, walk->id, walk->cursor,
                           page_size(walk), on_page, walk);
    if (err == STORE_OK)
        return;
    page_free(walk->fetching);
    walk->fetching = NULL;
    disk_failed(rouse, err, "wave");
}

void
walk_fetch(struct rouse *rouse, int64_t now_ms)
{
    struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link) {
        if (walk->state != WALK_WALKING || walk->fetching != NULL ||
            walk->is_paused || walk->is_blocked ||
            walk->n_trail >= WALK_TRAIL_MAX)
            continue;
        if (n_due(walk) < page_size(walk) && !is_held(walk, now_ms))
            fetch(walk);
    }
}

/*
 * The durable cursor.
 */

static void
drop_passed(struct walk *walk, const struct page *last)
{
    struct page *page;
    bool is_last;

    do {
        page = TAILQ_FIRST(&walk->trail);
        is_last = page == last;
        TAILQ_REMOVE(&walk->trail, page, trail);
        walk->n_trail--;
        page_free(page);
    } while (!is_last);
}

static void
on_passed(void *arg, enum store_err err)
{
    struct walk *walk = arg;
    struct rouse *rouse = walk->rouse;
    bool is_end = walk->passing->is_last;

    tick_wake(rouse);
    if (err != STORE_OK) {
        walk->passing = NULL;
        if (err == STORE_ENOTFOUND || err == STORE_ECONFLICT)
            end(walk);
        else
            disk_failed(rouse, err, "wave");
        return;
    }
    drop_passed(walk, walk->passing);
    walk->passing = NULL;
    if (is_end && walk->state == WALK_ENDING) {
        move_to(walk, WALK_SETTLING);
        walk->is_touched = true;
    }
}

/* Over all pages from the front that are settled, at once. */
static void
pass(struct walk *walk)
{
    struct rouse *rouse = walk->rouse;
    struct page *last = NULL;
    struct page *page;
    enum store_err err;

    TAILQ_FOREACH (page, &walk->trail, trail) {
        if (page->n_unsettled > 0 || page->is_cut)
            break;
        last = page;
    }
    if (last == NULL)
        return;
    err = store_wave_pass(rouse->store, walk->id, last->cursor, last->is_last,
                          on_passed, walk);
    if (err != STORE_OK) {
        disk_failed(rouse, err, "wave");
        return;
    }
    walk->passing = last;
}

void
walk_page_settled(struct rouse *rouse, struct page *page)
{
    (void)page;
    tick_wake(rouse); /* walk_run finds it at the front of its trail */
}

/*
 * After the walk.
 */

static void
tell_end(struct walk *walk, const struct store_wave *wave)
{
    char subject[24];
    char detail[256];

    snprintf(subject, sizeof subject, "%" PRId64, walk->id);
    snprintf(detail, sizeof detail,
             "total=%" PRId64 " accepted=%" PRId64 " dead=%" PRId64
             " suspect=%" PRId64 " dropped=%" PRId64 " expired=%" PRId64
             " skipped=%" PRId64,
             wave->n_total, wave->n_accepted, wave->n_dead, wave->n_suspect,
             wave->n_dropped, wave->n_expired, wave->n_skipped);
    notice_event(walk->rouse, "wave.done", subject, "rouse", detail);
}

static void
on_looked(void *arg, enum store_err err, const struct store_wave *waves,
          size_t n, int64_t next)
{
    struct walk *walk = arg;

    (void)next;
    walk->is_looking = false;
    if (walk->rouse->is_freeing || walk->state == WALK_OVER)
        return;
    if (err == STORE_OK && n == 1 && waves[0].state == STORE_WAVE_DONE)
        tell_end(walk, &waves[0]);
    if (err == STORE_ENOTFOUND ||
        (err == STORE_OK && n == 1 && waves[0].ended_at_ms != 0))
        end(walk);
}

static void
look(struct walk *walk)
{
    if (store_wave_get(walk->rouse->store, walk->id, on_looked, walk) !=
        STORE_OK)
        return;
    walk->is_looking = true;
    walk->is_touched = false;
}

static bool
can_bury(const struct walk *walk)
{
    const struct page *page;

    if (walk->state != WALK_OVER || walk->fetching != NULL ||
        walk->passing != NULL || walk->is_looking)
        return false;
    TAILQ_FOREACH (page, &walk->trail, trail)
        if (page->n_unsettled > 0)
            return false;
    return true;
}

void
walk_run(struct rouse *rouse)
{
    struct walk *walk;
    struct walk *next;

    for (walk = TAILQ_FIRST(&rouse->walks.list); walk != NULL; walk = next) {
        next = TAILQ_NEXT(walk, link);
        if (walk->passing == NULL && walk->state != WALK_OVER &&
            disk_may_try(rouse, tick_now(rouse)))
            pass(walk);
        if (walk->state == WALK_SETTLING && walk->is_touched &&
            !walk->is_looking)
            look(walk);
        if (can_bury(walk))
            bury(walk);
    }
}

void
walk_touch_all(struct rouse *rouse)
{
    struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        walk->is_touched = true;
}

void
walk_unblock_all(struct rouse *rouse)
{
    struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        walk->is_blocked = false;
}

void
walk_rotate(struct rouse *rouse)
{
    struct walk_list *list = &rouse->walks.list;
    struct walk *first = TAILQ_FIRST(list);

    if (first == NULL || TAILQ_NEXT(first, link) == NULL)
        return;
    TAILQ_REMOVE(list, first, link);
    TAILQ_INSERT_TAIL(list, first, link);
}

void
walk_pause(struct rouse *rouse, int64_t id, bool is_paused)
{
    struct walk *walk = find(rouse, id);

    if (walk == NULL)
        return;
    walk->is_paused = is_paused;
    sender_stir(rouse);
}

void
walk_cancel(struct rouse *rouse, int64_t id)
{
    struct walk *walk = find(rouse, id);

    if (walk != NULL)
        end(walk);
}

void
walk_cut_all(struct rouse *rouse)
{
    struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        cut(walk);
}

bool
walk_is_passing(const struct rouse *rouse)
{
    const struct walk *walk;

    TAILQ_FOREACH (walk, &rouse->walks.list, link)
        if (walk->passing != NULL)
            return true;
    return false;
}
