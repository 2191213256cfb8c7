/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_APNS_STATS_H
#define ROUSE_APNS_STATS_H

/*
 * What a client has done and is doing, in numbers. A part of apns.h,
 * which includes it; not by itself.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* Counters since the client began, and gauges of this moment. */
#define APNS_LATENCY_BUCKETS 16

/* The states of a connection, in the order of its life. */
#define APNS_CONN_STATES(X) \
    X(RESOLVING)            \
    X(CONNECTING)           \
    X(PROXY) X(HANDSHAKING) X(SETTLING) X(OPEN) X(DRAINING) X(DEAD)

enum apns_conn_state {
#define X(name) APNS_CONN_##name,
    APNS_CONN_STATES(X)
#undef X
    APNS_N_CONN_STATES
};

struct apns_stats {
    uint64_t n_submitted;
    uint64_t n_results[APNS_N_CLASSES];
    uint64_t n_moved; /* pushes that changed their connection: after GOAWAY or
                         REFUSED_STREAM, or once after it was lost */
    uint64_t n_dials;
    uint64_t n_conns_lost; /* died with pushes in flight */
    uint64_t n_goaways;
    uint64_t n_pings;
    uint64_t n_bytes_out; /* TLS plaintext */
    uint64_t n_bytes_in;
    uint64_t latency_count[APNS_LATENCY_BUCKETS]; /* bucket i: answers in up
                                  to 2^i ms; the last one: all above */
    uint64_t latency_sum_us;
    uint32_t n_queued;
    uint32_t n_in_flight;
    uint32_t n_conns[APNS_N_CONN_STATES];
};

/** apns_stats_get(client, stats): a copy of all counters and gauges. */
APNS_API void apns_stats_get(const struct apns_client *client,
                             struct apns_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* ROUSE_APNS_STATS_H */
