/* SPDX-License-Identifier: MIT */
#include "faulty_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 512

/* What a write changed, newest first. */
struct undo {
    SLIST_ENTRY(undo) link;
    char path[PATH_LEN];
    off_t size; /* of the file before */
    off_t at;
    size_t len;
    char bytes[];
};

struct faulty_file {
    sqlite3_file base;
    char path[PATH_LEN];
    sqlite3_file *real; /* behind this struct */
};

/* One for the process: SQLite's VFS list is one, too. */
static struct {
    pthread_mutex_t lock;
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    enum faulty_how how;
    int nth, times, hits;
    const char *suffix;
    SLIST_HEAD(, undo) undos;
} faulty = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool
is_meant(const char *path)
{
    size_t len = strlen(path);
    size_t suffix = faulty.suffix == NULL ? 0 : strlen(faulty.suffix);

    return len >= suffix &&
           strcmp(path + len - suffix, suffix == 0 ? "" : faulty.suffix) == 0;
}

enum operation {
    READ,
    WRITE,
    SYNC,
};

static bool
can_fail(const char *path, enum operation operation)
{
    if (faulty.how == FAULTY_NEVER || !is_meant(path))
        return false;
    if ((operation == READ) != (faulty.how == FAULTY_READ))
        return false;
    return operation != SYNC || faulty.how != FAULTY_FULL;
}

static int
draw_fault(const char *path, enum operation operation)
{
    static const int codes[] = {[READ] = SQLITE_IOERR_READ,
                                [WRITE] = SQLITE_IOERR_WRITE,
                                [SYNC] = SQLITE_IOERR_FSYNC};
    int rc = SQLITE_OK;

    pthread_mutex_lock(&faulty.lock);
    if (!can_fail(path, operation))
        goto done;
    if (faulty.nth > 1) {
        faulty.nth--;
        goto done;
    }
    if (faulty.times == 0)
        goto done;
    if (faulty.times > 0)
        faulty.times--;
    faulty.hits++;
    rc = faulty.how == FAULTY_FULL ? SQLITE_FULL : codes[operation];
done:
    pthread_mutex_unlock(&faulty.lock);
    return rc;
}

/* Keep what is there now at [at, at + len). */
static void
keep_undo(const char *path, off_t at, size_t len)
{
    struct undo *undo = calloc(1, sizeof *undo + len);
    struct stat status = {0};
    int fd = open(path, O_RDONLY);
    ssize_t n = 0;

    if (undo == NULL)
        abort();
    snprintf(undo->path, sizeof undo->path, "%s", path);
    if (fd >= 0) {
        fstat(fd, &status);
        n = pread(fd, undo->bytes, len, at);
        close(fd);
    }
    undo->size = status.st_size;
    undo->at = at;
    undo->len = n > 0 ? (size_t)n : 0;
    pthread_mutex_lock(&faulty.lock);
    SLIST_INSERT_HEAD(&faulty.undos, undo, link);
    pthread_mutex_unlock(&faulty.lock);
}

static void
forget_undos(const char *path)
{
    struct undo *undo, *next;

    pthread_mutex_lock(&faulty.lock);
    for (undo = SLIST_FIRST(&faulty.undos); undo != NULL; undo = next) {
        next = SLIST_NEXT(undo, link);
        if (path != NULL && strcmp(path, undo->path) != 0)
            continue;
        SLIST_REMOVE(&faulty.undos, undo, undo, link);
        free(undo);
    }
    pthread_mutex_unlock(&faulty.lock);
}

static int
close_file(sqlite3_file *file)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xClose(it->real);
}

static int
read_file(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
    struct faulty_file *it = (struct faulty_file *)file;
    int rc = draw_fault(it->path, READ);

    if (rc != SQLITE_OK)
        return rc;
    return it->real->pMethods->xRead(it->real, bytes, len, at);
}

static int
write_file(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
    struct faulty_file *it = (struct faulty_file *)file;
    int rc = draw_fault(it->path, WRITE);

    if (rc != SQLITE_OK)
        return rc;
    keep_undo(it->path, at, (size_t)len);
    return it->real->pMethods->xWrite(it->real, bytes, len, at);
}

