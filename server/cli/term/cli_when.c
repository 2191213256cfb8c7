/* SPDX-License-Identifier: MIT */

#include "cli_when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/*
 * Takes digits and punctuation as ${shape} has them: each '0' is a digit, and
 * the numbers between the other characters go to ${numbers}. Returns what
 * follows, NULL when ${text} has another shape.
 */
static const char *
read_shape(const char *text, const char *shape, int *numbers)
{
    int number = 0;

    for (; *shape != '\0'; shape++, text++) {
        if (*shape != '0') {
            if (*text != *shape)
                return NULL;
            *numbers++ = number;
            number = 0;
            continue;
        }
        if (*text < '0' || *text > '9')
            return NULL;
        number = number * 10 + (*text - '0');
    }
    *numbers = number;
    return text;
}

bool
cli_when_read(const char *text, int64_t *unix_ms)
{
    int n[6];
    int ms[2] = {0};
    const char *rest = read_shape(text, "0000-00-00T00:00:00", n);

    if (rest != NULL && *rest == '.')
        rest = read_shape(rest, ".000", ms);
    if (rest == NULL || strcmp(rest, "Z") != 0)
        return false;
    if (n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 23 ||
        n[4] > 59 || n[5] > 60)
        return false;

    struct tm tm = {
        .tm_year = n[0] - 1900,
        .tm_mon = n[1] - 1,
        .tm_mday = n[2],
        .tm_hour = n[3],
        .tm_min = n[4],
        .tm_sec = n[5],
    };

    *unix_ms = (int64_t)timegm(&tm) * 1000 + ms[1];
    return true;
}

const char *
cli_when_local(const char *text, char *local)
{
    int64_t unix_ms;
    struct tm tm;

    if (text[0] == '\0') {
        snprintf(local, CLI_WHEN_TEXT, "-");
        return local;
    }
    if (cli_when_read(text, &unix_ms)) {
        time_t seconds = (time_t)(unix_ms / 1000);

        if (localtime_r(&seconds, &tm) != NULL &&
            strftime(local, CLI_WHEN_TEXT, "%Y-%m-%d %H:%M:%S %Z", &tm) > 0)
            return local;
    }
    snprintf(local, CLI_WHEN_TEXT, "%s", text);
    return local;
}

static int64_t
read_clock(void *arg)
{
    struct timespec now;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
sleep_ms(void *arg, uint32_t ms)
{
    struct timespec span = {.tv_sec = ms / 1000,
                            .tv_nsec = (long)(ms % 1000) * 1000000};

    (void)arg;
    nanosleep(&span, NULL);
}

static int64_t
read_calendar(void *arg)
{
    (void)arg;
    return (int64_t)time(NULL);
}

struct cli_clock
cli_when_clock(void)
{
    return (struct cli_clock){
        .tick_ms = read_clock, .pause = sleep_ms, .unix_s = read_calendar};
}

int64_t
cli_when_unix(const struct cli *cli)
{
    return cli->clock.unix_s(cli->clock.arg);
}

int64_t
cli_when_tick_ms(const struct cli *cli)
{
    return cli->clock.tick_ms(cli->clock.arg);
}

void
cli_when_pause(const struct cli *cli, uint32_t ms)
{
    cli->clock.pause(cli->clock.arg, ms);
}
