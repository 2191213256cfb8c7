/* SPDX-License-Identifier: MIT */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/bind.h"
#include "store/core.h"

/* No journal and no sync: a copy that does not become whole is removed. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA journal_mode = OFF;"
                               "PRAGMA synchronous = OFF;";

static enum store_err
read_pragma(struct db *db, enum sql_name name, int64_t *value)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    if (bind_row(&bind))
        *value = bind_take_int(&bind);
    return bind_end(&bind);
}

/* Find a disk that is too small before it is full. */
static enum store_err
check_room(struct db *db, int fd, int64_t room)
{
    int64_t n_pages = 0, page_size = 0;
    struct statvfs disk;
    enum store_err err = read_pragma(db, SQL_PAGE_COUNT, &n_pages);

    if (err == STORE_OK)
        err = read_pragma(db, SQL_PAGE_SIZE, &page_size);
    if (err != STORE_OK || fstatvfs(fd, &disk) != 0)
        return err; /* then writing finds out */
    return (uint64_t)disk.f_bavail * disk.f_frsize <
                   (uint64_t)(n_pages * page_size + room)
               ? STORE_EFULL
               : STORE_OK;
}

static enum store_err
make_file(struct copy *copy)
{
    unlink(copy->path);
    copy->fd = open(copy->path,
                    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (copy->fd >= 0)
        return STORE_OK;
    return errno == ENOSPC || errno == EDQUOT ? STORE_EFULL : STORE_EDIR;
}

static int
connect(struct db *db, struct copy *copy, const char *vfs)
{
    int rc = sqlite3_open_v2(copy->path, &copy->to,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             vfs);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy->to, settings, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    copy->backup = sqlite3_backup_init(copy->to, "main", db->sqlite, "main");
    return copy->backup == NULL ? sqlite3_extended_errcode(copy->to)
                                : SQLITE_OK;
}

/* How it ended: writing may fail at the very end. */
static int
disconnect(struct copy *copy)
{
    int rc = sqlite3_backup_finish(copy->backup);
    int closed = sqlite3_close(copy->to);

    copy->backup = NULL;
    copy->to = NULL;
    return rc != SQLITE_OK ? rc : closed;
}

void
copy_drop(struct db *db)
{
    struct copy *copy = db->copy;

    if (copy == NULL)
        return;
    (void)disconnect(copy);
    close(copy->fd);
    unlink(copy->path);
    free(copy);
    db->copy = NULL;
}

enum store_err
copy_begin(struct db *db, const char *path, const char *vfs, int64_t room)
{
    struct copy *copy = calloc(1, sizeof *copy);
    enum store_err err;

    must(db->copy == NULL);
    if (copy == NULL)
        return STORE_ENOMEM;
    must((size_t)snprintf(copy->path, sizeof copy->path, "%s", path) <
         sizeof copy->path);
    if ((err = make_file(copy)) != STORE_OK) {
        free(copy);
        return err;
    }
    db->copy = copy;
    err = check_room(db, copy->fd, room);
    if (err == STORE_OK)
        err = bind_err(connect(db, copy, vfs));
    if (err != STORE_OK)
        copy_drop(db);
    return err;
}

static int
step_pages(struct db *db)
{
    int64_t page_size = 4096;

    (void)read_pragma(db, SQL_PAGE_SIZE, &page_size);
    return (int)(STORE_BACKUP_STEP / page_size);
}

enum store_err
copy_step(struct db *db, bool *is_done)
{
    int rc = sqlite3_backup_step(db->copy->backup, step_pages(db));
    enum store_err err;

    *is_done = rc == SQLITE_DONE;
    if (*is_done)
        rc = disconnect(db->copy);
    if ((err = bind_err(rc)) != STORE_OK)
        copy_drop(db);
    return err;
}

int
copy_take(struct db *db)
{
    int fd = db->copy->fd;

    free(db->copy);
    db->copy = NULL;
    return fd;
}
