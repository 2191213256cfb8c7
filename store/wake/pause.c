/* SPDX-License-Identifier: MIT */
#include "pause.h"

int64_t
pause_end(const struct pause *pause, int64_t now)
{
    int64_t end = pause->not_before;

    if (end > now + pause->span)
        end = now + pause->span;
    return end > now ? end : now;
}
