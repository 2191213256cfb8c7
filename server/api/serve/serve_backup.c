/* SPDX-License-Identifier: MIT */

/*
 * POST /v1/backup: a copy of the database, made beside it and sent whole. The
 * client writes it where it may: the daemon can often write nowhere else.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>

#include "server/api/api_private.h"
#include "server/api/auth/audit.h"
#include "server/api/request.h"
#include "server/api/routes.h"

/* From the ask until the last byte is sent: one at a time, or their copies
   would fill the disk. */
static void
free_backup(void *state)
{
    struct api *api = state;

    api->is_backing_up = false;
}

static void
send_copy(struct request *request, int fd, int64_t n_bytes)
{
    /* Much of it was just written; the rest is read ahead. */
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    request_file(request, HTTP_OK, "application/vnd.sqlite3", fd,
                 (size_t)n_bytes);
}

static void
on_copied(void *arg, enum store_err err, int fd, int64_t n_bytes)
{
    struct request *request = arg;

    if (err == STORE_OK) {
        audit_note(request, "backup.made", "", "bytes=%" PRId64, n_bytes);
        send_copy(request, fd, n_bytes);
    } else if (err == STORE_EFULL) {
        request_fail(request, HTTP_INSUFFICIENT_STORAGE, "disk_full",
                     "the state directory has no room for a copy of the "
                     "database and %d MiB more; free some space there",
                     STORE_BACKUP_ROOM >> 20);
    } else {
        request_fail_store(request, err, "backup");
    }
}

void
serve_backup_make(struct request *request)
{
    struct api *api = request->api;
    enum store_err err;

    if (!request_is_local(request))
        return;
    if (api->is_backing_up) {
        request_fail(request, HTTP_CONFLICT, "conflict",
                     "another backup is in progress; wait until it ends");
        return;
    }
    api->is_backing_up = true;
    request_keep(request, api, free_backup);
    err = store_backup(api->store, NULL, on_copied, request);
    if (err != STORE_OK)
        request_fail_store(request, err, "backup");
}
