/* SPDX-License-Identifier: MIT */
#ifndef CLI_SAY_H
#define CLI_SAY_H

/*
 * Bad news for people, and the exit code that goes with it as the return
 * value. A text may have several lines: they stay lines. On a terminal they
 * are wrapped between words. What stands on the output stream is written out
 * first, so that both read in order in one log.
 */

#include "cli_style.h"
#include "server/cli/cli.h"

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_failed(struct cli *cli, const char *format, ...);

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_misuse(struct cli *cli, const char *format, ...);

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_refused(struct cli *cli, const char *format, ...);

/** cli_say_note(cli, …): on the error stream, and no failure. */
__attribute__((format(printf, 2, 3))) void
cli_say_note(struct cli *cli, const char *format, ...);

/**
 * cli_say_clean(text):
 * Make ${text} harmless for a terminal, in place: serial numbers and reasons
 * come from outside and may hold escape sequences. A line end becomes a blank:
 * this is for a text that has to stay one line.
 */
char *cli_say_clean(char *text);

/** cli_say_text(out, text): lines from outside as they are, made harmless one
 *  by one: tables, PEM. */
void cli_say_text(FILE *out, const char *text);

/** cli_say_prose(cli, out, text): as cli_say_text, for sentences: wrapped at
 *  the width of ${out} where that is a terminal. Lines of a command or with
 *  columns in them stay whole. */
void cli_say_prose(struct cli *cli, FILE *out, const char *text);

/**
 * cli_say_after(cli, out, style, text, …):
 * As cli_say_prose, behind a few words in ${style}. Lines after the first are
 * indented as those words are.
 */
__attribute__((format(printf, 5, 6))) void
cli_say_after(struct cli *cli, FILE *out, enum cli_style style,
              const char *text, const char *format, ...);

#endif /* CLI_SAY_H */
