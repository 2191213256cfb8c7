/* SPDX-License-Identifier: MIT */
#ifndef CLI_ASK_H
#define CLI_ASK_H

/*
 * Questions to the person at the terminal. Nobody is asked unless
 * cli->is_asking; the callers say what is needed instead.
 */

#include "server/cli/cli.h"

#define CLI_ASK_MAX 1024 /* bytes of an answer, without its NUL */

/** cli_ask_yes(cli, …): "… [y/N]"; only a yes is true. */
__attribute__((format(printf, 2, 3))) bool cli_ask_yes(struct cli *cli,
                                                       const char *format, ...);

/**
 * cli_ask_sure(cli, is_sure, kept, …):
 * Nothing goes without a yes: from a person, or from --yes in a script, which
 * is ${is_sure}. CLI_REFUSED otherwise, which is said: "${kept}: give --yes".
 */
__attribute__((format(printf, 4, 5))) enum cli_exit
cli_ask_sure(struct cli *cli, bool is_sure, const char *kept,
             const char *format, ...);

/**
 * cli_ask_line(cli, line, …):
 * ${line}, of CLI_ASK_MAX + 1 bytes, gets the answer without its end of line.
 * False at the end of the input.
 */
__attribute__((format(printf, 3, 4))) bool
cli_ask_line(struct cli *cli, char *line, const char *format, ...);

/** cli_ask_secret: as cli_ask_line, without showing what is typed. */
__attribute__((format(printf, 3, 4))) bool
cli_ask_secret(struct cli *cli, char *line, const char *format, ...);

/**
 * cli_ask_password(cli, file, password):
 * The first line of ${file} ("-" is the input). Failures are said.
 *
 *   owns     ${*password} is new; cli_ask_password_free it
 */
enum cli_exit cli_ask_password(struct cli *cli, const char *file,
                               char **password);
void cli_ask_password_free(char *password);

#endif /* CLI_ASK_H */
