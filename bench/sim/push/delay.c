/* SPDX-License-Identifier: MIT */
#include "delay.h"

#include <stdlib.h>

#include "sim_request.h"

#define N_SLOTS 4096U /* power of two; longer waits go round again */

LIST_HEAD(request_list, request);

struct delay {
    struct ev_loop *loop;
    ev_timer tick;
    delay_fn *on_due;
    uint64_t passed_ms; /* slots up to this one have been looked at */
    uint64_t n;
    struct request_list slots[N_SLOTS];
};

static uint64_t
now_ms(const struct delay *delay)
{
    return (uint64_t)(ev_now(delay->loop) * 1000);
}

static void
expire_slot(struct delay *delay, uint64_t ms)
{
    struct request *request, *next;

    for (request = LIST_FIRST(&delay->slots[ms & (N_SLOTS - 1)]);
         request != NULL; request = next) {
        next = LIST_NEXT(request, delayed);
        if (request->due_ms > ms)
            continue;
        delay_remove(delay, request);
        delay->on_due(request);
    }
}

static void
on_tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct delay *delay = timer->data;
    uint64_t now = now_ms(delay);

    (void)revents;
    /* After a long sleep (a debugger's) each slot is looked at once. */
    if (now > delay->passed_ms + N_SLOTS)
        delay->passed_ms = now - N_SLOTS;
    while (delay->passed_ms < now)
        expire_slot(delay, ++delay->passed_ms);
    if (delay->n == 0)
        ev_timer_stop(loop, timer);
}

struct delay *
delay_new(struct ev_loop *loop, delay_fn *on_due)
{
    struct delay *delay = calloc(1, sizeof *delay);

    if (delay == NULL)
        return NULL;
    delay->loop = loop;
    delay->on_due = on_due;
    ev_init(&delay->tick, on_tick);
    delay->tick.repeat = 0.001;
    delay->tick.data = delay;
    return delay;
}

void
delay_free(struct delay *delay)
{
    if (delay == NULL)
        return;
    ev_timer_stop(delay->loop, &delay->tick);
    free(delay);
}

void
delay_add(struct delay *delay, struct request *request, uint32_t ms)
{
    uint64_t now = now_ms(delay);

    if (delay->n++ == 0) {
        delay->passed_ms = now;
        if (!ev_is_active(&delay->tick))
            ev_timer_again(delay->loop, &delay->tick);
    }
    /* Never in the slot that has been looked at. */
    request->due_ms = now + (ms > 0 ? ms : 1);
    if (request->due_ms <= delay->passed_ms)
        request->due_ms = delay->passed_ms + 1;
    request->is_delayed = true;
    LIST_INSERT_HEAD(&delay->slots[request->due_ms & (N_SLOTS - 1)], request,
                     delayed);
}

void
delay_remove(struct delay *delay, struct request *request)
{
    if (!request->is_delayed)
        return;
    LIST_REMOVE(request, delayed);
    request->is_delayed = false;
    delay->n--;
}

static void
release_all(struct delay *delay)
{
    struct request *request;

    for (size_t i = 0; i < N_SLOTS; i++) {
        while ((request = LIST_FIRST(&delay->slots[i])) != NULL) {
            delay_remove(delay, request);
            delay->on_due(request);
        }
    }
}

static struct request *
find_first(struct delay *delay)
{
    struct request *request, *first = NULL;

    for (size_t i = 0; i < N_SLOTS; i++)
        LIST_FOREACH (request, &delay->slots[i], delayed)
            if (first == NULL || request->due_ms < first->due_ms)
                first = request;
    return first;
}

void
delay_release(struct delay *delay, uint64_t n)
{
    struct request *request;

    if (n == 0)
        release_all(delay);
    for (; n > 0 && (request = find_first(delay)) != NULL; n--) {
        delay_remove(delay, request);
        delay->on_due(request);
    }
}
