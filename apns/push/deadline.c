/* SPDX-License-Identifier: MIT */
#include "deadline.h"

void
deadline_init(struct deadlines *deadlines)
{
    for (size_t i = 0; i < DEADLINE_LANES; i++)
        TAILQ_INIT(&deadlines->lanes[i].slots);
}

static size_t
find_lane(const struct deadlines *deadlines, uint32_t span_ms)
{
    size_t empty = DEADLINE_LANES - 1;

    for (size_t i = 0; i < DEADLINE_LANES; i++) {
        const struct deadline_lane *lane = &deadlines->lanes[i];

        if (TAILQ_EMPTY(&lane->slots))
            empty = i < empty ? i : empty;
        else if (lane->span_ms == span_ms)
            return i;
    }
    return empty;
}

void
deadline_add(struct deadlines *deadlines, struct slot *slot, uint32_t span_ms,
             uint64_t now_us)
{
    size_t number = find_lane(deadlines, span_ms);
    struct deadline_lane *lane = &deadlines->lanes[number];
    struct slot *before = TAILQ_LAST(&lane->slots, slot_list);

    slot->lane = (uint8_t)number;
    slot->due_at_us = now_us + (uint64_t)span_ms * 1000;
    if (before == NULL)
        lane->span_ms = span_ms;
    /* No step at all in a lane of one span. */
    while (before != NULL && before->due_at_us > slot->due_at_us)
        before = TAILQ_PREV(before, slot_list, due_link);
    if (before != NULL)
        TAILQ_INSERT_AFTER(&lane->slots, before, slot, due_link);
    else
        TAILQ_INSERT_HEAD(&lane->slots, slot, due_link);
}

void
deadline_remove(struct deadlines *deadlines, struct slot *slot)
{
    TAILQ_REMOVE(&deadlines->lanes[slot->lane].slots, slot, due_link);
}

struct slot *
deadline_first(const struct deadlines *deadlines)
{
    struct slot *first = NULL;

    for (size_t i = 0; i < DEADLINE_LANES; i++) {
        struct slot *slot = TAILQ_FIRST(&deadlines->lanes[i].slots);

        if (slot != NULL &&
            (first == NULL || slot->due_at_us < first->due_at_us))
            first = slot;
    }
    return first;
}
