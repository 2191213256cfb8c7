/* SPDX-License-Identifier: MIT */
#ifndef CLI_DURATION_H
#define CLI_DURATION_H

/*
 * Spans of time and rates as people write them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_DURATION_TEXT 32 /* bytes that cli_duration_write needs */

/**
 * cli_duration_read(text, max_s, seconds):
 * Digits and one unit: 90s, 15m, 6h, 7d, 2w. From 1 second to ${max_s}. False
 * when ${text} is anything else; a bare number is refused, since
 * its unit is unclear.
 */
bool cli_duration_read(const char *text, uint32_t max_s, uint32_t *seconds);

/** cli_duration_read_rate: "500/s" or "500", 1..max; false otherwise. */
bool cli_duration_read_rate(const char *text, uint32_t max, uint32_t *per_s);

/** cli_duration_read_number: digits only, 0..max; false otherwise. */
bool cli_duration_read_number(const char *text, uint64_t max, uint64_t *number);

/** cli_duration_write(seconds, text): its two largest units, as "2d 3h". */
const char *cli_duration_write(uint64_t seconds, char *text);

#endif /* CLI_DURATION_H */
