/* SPDX-License-Identifier: MIT */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

/*
 * The options that narrow which enrollments are meant, as the API wants them.
 */

#include <jansson.h>

#include "cli_options.h"
#include "cli_path.h"
#include "server/cli/cli.h"

/** cli_filter_query(cli, args, path): as query of /v1/enrollments. */
enum cli_exit cli_filter_query(struct cli *cli, const struct cli_args *args,
                               struct cli_path *path);

/** cli_filter_is_given(args): one of the options of cli_filter_body. */
bool cli_filter_is_given(const struct cli_args *args);

/** cli_filter_body(cli, args, filter): as "filter" of /v1/waves. */
enum cli_exit cli_filter_body(struct cli *cli, const struct cli_args *args,
                              json_t **filter);

/**
 * cli_filter_span(cli, args, option, max_s, otherwise, seconds):
 * The span of time that ${option} gives; ${otherwise} when it is not given.
 */
enum cli_exit cli_filter_span(struct cli *cli, const struct cli_args *args,
                              enum cli_option option, uint32_t max_s,
                              uint32_t otherwise, uint32_t *seconds);

#endif /* CLI_FILTER_H */
