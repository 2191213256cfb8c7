/* SPDX-License-Identifier: MIT */
#ifndef CLI_HELP_H
#define CLI_HELP_H

/*
 * --help, and what is said of a command or option that there is not.
 */

#include "server/cli/cli.h"
#include "server/cli/lib/cli_options.h"

struct cli_command;

/** cli_help_print(out, words, n): the commands that begin with these words. */
void cli_help_print(FILE *out, const char *const *words, size_t n);

/** cli_help_command(out, command): one command and its options. */
void cli_help_command(FILE *out, const struct cli_command *command);

/** cli_help_words(cli, args): no command is named so; which was meant? */
enum cli_exit cli_help_words(struct cli *cli, const struct cli_args *args);

/** cli_help_option(cli, args, why): ${args} could not be parsed. */
enum cli_exit cli_help_option(struct cli *cli, const struct cli_args *args,
                              const char *why);

#endif /* CLI_HELP_H */
