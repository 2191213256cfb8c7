/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

/*
 * Wakes of single enrollments, counted as they end. Those that have no end
 * yet are kept by id and looked at until they have, or time is over.
 */

#include <jansson.h>

#include "server/cli/cli.h"
#include "server/cli/term/cli_progress.h"

#define CLI_WATCH_MAX 100000 /* ids kept; more are not looked at again */
#define CLI_WATCH_WHY 64     /* bytes kept of a reason */
#define CLI_WATCH_TELL \
    20 /* ids that are listed one by one on the error stream */

/* X(name, text, is it what was asked for) */
#define CLI_WATCH_ENDS(X)                    \
    X(ACCEPTED, "accepted", true)            \
    X(NEW, "new", true)                      \
    X(MERGED, "already waiting", true)       \
    X(PAUSED, "waiting", true)               \
    X(DEAD, "dead", false)                   \
    X(SUSPECT, "suspect", false)             \
    X(UNDECIDED, "undecided", false)         \
    X(UNKNOWN, "unknown", false)             \
    X(UNPUSHABLE, "cannot be pushed", false) \
    X(HELD, "held for a certificate", false) \
    X(ENDED, "given up", false)              \
    X(WAITING, "still waiting", false)

enum cli_watch_end {
#define X(name, text, is_fine) CLI_WATCH_##name,
    CLI_WATCH_ENDS(X)
#undef X
    CLI_WATCH_N_ENDS
};

/* One without an end yet, and what its last push came to. */
struct cli_watch_held {
    char *id;
    char why[CLI_WATCH_WHY];
};

struct cli_watch {
    struct cli *cli;
    int64_t until_ms; /* cli_when_tick_ms when time is over */
    struct cli_progress progress;
    uint64_t n_asked;
    uint64_t counts[CLI_WATCH_N_ENDS];
    uint64_t n_told;
    struct cli_watch_held *held;
    size_t n_held;
};

void cli_watch_init(struct cli_watch *watch, struct cli *cli,
                    uint32_t timeout_s);
void cli_watch_fini(struct cli_watch *watch);

/** cli_watch_left_s(watch): seconds until time is over. */
uint32_t cli_watch_left_s(const struct cli_watch *watch);

/**
 * cli_watch_take(watch, answer, is_waiting):
 * One element of the answer of /v1/wakes. With ${is_waiting} it ends when its
 * push is accepted, otherwise when it is asked.
 */
void cli_watch_take(struct cli_watch *watch, const json_t *answer,
                    bool is_waiting);

/** cli_watch_wait(watch): until all have ended or time is over. */
enum cli_exit cli_watch_wait(struct cli_watch *watch);

/**
 * cli_watch_report(watch, is_waiting):
 * The closing line. CLI_FAILED when one did not end as asked.
 */
enum cli_exit cli_watch_report(struct cli_watch *watch, bool is_waiting);

#endif /* CLI_WATCH_H */
