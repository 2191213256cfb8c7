/* SPDX-License-Identifier: MIT */
#include "fetch.h"

#include "server/engine/engine_core.h"

void
fetch_init(struct fetch *fetch)
{
    fetch->is_wanted = true;
    fetch->next_ms = INT64_MAX;
    fetch->is_set_back = true; /* perhaps, since the last run */
}

void
fetch_want(struct rouse *rouse)
{
    rouse->fetch.is_wanted = true;
    tick_wake(rouse);
}

void
fetch_due_at(struct rouse *rouse, int64_t due_ms)
{
    if (due_ms < rouse->fetch.next_ms)
        rouse->fetch.next_ms = due_ms;
}

static bool
may_claim(const struct rouse *rouse)
{
    return pushcert_is_loaded(rouse) && !rouse->is_draining &&
           !rouse->is_freeing && !rouse->disk.is_failing;
}

static void
on_next(void *arg, enum store_err err, int64_t due_ms)
{
    struct rouse *rouse = arg;

    rouse->fetch.is_asking_next = false;
    if (err == STORE_OK && due_ms >= 0)
        fetch_due_at(rouse, due_ms);
}

static void
ask_next(struct rouse *rouse)
{
    struct fetch *fetch = &rouse->fetch;

    if (fetch->is_asking_next || rouse->is_freeing)
        return;
    /* If it cannot be asked now, the regular check finds what is due. */
    fetch->is_asking_next =
        store_wake_next(rouse->store, NULL, 0, on_next, rouse) == STORE_OK;
}

static void
on_claimed(void *arg, enum store_err err, struct store_batch *batch,
           bool is_more)
{
    struct rouse *rouse = arg;
    struct page *page = rouse->fetch.page;

    rouse->fetch.page = NULL;
    if (err != STORE_OK) {
        rouse->fetch.is_wanted = true;
        disk_failed(rouse, err, "claim");
        page_free(page);
        return;
    }
    page_fill(page, batch);
    if (page_n_due(page) == 0 || rouse->is_draining || rouse->is_freeing)
        page_free(page); /* claims that are dropped end with the store */
    else
        sender_add(rouse, page, &rouse->sender.wakes);
    if (is_more)
        rouse->fetch.is_wanted = true;
    else
        ask_next(rouse);
    tick_wake(rouse);
}

/*
 * Held topics are claimed as well: a wake of theirs is put off once, for an
 * hour or until the topic is released, and so also seen to expire.
 */
static void
claim(struct rouse *rouse, int64_t now_ms)
{
    struct fetch *fetch = &rouse->fetch;
    enum store_err err;

    if ((fetch->page = page_new()) == NULL)
        return;
    err = store_wake_claim(rouse->store, now_ms, NULL, 0, FETCH_PAGE,
                           on_claimed, rouse);
    if (err != STORE_OK) {
        disk_failed(rouse, err, "claim");
        page_free(fetch->page);
        fetch->page = NULL;
        return;
    }
    fetch->is_wanted = false;
    fetch->checked_ms = now_ms;
}

static void
on_followed(void *arg, enum store_err err)
{
    struct rouse *rouse = arg;

    if (err != STORE_OK)
        rouse->fetch.is_set_back = true;
    else
        fetch_want(rouse);
}

/* What was put off while the clock was ahead comes back to its schedule. */
static void
follow_clock(struct rouse *rouse, int64_t now_ms)
{
    struct fetch *fetch = &rouse->fetch;

    if (now_ms < fetch->ran_at_ms - FETCH_STEP_MS)
        fetch->is_set_back = true;
    fetch->ran_at_ms = now_ms;
    if (fetch->is_set_back && disk_may_try(rouse, now_ms) &&
        store_wake_follow_clock(rouse->store, on_followed, rouse) == STORE_OK)
        fetch->is_set_back = false;
}

void
fetch_run(struct rouse *rouse, int64_t now_ms)
{
    struct fetch *fetch = &rouse->fetch;

    if (!may_claim(rouse))
        return;
    follow_clock(rouse, now_ms);
    if (now_ms >= fetch->next_ms) {
        fetch->next_ms = INT64_MAX;
        fetch->is_wanted = true;
    }
    if (now_ms >= fetch->checked_ms + FETCH_CHECK_MS ||
        now_ms < fetch->checked_ms) {
        fetch->is_wanted = true;
        walk_touch_all(rouse);
        walk_unblock_all(rouse);
    }
    if (fetch->is_wanted && fetch->page == NULL &&
        rouse->sender.n_wakes < FETCH_PAGE)
        claim(rouse, now_ms);
    walk_fetch(rouse, now_ms);
}

int64_t
fetch_next(const struct rouse *rouse)
{
    const struct fetch *fetch = &rouse->fetch;
    int64_t check_ms = fetch->checked_ms + FETCH_CHECK_MS;

    return fetch->next_ms < check_ms ? fetch->next_ms : check_ms;
}
