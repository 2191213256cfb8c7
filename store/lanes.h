/* SPDX-License-Identifier: MIT */
#ifndef STORE_LANES_H
#define STORE_LANES_H

/*
 * Two queues of requests; each keeps its order. What is prompt goes first, so
 * it has to be short: see store.h.
 */

#include <stdbool.h>

#include "store/store_request.h"

struct lanes {
    struct store_request_list prompt;
    struct store_request_list usual;
};

void lanes_init(struct lanes *lanes);

bool lanes_are_empty(const struct lanes *lanes);

/** lanes_add(lanes, request): behind those of its kind. */
void lanes_add(struct lanes *lanes, struct store_request *request);

/** lanes_move(to, from): behind what is there; ${from} is empty then. */
void lanes_move(struct lanes *to, struct lanes *from);

#endif /* STORE_LANES_H */
