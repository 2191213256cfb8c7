/* SPDX-License-Identifier: MIT */

#include "cli_when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool
cli_when_read(const char *text, int64_t *unix_ms)
{
    struct tm tm = {0};
    int used = 0;
    int ms = 0;

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
               &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6)
        return false;
    text += used;
    if (*text == '.') {
        if (sscanf(text, ".%3d%n", &ms, &used) != 1 || used != 4)
            return false;
        text += used;
    }
    if (strcmp(text, "Z") != 0 || ms < 0)
        return false;
    if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
        tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
        tm.tm_sec < 0 || tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *unix_ms = (int64_t)timegm(&tm) * 1000 + ms;
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

struct cli_clock
cli_when_clock(void)
{
    return (struct cli_clock){.tick_ms = read_clock, .pause = sleep_ms};
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
