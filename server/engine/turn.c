/* SPDX-License-Identifier: MIT */
#include "server/engine/turn.h"

#include <time.h>

#include "server/engine/engine_core.h"

/* The client's own prepare watcher has priority 1. */
#define BEGIN_PRIORITY 2
#define END_PRIORITY   0

#define MAX_SLEEP_MS 60000 /* so that a clock that was set is noticed */
#define MIN_SLEEP_MS 1

int64_t
turn_now(const struct rouse *rouse)
{
    struct timespec now;

    if (rouse->now_ms != NULL)
        return rouse->now_ms(rouse->now_arg);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
turn_wake(struct rouse *rouse)
{
    struct turn *turn = &rouse->turn;

    if (turn->loop != NULL)
        ev_idle_start(turn->loop, &turn->again);
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
    int64_t now_ms = turn_now(rouse);

    (void)revents;
    rouse->turn.n++;
    ev_idle_stop(loop, &rouse->turn.again);
    pushcert_run(rouse, now_ms);
    watch_run(rouse, now_ms);
    notice_run(rouse, now_ms);
    submit_run(rouse, now_ms);
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
    struct turn *turn = &rouse->turn;
    int64_t next_ms = now_ms + MAX_SLEEP_MS;

    next_ms = earlier(next_ms, fetch_next(rouse));
    next_ms = earlier(next_ms, submit_next(rouse));
    next_ms = earlier(next_ms, watch_next(rouse));
    next_ms = earlier(next_ms, notice_next(rouse));
    if (rouse->disk.is_failing)
        next_ms = earlier(next_ms, rouse->disk.try_at_ms);
    if (next_ms < now_ms + MIN_SLEEP_MS)
        next_ms = now_ms + MIN_SLEEP_MS;
    turn->alarm.repeat = (double)(next_ms - now_ms) / 1000.0;
    ev_timer_again(turn->loop, &turn->alarm);
}

static void
on_end(struct ev_loop *loop, struct ev_prepare *end, int revents)
{
    struct rouse *rouse = end->data;
    int64_t now_ms = turn_now(rouse);

    (void)loop;
    (void)revents;
    later_run(&rouse->laters);
    settler_flush(rouse, now_ms);
    disk_run(rouse, now_ms);
    walk_run(rouse);
    if (submit_can_go_on(rouse) || !STAILQ_EMPTY(&rouse->laters))
        turn_wake(rouse);
    drain_step(rouse);
    store_hand_over(rouse->store);
    set_alarm(rouse, now_ms);
}

void
turn_start(struct rouse *rouse, struct ev_loop *loop)
{
    struct turn *turn = &rouse->turn;

    turn->loop = loop;
    ev_prepare_init(&turn->begin, on_begin);
    ev_prepare_init(&turn->end, on_end);
    ev_set_priority(&turn->begin, BEGIN_PRIORITY);
    ev_set_priority(&turn->end, END_PRIORITY);
    ev_init(&turn->alarm, on_alarm);
    ev_idle_init(&turn->again, on_nothing);
    turn->begin.data = rouse;
    turn->end.data = rouse;
    ev_prepare_start(loop, &turn->begin);
    ev_prepare_start(loop, &turn->end);
    turn_wake(rouse);
}

void
turn_stop(struct rouse *rouse)
{
    struct turn *turn = &rouse->turn;

    if (turn->loop == NULL)
        return;
    ev_prepare_stop(turn->loop, &turn->begin);
    ev_prepare_stop(turn->loop, &turn->end);
    ev_timer_stop(turn->loop, &turn->alarm);
    ev_idle_stop(turn->loop, &turn->again);
    turn->loop = NULL;
}
