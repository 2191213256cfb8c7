/* SPDX-License-Identifier: MIT */
#ifndef CLI_WAVE_H
#define CLI_WAVE_H

/*
 * One wave as the API shows it: printed, or followed to its end.
 */

#include <jansson.h>

#include "server/cli/cli.h"

/** cli_wave_settled(wave): how many of its enrollments have an end. */
uint64_t cli_wave_settled(const json_t *wave);

/** cli_wave_print(out, wave): everything about it. */
void cli_wave_print(FILE *out, const json_t *wave);

/**
 * cli_wave_follow(cli, wave, timeout_s):
 * Look at ${wave}, which it drops, until it is over or time is; then the
 * closing line. CLI_FAILED when not all were accepted, or when it cannot be
 * looked at; that it goes on is said then.
 */
enum cli_exit cli_wave_follow(struct cli *cli, json_t *wave,
                              uint32_t timeout_s);

#endif /* CLI_WAVE_H */
