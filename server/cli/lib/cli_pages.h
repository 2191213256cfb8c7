/* SPDX-License-Identifier: MIT */
#ifndef CLI_PAGES_H
#define CLI_PAGES_H

/*
 * A list of the API, page by page.
 */

#include <jansson.h>

#include "cli_path.h"
#include "server/cli/cli.h"

typedef void cli_pages_fn(void *arg, const json_t *item);

/**
 * cli_pages_each(cli, path, name, on_item, arg):
 * GET ${path} and the pages behind it, and call ${on_item} for each item of
 * member ${name}; with --json, print each page as it came instead.
 */
enum cli_exit cli_pages_each(struct cli *cli, const struct cli_path *path,
                             const char *name, cli_pages_fn *on_item,
                             void *arg);

#endif /* CLI_PAGES_H */
