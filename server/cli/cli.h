/* SPDX-License-Identifier: MIT */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/*
 * The rouse command: words and options in, requests to roused's HTTP API
 * out, tables for people or the server's JSON for programs. It keeps no state
 * of its own and never holds a whole fleet in memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "apns/base/must.h"

#define CLI_DEFAULT_SOCKET "/run/rouse/rouse.sock"

#define CLI_MAX_ID       511        /* bytes of an enrollment id */
#define CLI_MAX_IDS      10000      /* ids in one request */
#define CLI_MAX_PLIST    (1 << 20)  /* bytes of one check-in: 1 MiB */
#define CLI_MAX_MATERIAL (1 << 20)  /* bytes of all certificate files: 1 MiB */
#define CLI_MAX_ANSWER   (64 << 20) /* bytes of an answer as a whole: 64 MiB */
#define CLI_TIMEOUT      600        /* seconds of --wait by default */
#define CLI_MAX_TIMEOUT  (30 * 86400)   /* seconds of --timeout */
#define CLI_MAX_DEADLINE (30 * 86400)   /* seconds of --deadline */
#define CLI_MAX_SILENT   (3650 * 86400) /* seconds of --silent-for */
#define CLI_MAX_RATE     1000000        /* pushes per second */
#define CLI_PAGE         1000           /* items of one page of a list */

enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_REFUSED = 3, /* by a guard: nothing changed */
};

struct cli_call;

/* Where time comes from and how it is let pass; tests bring their own. */
struct cli_clock {
    int64_t (*tick_ms)(void *arg); /* monotonic */
    void (*pause)(void *arg, uint32_t ms);
    int64_t (*unix_s)(void *arg); /* of the calendar */
    void *arg;
};

struct cli {
    FILE *in;
    FILE *out;
    FILE *err;
    bool is_asking; /* a person can be asked on in and err */
    int out_width;  /* columns of the terminal; 0: out is none */
    int err_width;  /* as out_width */
    bool out_is_colored;
    bool err_is_colored;
    struct cli_clock clock;
    uint32_t poll_ms; /* between two looks at something that goes on */

    /* From the options, filled in by cli_main_run. */
    bool is_json;
    bool is_verbose;    /* the server's codes of refusals as well */
    const char *socket; /* NULL: use url */
    const char *url;
    const char *key; /* NULL: none */
    const char *ca_file;
    struct cli_call *call; /* made with the first request */

    bool is_answered; /* JSON went to out */
    char *trouble;    /* the first that was said; NULL: none */
};

/** cli_main(argc, argv): the whole program on the process's own streams. */
int cli_main(int argc, char **argv);

/**
 * cli_main_run(cli, argc, argv):
 * As cli_main, on the streams, widths and intervals in ${cli}.
 */
enum cli_exit cli_main_run(struct cli *cli, int argc, char **argv);

#endif /* CLI_CLI_H */
