/* SPDX-License-Identifier: MIT */
#ifndef CLI_FILE_H
#define CLI_FILE_H

/*
 * Small files read as a whole, and lines read one by one.
 */

#include "server/cli/cli.h"

/**
 * cli_file_read(cli, name, max, bytes, len):
 * All of ${name}; "-" is the input stream. Failures are said.
 *
 *   shape    1..${max} bytes; a NUL follows them
 *   owns     cli_file_free(bytes, len) cleanses: they may hold a private key
 */
enum cli_exit cli_file_read(struct cli *cli, const char *name, size_t max,
                            char **bytes, size_t *len);
void cli_file_free(char *bytes, size_t len);

/**
 * cli_file_write(cli, name, bytes, len):
 * A new file, mode 0600: one that exists is never written over. Failures are
 * said, and leave no file.
 */
enum cli_exit cli_file_write(struct cli *cli, const char *name,
                             const void *bytes, size_t len);

/**
 * cli_file_is_free(cli, name):
 * Whether cli_file_write can create it, as far as can be known now; if not, the
 * error is printed before anything is done whose result could not be written.
 */
bool cli_file_is_free(struct cli *cli, const char *name);

/* Words of the command line, with "-" replaced by the input's lines. */
struct cli_file_ids {
    struct cli *cli;
    const char *const *words;
    size_t n_words;
    bool is_reading; /* "-" is being read */
    size_t line;
    char text[CLI_MAX_ID + 2];
};

/**
 * cli_file_next_id(ids, id):
 * ${id} gets the next one, NULL at the end; valid until the next call. Empty
 * lines are skipped. Failures are said.
 */
enum cli_exit cli_file_next_id(struct cli_file_ids *ids, const char **id);

#endif /* CLI_FILE_H */
