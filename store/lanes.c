/* SPDX-License-Identifier: MIT */
#include "store/lanes.h"

void
lanes_init(struct lanes *lanes)
{
    STAILQ_INIT(&lanes->prompt);
    STAILQ_INIT(&lanes->usual);
}

bool
lanes_are_empty(const struct lanes *lanes)
{
    return STAILQ_EMPTY(&lanes->prompt) && STAILQ_EMPTY(&lanes->usual);
}

void
lanes_add(struct lanes *lanes, struct store_request *request)
{
    if (request->is_prompt)
        STAILQ_INSERT_TAIL(&lanes->prompt, request, link);
    else
        STAILQ_INSERT_TAIL(&lanes->usual, request, link);
}

void
lanes_move(struct lanes *to, struct lanes *from)
{
    STAILQ_CONCAT(&to->prompt, &from->prompt);
    STAILQ_CONCAT(&to->usual, &from->usual);
}
