/* SPDX-License-Identifier: MIT */
#include "store/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/core.h"

static enum store_err
make(const char *dir, char *why)
{
    struct stat status;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        snprintf(why, STORE_WHY_LEN, "%.150s cannot be created: %s", dir,
                 strerror(errno));
        return STORE_EDIR;
    }
    if (stat(dir, &status) != 0 || !S_ISDIR(status.st_mode)) {
        snprintf(why, STORE_WHY_LEN, "%.150s is not a directory", dir);
        return STORE_EDIR;
    }
    /* Another's directory, or one that the world may write, can be swapped
       under our feet. */
    if (status.st_uid != geteuid() || status.st_mode & (S_IWGRP | S_IWOTH)) {
        snprintf(why, STORE_WHY_LEN,
                 "%.120s must belong to this user and be writable by nobody "
                 "else (chmod 700)",
                 dir);
        return STORE_EDIR;
    }
    return STORE_OK;
}

static enum store_err
refuse(int fd, const char *dir, char *why)
{
    char pid[24] = "";
    ssize_t len = pread(fd, pid, sizeof pid - 1, 0);

    pid[len > 0 ? (size_t)len : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
    snprintf(why, STORE_WHY_LEN,
             "%.120s is in use by process %s; stop it or use another state "
             "directory",
             dir, pid[0] == '\0' ? "(unknown)" : pid);
    return STORE_ELOCKED;
}

enum store_err
dir_open(const char *dir, int *lock_fd, char *why)
{
    char path[PATH_MAX], pid[24];
    enum store_err err;
    int fd, len;

    if ((err = make(dir, why)) != STORE_OK)
        return err;
    if ((size_t)snprintf(path, sizeof path, "%s/lock", dir) >= sizeof path) {
        snprintf(why, STORE_WHY_LEN, "the state directory's name is too long");
        return STORE_EDIR;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(why, STORE_WHY_LEN, "%.150s: %s", path, strerror(errno));
        return STORE_EDIR;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        err = refuse(fd, dir, why);
        close(fd);
        return err;
    }
    /* Only for the message above: a lock without a name is still a lock. */
    len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, pid, (size_t)len, 0);
    *lock_fd = fd;
    return STORE_OK;
}

enum store_err
dir_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return STORE_EDIR;
    rc = fsync(fd);
    close(fd);
    return rc == 0 ? STORE_OK : STORE_EIO;
}
