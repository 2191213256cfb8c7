/* SPDX-License-Identifier: MIT */

/*
 * A backup as a chain of short requests: one that begins, then one for each
 * step, made by a timer, so that all other requests go on in between.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apns/base/clock.h"
#include "backup.h"
#include "copy.h"
#include "store/core.h"

#define AGAIN_S  0.1 /* after the store took no request */
#define NS_PER_S 1000000000

struct backup {
    struct store *store;
    ev_timer timer;
    store_backup_fn *done;
    void *arg;
    bool is_scratch; /* the file loses its name when it is whole */
    char path[PATH_MAX];
};

struct copy_request {
    struct store_request request;
    struct backup *backup;
    int64_t took_ns;
    int fd; /* of the whole copy; -1: not yet */
};

static void ask_step(struct backup *backup);

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    ask_step(timer->data);
}

static void
rest(struct backup *backup, double delay_s)
{
    ev_timer_set(&backup->timer, delay_s, 0.);
    ev_timer_start(backup->store->loop, &backup->timer);
}

static void
end(struct backup *backup, enum store_err err, int fd)
{
    struct stat status = {0};

    ev_timer_stop(backup->store->loop, &backup->timer);
    backup->store->backup = NULL;
    if (err == STORE_OK)
        (void)fstat(fd, &status);
    backup->done(backup->arg, err, err == STORE_OK ? fd : -1,
                 (int64_t)status.st_size);
    free(backup);
}

static enum store_err
run_begin(struct store_request *request, struct db *db)
{
    const struct backup *backup = ((struct copy_request *)request)->backup;

    return copy_begin(db, backup->path, backup->store->vfs,
                      backup->is_scratch ? STORE_BACKUP_ROOM : 0);
}

static enum store_err
run_step(struct store_request *request, struct db *db)
{
    struct copy_request *it = (struct copy_request *)request;
    int64_t begun_ns = (int64_t)clock_ns();
    bool is_done;
    enum store_err err = copy_step(db, &is_done);

    it->took_ns = (int64_t)clock_ns() - begun_ns;
    if (err != STORE_OK || !is_done)
        return err;
    it->fd = copy_take(db);
    if (it->backup->is_scratch)
        unlink(it->backup->path);
    return STORE_OK;
}

static double
pause_after(int64_t took_ns)
{
    double paced_s = (double)STORE_BACKUP_STEP / STORE_BACKUP_PACE;
    double rested_s = (double)took_ns * STORE_BACKUP_REST / NS_PER_S;

    return rested_s > paced_s ? rested_s : paced_s;
}

static void
complete_copy(struct store_request *request, enum store_err err)
{
    struct copy_request *it = (struct copy_request *)request;
    struct backup *backup = it->backup;

    if (err != STORE_OK || it->fd >= 0)
        end(backup, err, it->fd);
    else
        rest(backup, pause_after(it->took_ns)); /* or until backup_end */
}

static const struct store_request_kind beginning = {
    .is_apart = true,
    .run = run_begin,
    .complete = complete_copy,
    .size = sizeof(struct copy_request),
};

static const struct store_request_kind stepping = {
    .is_apart = true,
    .run = run_step,
    .complete = complete_copy,
    .size = sizeof(struct copy_request),
};

static enum store_err
ask(struct backup *backup, const struct store_request_kind *kind)
{
    struct copy_request like = {.backup = backup, .fd = -1};

    return store_request_put(backup->store, kind, &like, NULL);
}

static void
ask_step(struct backup *backup)
{
    if (ask(backup, &stepping) != STORE_OK)
        rest(backup, AGAIN_S);
}

void
backup_end(struct store *store)
{
    if (store->backup != NULL)
        end(store->backup, STORE_ECLOSED, -1);
}

static bool
name_file(struct backup *backup, const char *path)
{
    const char *dir = backup->store->dir;
    int len;

    backup->is_scratch = path == NULL;
    if (path != NULL)
        len = snprintf(backup->path, PATH_MAX, "%s", path);
    else
        len = snprintf(backup->path, PATH_MAX, "%s/%s", dir, COPY_SCRATCH);
    return len > 0 && len < PATH_MAX;
}

enum store_err
store_backup(struct store *store, const char *path, store_backup_fn *done,
             void *arg)
{
    struct backup *backup;
    enum store_err err = STORE_EINVAL;

    if (store->backup != NULL)
        return STORE_ECONFLICT;
    if ((backup = calloc(1, sizeof *backup)) == NULL)
        return STORE_ENOMEM;
    backup->store = store;
    backup->done = done;
    backup->arg = arg;
    ev_timer_init(&backup->timer, on_timer, 0., 0.);
    backup->timer.data = backup;
    if (name_file(backup, path))
        err = ask(backup, &beginning);
    if (err == STORE_OK)
        store->backup = backup;
    else
        free(backup);
    return err;
}
