/* SPDX-License-Identifier: MIT */
#include "server/engine/tick.h"

#include "apns/base/clock.h"
#include "server/engine/engine_core.h"

/* The client's own prepare watcher has priority 1. */
#define BEGIN_PRIORITY 2
#define END_PRIORITY   0

#define MAX_SLEEP_MS 60000 /* so that a clock that was set is noticed */
#define MIN_SLEEP_MS 1

int64_t
tick_now(const struct rouse *rouse)
{
    return rouse->now_ms != NULL ? rouse->now_ms(rouse->now_arg)
                                 : clock_unix_ms();
}

void
tick_wake(struct rouse *rouse)
{
    struct tick *tick = &rouse->tick;

    if (tick->loop != NULL)
        ev_idle_start(tick->loop, &tick->again);
}

static void
on_nothing(struct ev_loop *loop, struct ev_idle *again, int revents)
{
    (void)loop;
    (void)again;
    (void)revents;
}

static void
on_alarm(struct ev_loop *loop, struct ev_timer *alarm, int revents)
{
    (void)loop;
    (void)alarm;
    (void)revents; /* the turn follows */
}

static void
on_begin(struct ev_loop *loop, struct ev_prepare *begin, int revents)
{
    struct rouse *rouse = begin->data;
    int64_t now_ms = tick_now(rouse);

    (void)revents;
    rouse->tick.n++;
    rouse->tick.began_ms = now_ms;
    ev_idle_stop(loop, &rouse->tick.again);
    store_hand_over(rouse->store); /* somebody may wait for it */
    pushcert_run(rouse, now_ms);
    watch_run(rouse, now_ms);
    sight_run(rouse, now_ms);
    notice_run(rouse, now_ms);
    alert_run(rouse, now_ms);
    sender_run(rouse, now_ms);
    fetch_run(rouse, now_ms);
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* Until what comes first. */
static void
set_alarm(struct rouse *rouse, int64_t now_ms)
{
    struct tick *tick = &rouse->tick;
    int64_t next_ms = now_ms + MAX_SLEEP_MS;

    next_ms = earlier(next_ms, fetch_next(rouse));
    next_ms = earlier(next_ms, sender_next(rouse));
    next_ms = earlier(next_ms, watch_next(rouse));
    next_ms = earlier(next_ms, sight_next(rouse));
    next_ms = earlier(next_ms, notice_next(rouse));
    next_ms = earlier(next_ms, alert_next(rouse));
    if (rouse->disk.is_failing)
        next_ms = earlier(next_ms, rouse->disk.try_at_ms);
    if (next_ms < now_ms + MIN_SLEEP_MS)
        next_ms = now_ms + MIN_SLEEP_MS;
    tick->alarm.repeat = (double)(next_ms - now_ms) / 1000.0;
    ev_timer_again(tick->loop, &tick->alarm);
}

static void
on_end(struct ev_loop *loop, struct ev_prepare *end, int revents)
{
    struct rouse *rouse = end->data;
    int64_t now_ms = tick_now(rouse);

    (void)loop;
    (void)revents;
    later_run(&rouse->laters);
    settler_flush(rouse, now_ms);
    disk_run(rouse, now_ms);
    walk_run(rouse);
    if (sender_can_go_on(rouse) || !STAILQ_EMPTY(&rouse->laters))
        tick_wake(rouse);
    drain_step(rouse);
    store_hand_over(rouse->store);
    set_alarm(rouse, now_ms);
}

void
tick_start(struct rouse *rouse, struct ev_loop *loop)
{
    struct tick *tick = &rouse->tick;

    tick->loop = loop;
    ev_prepare_init(&tick->begin, on_begin);
    ev_prepare_init(&tick->end, on_end);
    ev_set_priority(&tick->begin, BEGIN_PRIORITY);
    ev_set_priority(&tick->end, END_PRIORITY);
    ev_init(&tick->alarm, on_alarm);
    ev_idle_init(&tick->again, on_nothing);
    tick->begin.data = rouse;
    tick->end.data = rouse;
    ev_prepare_start(loop, &tick->begin);
    ev_prepare_start(loop, &tick->end);
    tick_wake(rouse);
}

void
tick_stop(struct rouse *rouse)
{
    struct tick *tick = &rouse->tick;

    if (tick->loop == NULL)
        return;
    ev_prepare_stop(tick->loop, &tick->begin);
    ev_prepare_stop(tick->loop, &tick->end);
    ev_timer_stop(tick->loop, &tick->alarm);
    ev_idle_stop(tick->loop, &tick->again);
    tick->loop = NULL;
}
