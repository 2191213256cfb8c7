/* SPDX-License-Identifier: MIT */

#include "cli_progress.h"

#include <inttypes.h>
#include <string.h>

#include "cli_duration.h"

#define MIN_BAR 10 /* narrower ones show nothing: left out */

void
cli_progress_init(struct cli_progress *progress, FILE *stream, int width,
                  int64_t now_ms)
{
    *progress = (struct cli_progress){
        .stream = stream,
        .width = width,
        .started_ms = now_ms,
        .shown_ms = now_ms,
    };
}

static uint64_t
rate_of(uint64_t done, int64_t elapsed_ms)
{
    return elapsed_ms > 0 ? done * 1000 / (uint64_t)elapsed_ms : 0;
}

/* "  1200/s, 5s left" into ${text}. */
static void
write_numbers(char *text, size_t size, uint64_t done, uint64_t total,
              int64_t elapsed_ms)
{
    uint64_t rate = rate_of(done, elapsed_ms);
    char left[CLI_DURATION_TEXT];
    int len = snprintf(text, size, "%" PRIu64 "/%" PRIu64, done, total);

    if (rate == 0 || done >= total)
        return;
    snprintf(text + len, size - (size_t)len, "  %" PRIu64 "/s, %s left", rate,
             cli_duration_write((total - done + rate - 1) / rate, left));
}

void
cli_progress_render(char *line, int width, uint64_t done, uint64_t total,
                    int64_t elapsed_ms)
{
    char numbers[96];
    size_t room = width > CLI_PROGRESS_MAX_WIDTH ? CLI_PROGRESS_MAX_WIDTH
                  : width < 0                    ? 0
                                                 : (size_t)width;

    if (done > total)
        done = total; /* what is asked for meanwhile may be counted first */
    write_numbers(numbers, sizeof numbers, done, total, elapsed_ms);

    size_t len = strlen(numbers);
    size_t bar = room > len + 3 ? room - len - 3 : 0;

    if (bar < MIN_BAR || total == 0) {
        snprintf(line, room + 1, "%s", numbers);
        return;
    }

    size_t full = (size_t)((double)bar * (double)done / (double)total);

    line[0] = '[';
    memset(line + 1, '#', full);
    memset(line + 1 + full, '.', bar - full);
    snprintf(line + 1 + bar, room - bar, "] %s", numbers);
}

void
cli_progress_show(struct cli_progress *progress, uint64_t done, uint64_t total,
                  int64_t now_ms)
{
    int64_t pause =
        progress->width > 0 ? CLI_PROGRESS_BAR_MS : CLI_PROGRESS_LINE_MS;
    char line[CLI_PROGRESS_MAX_WIDTH + 1];

    if (now_ms - progress->shown_ms < pause)
        return;
    progress->shown_ms = now_ms;
    if (progress->width == 0) {
        fprintf(progress->stream, "%" PRIu64 " of %" PRIu64 " done\n", done,
                total);
        fflush(progress->stream);
        return;
    }
    /* the last column stays free: some terminals wrap when it is filled */
    cli_progress_render(line, progress->width - 1, done, total,
                        now_ms - progress->started_ms);
    fprintf(progress->stream, "\r%s\033[K", line);
    fflush(progress->stream);
    progress->is_drawn = true;
}

void
cli_progress_clear(struct cli_progress *progress)
{
    if (!progress->is_drawn)
        return;
    fputs("\r\033[K", progress->stream);
    fflush(progress->stream);
    progress->is_drawn = false;
}
