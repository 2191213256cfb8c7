/* SPDX-License-Identifier: MIT */
#ifndef CLI_SAY_H
#define CLI_SAY_H

/*
 * Bad news for people: one line on the error stream, and the exit code that
 * goes with it as the return value.
 */

#include "cli.h"

/* Longest line; the rest is cut. */
#define CLI_SAY_MAX 1024

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_failed(struct cli *cli, const char *format, ...);

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_misuse(struct cli *cli, const char *format, ...);

__attribute__((format(printf, 2, 3))) enum cli_exit
cli_say_refused(struct cli *cli, const char *format, ...);

/** cli_say_note(cli, …): a line on the error stream that is no failure. */
__attribute__((format(printf, 2, 3))) void
cli_say_note(struct cli *cli, const char *format, ...);

/**
 * cli_say_clean(text):
 * Make ${text} harmless for a terminal, in place: serial numbers and reasons
 * come from outside and may hold escape sequences.
 */
char *cli_say_clean(char *text);

/** cli_say_text(out, text): lines from outside, made harmless one by one. */
void cli_say_text(FILE *out, const char *text);

#endif /* CLI_SAY_H */
