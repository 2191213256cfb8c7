/* SPDX-License-Identifier: MIT */

#include "cli_when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apns/base/clock.h"
#include "apns/base/rfc3339.h"

const char *
cli_when_local(const char *text, char *local)
{
    int64_t unix_ms;
    struct tm tm;

    if (text[0] == '\0') {
        snprintf(local, CLI_WHEN_TEXT, "-");
        return local;
    }
    if (rfc3339_read(text, &unix_ms)) {
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
    (void)arg;
    return (int64_t)clock_ms();
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
