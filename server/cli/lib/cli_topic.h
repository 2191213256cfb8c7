/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOPIC_H
#define CLI_TOPIC_H

/*
 * Topics by their distinguishing part: a word without a dot is the end of a
 * stored topic, or the beginning of its last part.
 */

#include <jansson.h>

#include "cli_options.h"
#include "server/cli/cli.h"

#define CLI_TOPIC_MIN \
    4 /* characters of a part that is not the whole last one */

struct cli_command;

/**
 * cli_topic_resolve(cli, command, args):
 * Put whole topics in the place of parts, in the options that take a topic
 * and in a first word that is one. Asks roused only where there is a part.
 *
 *   errors   CLI_FAILED, said: none is so, or several are
 */
enum cli_exit cli_topic_resolve(struct cli *cli,
                                const struct cli_command *command,
                                struct cli_args *args);

/** cli_topic_list(cli, list): {"pushcerts":[…]}; the caller drops it. */
enum cli_exit cli_topic_list(struct cli *cli, json_t **list);

#endif /* CLI_TOPIC_H */