static int
truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    struct faulty_file *it = (struct faulty_file *)file;
    int rc = draw_fault(it->path, WRITE);

    if (rc != SQLITE_OK)
        return rc;
    return it->real->pMethods->xTruncate(it->real, size);
}

static int
sync_file(sqlite3_file *file, int flags)
{
    struct faulty_file *it = (struct faulty_file *)file;
    int rc = draw_fault(it->path, SYNC);

    if (rc != SQLITE_OK)
        return rc;
    rc = it->real->pMethods->xSync(it->real, flags);
    if (rc == SQLITE_OK)
        forget_undos(it->path);
    return rc;
}

static int
size_file(sqlite3_file *file, sqlite3_int64 *size)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xFileSize(it->real, size);
}

static int
lock_file(sqlite3_file *file, int level)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xLock(it->real, level);
}

static int
unlock_file(sqlite3_file *file, int level)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xUnlock(it->real, level);
}

static int
check_lock(sqlite3_file *file, int *is_locked)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xCheckReservedLock(it->real, is_locked);
}

static int
control_file(sqlite3_file *file, int op, void *arg)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xFileControl(it->real, op, arg);
}

static int
sector_size(sqlite3_file *file)
{
    struct faulty_file *it = (struct faulty_file *)file;

    return it->real->pMethods->xSectorSize(it->real);
}

static int
traits(sqlite3_file *file)
{
    (void)file;
    return 0; /* nothing is atomic here */
}

/* Version 1: no shared memory, which the store must not need. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = traits,
};

static int
open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
          int *out_flags)
{
    struct faulty_file *it = (struct faulty_file *)file;
    int rc;

    (void)vfs;
    it->real = (sqlite3_file *)(it + 1);
    snprintf(it->path, sizeof it->path, "%s", path == NULL ? "" : path);
    rc = faulty.real->xOpen(faulty.real, path, it->real, flags, out_flags);
    it->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

static int
delete_file(sqlite3_vfs *vfs, const char *path, int is_synced)
{
    int rc = draw_fault(path, WRITE);

    (void)vfs;
    if (rc != SQLITE_OK)
        return rc;
    forget_undos(path);
    return faulty.real->xDelete(faulty.real, path, is_synced);
}

void
faulty_register(void)
{
    if (faulty.real != NULL)
        return;
    faulty.real = sqlite3_vfs_find(NULL);
    faulty.vfs = *faulty.real;
    faulty.vfs.zName = FAULTY_VFS;
    faulty.vfs.pNext = NULL;
    faulty.vfs.szOsFile =
        (int)sizeof(struct faulty_file) + faulty.real->szOsFile;
    faulty.vfs.xOpen = open_file;
    faulty.vfs.xDelete = delete_file;
    sqlite3_vfs_register(&faulty.vfs, 0);
}

void
faulty_arm(enum faulty_how how, int nth, int times)
{
    pthread_mutex_lock(&faulty.lock);
    faulty.how = how;
    faulty.nth = nth;
    faulty.times = times;
    faulty.hits = 0;
    pthread_mutex_unlock(&faulty.lock);
}

void
faulty_only(const char *suffix)
{
    pthread_mutex_lock(&faulty.lock);
    faulty.suffix = suffix;
    pthread_mutex_unlock(&faulty.lock);
}

int
faulty_hits(void)
{
    int hits;

    pthread_mutex_lock(&faulty.lock);
    hits = faulty.hits;
    pthread_mutex_unlock(&faulty.lock);
    return hits;
}

void
faulty_cut(void)
{
    struct undo *undo;

    SLIST_FOREACH (undo, &faulty.undos, link) {
        int fd = open(undo->path, O_RDWR);

        if (fd < 0)
            continue;
        if (pwrite(fd, undo->bytes, undo->len, undo->at) !=
                (ssize_t)undo->len ||
            ftruncate(fd, undo->size) != 0)
            abort();
        close(fd);
    }
    faulty_forget();
}

void
faulty_forget(void)
{
    forget_undos(NULL);
    faulty_only(NULL);
    faulty_arm(FAULTY_NEVER, 0, 0);
}
