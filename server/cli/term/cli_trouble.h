/* SPDX-License-Identifier: MIT */
#ifndef CLI_TROUBLE_H
#define CLI_TROUBLE_H

/*
 * What a failed request means to the person who made it.
 */

#include <jansson.h>

#include "server/cli/cli.h"

/** cli_trouble_connect(cli, sys_errno): the socket did not open. */
enum cli_exit cli_trouble_connect(struct cli *cli, int sys_errno);

/**
 * cli_trouble_status(cli, status, json):
 * The server answered with an error; ${json} is its body or NULL. CLI_REFUSED
 * for 409, else CLI_FAILED.
 */
enum cli_exit cli_trouble_status(struct cli *cli, long status,
                                 const json_t *json);

#endif /* CLI_TROUBLE_H */
