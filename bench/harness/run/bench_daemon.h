/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_BENCH_BENCH_DAEMON_H
#define ROUSE_BENCH_BENCH_DAEMON_H

/*
 * A real roused beside a simulator, as a child process with a state directory
 * of its own, and a fleet of made-up enrollments in it.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/harness/bench_options.h"
#include "bench/harness/measure/result.h"
#include "bench_http.h"
#include "bench_sim.h"

#define BENCH_DAEMON_ID   26 /* bytes of an enrollment's id, with its NUL */
#define BENCH_DAEMON_JSON "application/json"

struct bench_daemon {
    const struct bench_options *options;
    struct bench_sim sim;
    pid_t pid; /* 0: not running */
    FILE *log; /* its standard error */
    pthread_t log_reader;
    bool has_log_reader;
    char *dir; /* temporary: state and socket */
    char *socket;
    char *state;
    struct bench_http http;        /* for what is not measured, and for waves */
    int counter;                   /* of its instructions; -1: none */
    char magic[BENCH_MAX_PAYLOAD]; /* everybody's PushMagic */
};

/**
 * bench_daemon_open(daemon, options):
 * Simulator and daemon, with the push certificate of BENCH_SIM_TOPIC.
 *
 *   errors   false and a word on stderr; close it all the same
 */
bool bench_daemon_open(struct bench_daemon *daemon,
                       const struct bench_options *options);
void bench_daemon_close(struct bench_daemon *daemon);

/** bench_daemon_again(daemon): the same state, a fresh process. */
bool bench_daemon_again(struct bench_daemon *daemon);

/** bench_daemon_meter(daemon): absolute readings of that process. */
struct meter bench_daemon_meter(const struct bench_daemon *daemon);

/** bench_daemon_put_cert(daemon, file): for one more topic. */
bool bench_daemon_put_cert(struct bench_daemon *daemon, const char *file);

/** bench_daemon_connect(daemon, n): until ${n} connections stand open. */
bool bench_daemon_connect(struct bench_daemon *daemon, uint64_t n);

/**
 * bench_daemon_import(daemon, n, version):
 * Enrollments 0..${n}-1 in one NDJSON request, with tokens that depend on
 * ${version}: another one replaces them all.
 */
bool bench_daemon_import(struct bench_daemon *daemon, uint64_t n,
                         uint64_t version);

/**
 * bench_daemon_id(daemon, i, id):
 * The id of enrollment ${i}; not in any order, unless the options say so.
 */
void bench_daemon_id(const struct bench_daemon *daemon, uint64_t i,
                     char id[BENCH_DAEMON_ID]);

/**
 * bench_daemon_token(daemon, i, version, hex):
 * The token of enrollment ${i}, by the seed: 64 digits and a NUL.
 */
void bench_daemon_token(const struct bench_daemon *daemon, uint64_t i,
                        uint64_t version, char hex[65]);

/** bench_daemon_wave(daemon): ask for a wave over all; its id, or 0. */
int64_t bench_daemon_wave(struct bench_daemon *daemon);

/* How far a wave is. */
struct bench_wave {
    bool is_over;
    uint64_t n_total;
    uint64_t n_accepted;
};

bool bench_daemon_wave_get(struct bench_daemon *daemon, int64_t id,
                           struct bench_wave *wave);

/** bench_daemon_fail(daemon, what): print what it answered; false. */
bool bench_daemon_fail(const struct bench_daemon *daemon, const char *what);

/** bench_daemon_sleep(ms): between two looks at something slow. */
void bench_daemon_sleep(unsigned ms);

#endif /* ROUSE_BENCH_BENCH_DAEMON_H */
