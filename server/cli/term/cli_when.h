/* SPDX-License-Identifier: MIT */
#ifndef CLI_WHEN_H
#define CLI_WHEN_H

/*
 * Instants: the API's RFC 3339 in UTC, shown in local time with its zone.
 */

#include "server/cli/cli.h"

#define CLI_WHEN_TEXT 64 /* bytes that cli_when_local needs */

/**
 * cli_when_local(text, local):
 * "2026-03-01 09:30:00 CET"; "-" for an empty one; as it is when it cannot be
 * read. Returns ${local}, of CLI_WHEN_TEXT bytes.
 */
const char *cli_when_local(const char *text, char *local);

/** cli_when_clock(): the machine's own. */
struct cli_clock cli_when_clock(void);

/** cli_when_tick_ms(cli): cli's clock, for spans. */
int64_t cli_when_tick_ms(const struct cli *cli);

/** cli_when_pause(cli, ms): let some time pass. */
void cli_when_pause(const struct cli *cli, uint32_t ms);

/** cli_when_unix(cli): seconds since 1970. */
int64_t cli_when_unix(const struct cli *cli);

#endif /* CLI_WHEN_H */
