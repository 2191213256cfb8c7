/* SPDX-License-Identifier: MIT */
#ifndef CLI_AWAIT_H
#define CLI_AWAIT_H

/*
 * Waiting for the file that Apple's portal gives out: the person types its
 * path, or it appears where downloads go.
 */

#include <time.h>

#include "server/cli/cli.h"

#define CLI_AWAIT_MAX_PATH 4096 /* bytes, with the NUL */

#define CLI_AWAIT_MAX_SEEN 64 /* files reported as not the certificate */

/* One that came and is no push certificate. */
struct cli_await_seen {
    char name[256];
    struct timespec changed;
    bool is_told; /* once it has stopped changing */
};

struct cli_await {
    const char *folder;    /* watched, beside the home's Downloads */
    struct timespec since; /* older files are not meant */
    struct cli_await_seen seen[CLI_AWAIT_MAX_SEEN];
    size_t n_seen;
};

/** cli_await_init(await, folder): files that come from now on are meant. */
void cli_await_init(struct cli_await *await, const char *folder);

/**
 * cli_await_cert(cli, await, path):
 * Ask for the path and look for a new file with a push certificate in it.
 * Of others that could have been meant it is said what they are.
 * ${path} has CLI_AWAIT_MAX_PATH bytes. False when the input has ended, or
 * the person stops by an empty line.
 */
bool cli_await_cert(struct cli *cli, struct cli_await *await, char *path);

#endif /* CLI_AWAIT_H */
