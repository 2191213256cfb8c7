/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_DELAY_H
#define ROUSE_SIM_DELAY_H

/*
 * Requests whose answer waits for its time: a wheel of milliseconds, so that
 * a hundred thousand waiting ones cost nothing until they are due.
 */

#include <ev.h>
#include <stdint.h>

struct delay;
struct request;

/** delay_fn(request): its time has come; it is out of the wheel. */
typedef void delay_fn(struct request *request);

/** delay_new(loop, on_due): NULL without memory. */
struct delay *delay_new(struct ev_loop *loop, delay_fn *on_due);

/** delay_free(delay): the requests in it stay as they are. NULL is fine. */
void delay_free(struct delay *delay);

/** delay_add(delay, request, ms): call on_due in ${ms} milliseconds. */
void delay_add(struct delay *delay, struct request *request, uint32_t ms);

/** delay_remove(delay, request): forget it, if it waits. */
void delay_remove(struct delay *delay, struct request *request);

/**
 * delay_release(delay, n):
 * The time has come of the ${n} that would be due first; with 0 of all that
 * wait, in no order.
 */
void delay_release(struct delay *delay, uint64_t n);

#endif /* ROUSE_SIM_DELAY_H */
