/* SPDX-License-Identifier: MIT */
#include "conn_states.h"

#include "server/api/api_private.h"

enum state {
#define X(name) STATE_##name,
    APNS_CONN_STATES(X)
#undef X
    N_STATES
};

static const char *const texts[N_STATES] = {
    [STATE_RESOLVING] = "resolving", [STATE_CONNECTING] = "connecting",
    [STATE_PROXY] = "proxy",         [STATE_HANDSHAKING] = "handshaking",
    [STATE_SETTLING] = "settling",   [STATE_OPEN] = "open",
    [STATE_DRAINING] = "draining",   [STATE_DEAD] = "dead",
};

const size_t conn_states_count = N_STATES;

const char *
conn_states_text(size_t i)
{
    must(i < N_STATES);
    return texts[i];
}
