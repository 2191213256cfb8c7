/* SPDX-License-Identifier: MIT */

#include "cli_duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/number.h"

static const struct {
    char letter;
    uint32_t seconds;
} units[] = {
    {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1},
};

#define N_UNITS (sizeof units / sizeof units[0])

bool
cli_duration_read(const char *text, uint32_t max_s, uint32_t *seconds)
{
    uint64_t number;
    const char *rest = number_take(text, max_s, &number);

    if (rest == NULL || rest[0] == '\0' || rest[1] != '\0' || number == 0)
        return false;
    for (size_t i = 0; i < N_UNITS; i++) {
        if (units[i].letter != rest[0])
            continue;
        /* both factors are below 2^32: no overflow */
        number *= units[i].seconds;
        if (number > max_s)
            return false;
        *seconds = (uint32_t)number;
        return true;
    }
    return false;
}

bool
cli_duration_read_rate(const char *text, uint32_t max, uint32_t *per_s)
{
    uint64_t number;
    const char *rest = number_take(text, max, &number);

    if (rest == NULL || number == 0)
        return false;
    if (*rest != '\0' && strcmp(rest, "/s") != 0)
        return false;
    *per_s = (uint32_t)number;
    return true;
}

bool
cli_duration_read_number(const char *text, uint64_t max, uint64_t *number)
{
    return number_read(text, 0, max, number);
}

const char *
cli_duration_write(uint64_t seconds, char *text)
{
    size_t i = 1; /* weeks are for reading; days are clearer to see */

    while (i < N_UNITS - 1 && seconds < units[i].seconds)
        i++;

    uint64_t rest = seconds % units[i].seconds;
    int len = snprintf(text, CLI_DURATION_TEXT, "%" PRIu64 "%c",
                       seconds / units[i].seconds, units[i].letter);

    if (i == N_UNITS - 1 || rest / units[i + 1].seconds == 0)
        return text;
    snprintf(text + len, CLI_DURATION_TEXT - (size_t)len, " %" PRIu64 "%c",
             rest / units[i + 1].seconds, units[i + 1].letter);
    return text;
}
