/* SPDX-License-Identifier: MIT */
#include "throttle.h"

static uint32_t
next_pause(uint32_t pause_ms)
{
    if (pause_ms == 0)
        return THROTTLE_MIN_PAUSE_MS;
    return pause_ms < THROTTLE_MAX_PAUSE_MS / 2 ? 2 * pause_ms
                                                : THROTTLE_MAX_PAUSE_MS;
}

void
throttle_on_refusal(struct throttle *throttle, uint64_t now_us, double chance)
{
    bool is_probe = throttle->pause_ms != 0;

    /* Those that were on their way when the pause began. */
    if (throttle_is_pausing(throttle, now_us))
        return;
    if (!is_probe && ++throttle->n_refused <= THROTTLE_TOLERATED)
        return;
    throttle->n_refused = 0;
    throttle->pause_ms = next_pause(throttle->pause_ms);
    throttle->allowance = THROTTLE_PROBES;
    throttle->until_us =
        now_us + (uint64_t)(throttle->pause_ms * (500 + 500 * chance));
}
