/* SPDX-License-Identifier: MIT */
#ifndef TEST_COMMAND_H
#define TEST_COMMAND_H

/*
 * The rouse command run inside the test, against a scripted server.
 */

#include "scripted_server.h"
#include "server/cli/cli.h"

#define COMMAND_TODAY 1795262400 /* 2026-11-21 12:00:00 UTC, of every run */

struct command_run {
    enum cli_exit exit;
    char *out;
    char *err;
    const struct scripted_request *requests;
    size_t n_requests;
    struct scripted_server *server;
    int64_t now_ms; /* of the run's own clock, which begins at 0 */
};

/* Settings of the next run that are not the usual ones. */
struct command_setup {
    const char *input; /* on the input stream; NULL: empty */
    bool is_asking;    /* a terminal with a person */
    int width;         /* of the terminals; 0: none */
    const struct scripted_answer *answers;
    size_t n_answers; /* 0: no server; its socket is /nonexistent/sock */
    bool is_silent;   /* input that stays open, and nothing comes */
    void (*on_pause)(int64_t now_ms); /* time was let pass; NULL: no matter */
    bool is_merged; /* both streams into out, as "2>&1" does into a log */
    bool is_colored;
};

/**
 * command_run(run, setup, words):
 * ${words} ends with NULL and has no "rouse" in front. Asserts that every
 * answer was fetched.
 */
void command_run(struct command_run *run, const struct command_setup *setup,
                 const char *const *words);
void command_fini(struct command_run *run);

/** command_use_utc(state): for ALL; times are printed in UTC. */
int command_use_utc(void **state);

/* command_do(run, setup, "cert", "list"): as above, with words in line. */
#define command_do(run, setup, ...) \
    command_run(run, setup, (const char *const[]){__VA_ARGS__, NULL})

/* Answers in line. */
#define ANSWERS(...)                                                     \
    .answers = (const struct scripted_answer[]){__VA_ARGS__},            \
    .n_answers = sizeof((const struct scripted_answer[]){__VA_ARGS__}) / \
                 sizeof(struct scripted_answer)

#endif /* TEST_COMMAND_H */
