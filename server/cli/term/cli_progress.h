/* SPDX-License-Identifier: MIT */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

/*
 * How far something that takes its time has come: a bar that is drawn over
 * and over on a terminal, a plain line now and then elsewhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CLI_PROGRESS_MAX_WIDTH 120   /* columns of the bar's line */
#define CLI_PROGRESS_BAR_MS    100   /* a terminal is drawn this often */
#define CLI_PROGRESS_LINE_MS   10000 /* a log gets a line this often */

struct cli_progress {
    FILE *stream;
    int width; /* of the terminal; 0: plain lines */
    int64_t started_ms;
    int64_t shown_ms;
    bool is_drawn; /* a bar stands on the terminal's line */
};

/** cli_progress_init(progress, stream, width, now_ms): begins now. */
void cli_progress_init(struct cli_progress *progress, FILE *stream, int width,
                       int64_t now_ms);

/**
 * cli_progress_show(progress, done, total, now_ms):
 * Draw it when it is time to.
 */
void cli_progress_show(struct cli_progress *progress, uint64_t done,
                       uint64_t total, int64_t now_ms);

/** cli_progress_clear(progress): leave an empty line behind. */
void cli_progress_clear(struct cli_progress *progress);

/**
 * cli_progress_render(line, width, done, total, elapsed_ms):
 * The bar's line, at most ${width} columns; ${line} has
 * CLI_PROGRESS_MAX_WIDTH + 1 bytes. A total of 0 is not known yet.
 */
void cli_progress_render(char *line, int width, uint64_t done, uint64_t total,
                         int64_t elapsed_ms);

#endif /* CLI_PROGRESS_H */
