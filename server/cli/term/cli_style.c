/* SPDX-License-Identifier: MIT */

#include "cli_style.h"

#include <string.h>

bool
cli_style_read(struct cli *cli, const char *word)
{
    if (word == NULL || strcmp(word, "auto") == 0)
        return true;
    if (strcmp(word, "always") != 0 && strcmp(word, "never") != 0)
        return false;
    cli->out_is_colored = cli->err_is_colored = strcmp(word, "always") == 0;
    return true;
}

static bool
has_style(const struct cli *cli, const FILE *out, enum cli_style style)
{
    return style != CLI_STYLE_PLAIN &&
           (out == cli->err ? cli->err_is_colored : cli->out_is_colored);
}

const char *
cli_style_on(const struct cli *cli, const FILE *out, enum cli_style style)
{
    static const char *const codes[] = {
        [CLI_STYLE_PLAIN] = "",         [CLI_STYLE_TITLE] = "\033[1m",
        [CLI_STYLE_GOOD] = "\033[32m",  [CLI_STYLE_WARN] = "\033[33m",
        [CLI_STYLE_BAD] = "\033[1;31m", [CLI_STYLE_PAST] = "\033[2m",
    };

    return has_style(cli, out, style) ? codes[style] : "";
}

const char *
cli_style_off(const struct cli *cli, const FILE *out, enum cli_style style)
{
    return has_style(cli, out, style) ? "\033[0m" : "";
}
