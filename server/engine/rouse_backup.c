/* SPDX-License-Identifier: MIT */

/*
 * The façade of backups: the store makes a copy under another name, the
 * worker has it synced and gives it its own.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/engine/call.h"
#include "server/engine/engine_core.h"

#define PART ".part"

struct backing_up {
    struct worker_job job; /* first */
    struct rouse *rouse;
    rouse_backup_fn *done;
    void *arg;
    int fd;
    int64_t n_bytes;
    enum rouse_err err;
    char path[PATH_MAX];
    char part[PATH_MAX];
};

static void
end_backup(struct backing_up *it)
{
    it->done(it->arg, it->err, it->err == ROUSE_OK ? it->n_bytes : 0);
    free(it);
}

static enum rouse_err
give_name(const struct backing_up *it)
{
    if (renameat2(AT_FDCWD, it->part, AT_FDCWD, it->path, RENAME_NOREPLACE) ==
        0)
        return ROUSE_OK;
    if (errno != EINVAL)
        return errno == EEXIST ? ROUSE_ECONFLICT : ROUSE_EIO;
    /* Not every file system knows how; then nothing may be there now. */
    if (access(it->path, F_OK) == 0)
        return ROUSE_ECONFLICT;
    return rename(it->part, it->path) == 0 ? ROUSE_OK : ROUSE_EIO;
}

static void
work(struct worker_job *job)
{
    struct backing_up *it = (struct backing_up *)job;

    if (fsync(it->fd) != 0)
        it->err = errno == ENOSPC || errno == EDQUOT ? ROUSE_EFULL : ROUSE_EIO;
    close(it->fd);
    if (it->err == ROUSE_OK)
        it->err = give_name(it);
    if (it->err != ROUSE_OK)
        unlink(it->part);
}

static void
on_worked(struct worker_job *job)
{
    struct backing_up *it = (struct backing_up *)job;

    end_backup(it);
}

static void
on_copied(void *arg, enum store_err err, int fd, int64_t n_bytes)
{
    struct backing_up *it = arg;

    it->fd = fd;
    it->n_bytes = n_bytes;
    it->err = rouse_err_of_store(err);
    it->job.work = work;
    it->job.done = on_worked;
    if (err == STORE_OK && it->rouse->is_freeing)
        it->err = ROUSE_ECLOSED;
    else if (err == STORE_OK && !worker_add(&it->rouse->life.worker,
                                            it->rouse->tick.loop, &it->job))
        it->err = ROUSE_EBUSY;
    if (it->err == ROUSE_OK)
        return;
    if (err == STORE_OK) {
        close(fd);
        unlink(it->part);
    }
    end_backup(it);
}

enum rouse_err
rouse_backup(struct rouse *rouse, const char *path, rouse_backup_fn *done,
             void *arg)
{
    struct backing_up *it;
    enum rouse_err err;
    int len;

    if (path == NULL || path[0] == '\0' ||
        strlen(path) + sizeof PART > PATH_MAX)
        return ROUSE_EINVAL;
    if (access(path, F_OK) == 0)
        return ROUSE_ECONFLICT;
    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    len = snprintf(it->path, sizeof it->path, "%s", path);
    snprintf(it->part, sizeof it->part, "%.*s" PART, len, path);
    return call_asked(it, store_backup(rouse->store, it->part, on_copied, it));
}
