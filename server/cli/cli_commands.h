/* SPDX-License-Identifier: MIT */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/*
 * The table of commands: their words, what they take, what they do.
 */

#include "cli.h"
#include "server/cli/lib/cli_options.h"

struct cli_command {
    const char *name;  /* one to three words, a blank between them */
    const char *usage; /* the words behind them; "" when there are none */
    const char *help;
    uint64_t options; /* beside CLI_COMMON */
    size_t min_words;
    size_t max_words;
    enum cli_exit (*run)(struct cli *cli, const struct cli_args *args);
};

/** cli_commands_at(i): the i-th; NULL behind the last. */
const struct cli_command *cli_commands_at(size_t i);

/** cli_commands_help(command, option): what ${option} means to it; NULL: to
 *  commands in general. */
const char *cli_commands_help(const struct cli_command *command,
                              enum cli_option option);

/** cli_commands_words(command): how many words its name has. */
size_t cli_commands_words(const struct cli_command *command);

/** cli_commands_begins: the name's first ${n} words are these. */
bool cli_commands_begins(const struct cli_command *command,
                         const char *const *words, size_t n);

/** cli_commands_has(words, n): some command begins with these. */
bool cli_commands_has(const char *const *words, size_t n);

/** cli_commands_find: the one whose whole name comes first; NULL: none. */
const struct cli_command *cli_commands_find(const char *const *words,
                                            size_t n_words);

#endif /* CLI_COMMANDS_H */
