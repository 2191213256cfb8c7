/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_BENCH_OPTIONS_H
#define ROUSE_BENCH_BENCH_OPTIONS_H

/*
 * The command line, the same for every workload.
 */

#include <stdbool.h>
#include <stdint.h>

#define BENCH_MAX_CONNS   64       /* --connections; the client's own limit */
#define BENCH_MAX_STREAMS 10000    /* --streams */
#define BENCH_MAX_CLIENTS 256      /* --clients */
#define BENCH_MAX_FLEET   10000000 /* --fleet */
#define BENCH_AROUND      10       /* bytes of {"mdm":""} */
#define BENCH_MIN_PAYLOAD (BENCH_AROUND + 1)
#define BENCH_MAX_PAYLOAD 512 /* bytes; bounded by the PushMagic */

/* Borrowed strings, from argv. */
struct bench_options {
    uint64_t number;   /* of what is measured; 0: the workload's own */
    double duration_s; /* 0: until number is reached */
    uint32_t connections;
    uint32_t streams;       /* in flight on each */
    uint32_t rtt_ms;        /* added by the simulator */
    uint32_t rtt_spread_ms; /* so much more or less, evenly; at most rtt_ms */
    uint32_t payload;       /* bytes */
    uint32_t clients;       /* ingest: connections with single check-ins */
    uint64_t fleet;         /* wake, ingest: enrollments that there are */
    uint64_t seed;
    const char *host; /* NULL: start a simulator */
    uint16_t port;
    const char *ca_file;
    const char *cert_file; /* certificate and key of the topic, glued */
    const char *sim;       /* rouse-sim program; NULL: beside this one */
    bool is_strict;        /* simulator checks every push */
    bool is_in_order;      /* ids rise as they are imported */
    bool is_busy;          /* wake: beside a wave */
    bool is_json;
    bool is_owner; /* --i-own-these-tokens */
};

/**
 * bench_options_read(options, argc, argv):
 * ${argv}[0] is the workload's name.
 *
 *   returns  -1 to go on; else the exit code, all having been said
 */
int bench_options_read(struct bench_options *options, int argc, char **argv);

/** bench_options_print_help(): the options' part of the help. */
void bench_options_print_help(void);

/**
 * bench_options_are_met(options, n, wall_s):
 * Whether ${n} done in ${wall_s} are all that was to be measured: as many as
 * --number, or as long as --duration when that is given.
 */
bool bench_options_are_met(const struct bench_options *options, uint64_t n,
                           double wall_s);

#endif /* ROUSE_BENCH_BENCH_OPTIONS_H */
