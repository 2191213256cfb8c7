/* SPDX-License-Identifier: MIT */
#ifndef API_CONN_STATES_H
#define API_CONN_STATES_H

#include <stddef.h>

/* The states of a connection to APNs, in the order of apns_stats.n_conns. */
extern const size_t conn_states_count;

/** conn_states_text(i): "resolving", "open", …; static. */
const char *conn_states_text(size_t i);

#endif /* API_CONN_STATES_H */
