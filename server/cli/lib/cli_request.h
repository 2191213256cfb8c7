/* SPDX-License-Identifier: MIT */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

/*
 * A certificate request made by roused: ask for it, write it to a file, say
 * what comes next.
 */

#include <jansson.h>

#include "server/cli/cli.h"

/* NULL: roused chooses. */
struct cli_request_wish {
    const char *topic; /* NULL: a new one */
    const char *name;
    const char *common_name;
    const char *country;
    const char *email;
    bool is_signing; /* by the vendor credential that roused holds */
};

/** cli_request_make(cli, wish, request): the caller drops ${*request}. */
enum cli_exit cli_request_make(struct cli *cli,
                               const struct cli_request_wish *wish,
                               json_t **request);

/**
 * cli_request_write(cli, request, file):
 * The upload file when it is signed, else the CSR, into ${file} (NULL: the
 * output stream). Warnings go to the error stream.
 */
enum cli_exit cli_request_write(struct cli *cli, const json_t *request,
                                const char *file);

/**
 * cli_request_name(cli, ending, name):
 * A file in the current folder that there is not yet, neither as .csr nor as
 * .plist, with the date in its name: next year's is another one. ${name} has
 * CLI_REQUEST_NAME bytes.
 */
#define CLI_REQUEST_NAME 64
const char *cli_request_name(const struct cli *cli, const char *ending,
                             char *name);

/** cli_request_hint(cli, topic): say which requests for ${topic} (NULL: for
 *  new ones) wait already. */
void cli_request_hint(struct cli *cli, const char *topic);

/** cli_request_print_next(cli, request, file): the next step, for people. */
void cli_request_print_next(struct cli *cli, const json_t *request,
                            const char *file);

#endif /* CLI_REQUEST_H */
