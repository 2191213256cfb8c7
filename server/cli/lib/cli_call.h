/* SPDX-License-Identifier: MIT */
#ifndef CLI_CALL_H
#define CLI_CALL_H

/*
 * One request to roused and its answer, over the unix socket or http(s). What
 * goes wrong is said here, once, with what to do next; callers only pass the
 * exit code on.
 */

#include <jansson.h>

#include "cli_path.h"
#include "server/cli/cli.h"

#define CLI_CALL_TIMEOUT_S 60  /* for an answer that does not wait */
#define CLI_CALL_PEEK_S    2   /* for one that is not needed */
#define CLI_CALL_STALL_S   120 /* a stream without a byte for so long is dead */

/* Fills ${buffer}; 0 at the end, CLI_CALL_ABORT when it cannot go on. */
typedef size_t cli_call_read_fn(void *arg, char *buffer, size_t max);
#define CLI_CALL_ABORT ((size_t)-1)

/* Takes a piece of a 2xx answer; false: it cannot go on. */
typedef bool cli_call_write_fn(void *arg, const char *bytes, size_t len);

struct cli_request {
    const char *method;
    const struct cli_path *path;
    const char *content_type; /* of the body; NULL: no body */
    const void *body;         /* borrowed until the answer */
    size_t body_len;
    cli_call_read_fn *on_read;   /* instead of body: a stream */
    const char *accept;          /* NULL: anything */
    cli_call_write_fn *on_write; /* NULL: the answer is gathered as JSON */
    void *arg;                   /* of both */
    uint32_t wait_s;             /* the server may take so much longer */
    bool is_quiet_404;           /* 404 is an answer, not said */
    bool is_quiet_409;           /* the caller says why it was refused */
    bool is_quiet;               /* no failure is said */
};

struct cli_answer {
    long status;  /* 0: there was none */
    json_t *json; /* NULL: no body, no JSON, or a stream */
};

/**
 * cli_call_run(cli, request, answer):
 * CLI_DONE with a 2xx (or a quiet 404). Otherwise it has been said:
 * CLI_REFUSED for a guard's 409, CLI_FAILED for the rest. cli_call_answer_fini
 * is needed either way.
 */
enum cli_exit cli_call_run(struct cli *cli, const struct cli_request *request,
                           struct cli_answer *answer);
void cli_call_answer_fini(struct cli_answer *answer);

/** cli_call_get(cli, path, json): GET; the caller drops ${*json}. */
enum cli_exit cli_call_get(struct cli *cli, const struct cli_path *path,
                           json_t **json);

/**
 * cli_call_send(cli, method, path, body, json):
 * With a JSON body (NULL: none), which it drops. ${json} may be NULL.
 */
enum cli_exit cli_call_send(struct cli *cli, const char *method,
                            const struct cli_path *path, json_t *body,
                            json_t **json);

/** cli_call_peek(cli, path): GET what is good to know and not needed: NULL,
 *  and nothing is said, when there is none or nobody answers at once. */
json_t *cli_call_peek(struct cli *cli, const struct cli_path *path);

/** cli_call_free(cli): close the connection. */
void cli_call_free(struct cli *cli);

#endif /* CLI_CALL_H */
