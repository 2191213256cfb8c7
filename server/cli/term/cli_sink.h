/* SPDX-License-Identifier: MIT */
#ifndef CLI_SINK_H
#define CLI_SINK_H

/*
 * Where an export goes: the output stream, or a file that appears only when
 * it is whole, in place of the one before.
 */

#include "server/cli/cli.h"

#define CLI_SINK_MAX_NAME 4096 /* bytes of the file's name */

struct cli_sink {
    FILE *file;
    char name[CLI_SINK_MAX_NAME]; /* "" when it is the output stream */
    char part[CLI_SINK_MAX_NAME + 8];
};

/** cli_sink_open(cli, sink, name): NULL or "-" is the output stream. A file
 *  is for its owner's eyes. Failures are said, and need no close. */
enum cli_exit cli_sink_open(struct cli *cli, struct cli_sink *sink,
                            const char *name);

/** cli_sink_write(sink, bytes, len): a cli_call_write_fn. */
bool cli_sink_write(void *sink, const char *bytes, size_t len);

/** cli_sink_close(cli, sink, result): keep what was written if ${result} is
 *  CLI_DONE; the result of it all. */
enum cli_exit cli_sink_close(struct cli *cli, struct cli_sink *sink,
                             enum cli_exit result);

#endif /* CLI_SINK_H */
