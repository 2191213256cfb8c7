/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_FILES_H
#define ENGINE_LIFE_FILES_H

/*
 * Files from outside, copied for the worker's thread, and what certlife finds
 * in them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/certlife/certlife.h"
#include "server/rouse.h"

struct life_files {
    struct certlife_file file[ROUSE_CERT_MAX_FILES];
    size_t n;
    char *names;    /* owned, as all below; what file points to */
    char *bytes;    /* cleansed */
    char *password; /* cleansed; NULL: none */
    size_t bytes_len;
    /* Filled in by life_files_read. */
    struct certlife_check *check;
    enum certlife_err err;
    char detail[CERTLIFE_MAX_DETAIL];
};

/** life_files_copy(files, given): ROUSE_EINVAL: too many, too large. */
enum rouse_err life_files_copy(struct life_files *files,
                               const struct rouse_cert_files *given);

/** life_files_read(files, now_unix): in the worker's thread. */
void life_files_read(struct life_files *files, int64_t now_unix);

/** life_files_has_key(files, object): its private key is among them. */
bool life_files_has_key(const struct life_files *files, int object);

/** life_files_list(files): what each is, as one text; NULL: no memory. free()
 *  it. */
char *life_files_list(const struct life_files *files);

/** life_files_report(files): likewise, with what was found of a push
 *  certificate in them. */
char *life_files_report(const struct life_files *files);

/** life_files_why(files): why they cannot be imported, a line each; NULL: no
 *  memory. free() it. */
char *life_files_why(const struct life_files *files);

void life_files_fini(struct life_files *files);

#endif /* ENGINE_LIFE_FILES_H */
