/* SPDX-License-Identifier: MIT */
#include "rfc3339.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_FRACTION 9 /* digits */

static struct tm
split(int64_t unix_s)
{
    time_t when = (time_t)unix_s;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL)
        memset(&tm, 0, sizeof tm);
    return tm;
}

/* Two digits, or four of a year; that it is no more must be seen. */
#define TWO(n)  ((unsigned)(n) % 100)
#define YEAR(n) ((unsigned)((n) + 1900) % 10000)

static char *
write_parts(int64_t unix_s, const char *fraction, char text[RFC3339_SIZE])
{
    struct tm tm = split(unix_s);

    snprintf(text, RFC3339_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u%.4sZ",
             YEAR(tm.tm_year), TWO(tm.tm_mon + 1), TWO(tm.tm_mday),
             TWO(tm.tm_hour), TWO(tm.tm_min), TWO(tm.tm_sec), fraction);
    return text;
}

char *
rfc3339_text(int64_t unix_ms, char text[RFC3339_SIZE])
{
    int64_t unix_s = unix_ms / 1000, ms = unix_ms % 1000;
    char fraction[8];

    if (ms < 0) {
        ms += 1000;
        unix_s--;
    }
    snprintf(fraction, sizeof fraction, ".%03u", (unsigned)ms % 1000);
    return write_parts(unix_s, fraction, text);
}

char *
rfc3339_text_s(int64_t unix_s, char text[RFC3339_SIZE])
{
    return write_parts(unix_s, "", text);
}

char *
rfc3339_day(int64_t unix_s, char text[RFC3339_DAY])
{
    struct tm tm = split(unix_s);

    snprintf(text, RFC3339_DAY, "%04u-%02u-%02u", YEAR(tm.tm_year),
             TWO(tm.tm_mon + 1), TWO(tm.tm_mday));
    return text;
}

/* Exactly ${n} digits, moving ${*at} behind them. */
static bool
read_digits(const char **at, int n, int *value)
{
    *value = 0;
    for (; n > 0; n--, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool
read_char(const char **at, const char *any)
{
    if (**at == '\0' || strchr(any, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool
read_fraction(const char **at, int *ms)
{
    int n = 0;

    *ms = 0;
    if (!read_char(at, "."))
        return true;
    for (; **at >= '0' && **at <= '9'; (*at)++, n++) {
        if (n < 3)
            *ms = *ms * 10 + (**at - '0');
    }
    if (n == 0 || n > MAX_FRACTION)
        return false;
    for (; n < 3; n++)
        *ms *= 10;
    return true;
}

static bool
read_zone(const char **at, int *offset_s)
{
    int hours;
    int minutes;
    int sign = **at == '-' ? -1 : 1;

    *offset_s = 0;
    if (read_char(at, "Zz"))
        return true;
    if (!read_char(at, "+-") || !read_digits(at, 2, &hours) ||
        !read_char(at, ":") || !read_digits(at, 2, &minutes) || hours > 23 ||
        minutes > 59)
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool
is_day(const struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = tm->tm_year;
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return tm->tm_mon >= 1 && tm->tm_mon <= 12 && tm->tm_mday >= 1 &&
           tm->tm_mday <=
               days[tm->tm_mon - 1] + (tm->tm_mon == 2 && is_leap ? 1 : 0);
}

bool
rfc3339_read(const char *text, int64_t *unix_ms)
{
    const char *at = text;
    struct tm tm = {0};
    int ms;
    int offset_s;

    if (!read_digits(&at, 4, &tm.tm_year) || !read_char(&at, "-") ||
        !read_digits(&at, 2, &tm.tm_mon) || !read_char(&at, "-") ||
        !read_digits(&at, 2, &tm.tm_mday) || !read_char(&at, "Tt") ||
        !read_digits(&at, 2, &tm.tm_hour) || !read_char(&at, ":") ||
        !read_digits(&at, 2, &tm.tm_min) || !read_char(&at, ":") ||
        !read_digits(&at, 2, &tm.tm_sec) || !read_fraction(&at, &ms) ||
        !read_zone(&at, &offset_s) || *at != '\0')
        return false;
    if (!is_day(&tm) || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *unix_ms = ((int64_t)timegm(&tm) - offset_s) * 1000 + ms;
    return true;
}
