/* SPDX-License-Identifier: MIT */
#ifndef CLI_STYLE_H
#define CLI_STYLE_H

/*
 * Colour and bold on a terminal. Words always say the same: colour alone
 * carries no meaning.
 */

#include "server/cli/cli.h"

enum cli_style {
    CLI_STYLE_PLAIN,
    CLI_STYLE_TITLE, /* bold */
    CLI_STYLE_GOOD,  /* green */
    CLI_STYLE_WARN,  /* yellow */
    CLI_STYLE_BAD,   /* bold red */
    CLI_STYLE_PAST,  /* dim */
};

/** cli_style_read(cli, word): --color's never, auto or always; false: none of
 *  these. NULL: auto, which is what cli_main found out. */
bool cli_style_read(struct cli *cli, const char *word);

/** cli_style_on(cli, out, style), cli_style_off: escape sequences, or "" where
 *  ${out} is not coloured. */
const char *cli_style_on(const struct cli *cli, const FILE *out,
                         enum cli_style style);
const char *cli_style_off(const struct cli *cli, const FILE *out,
                          enum cli_style style);

#endif /* CLI_STYLE_H */
