/* SPDX-License-Identifier: MIT */
#include "pki_make.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "child.h"
#include "temp_dir.h"

/*
 * Making RSA keys takes most of a test's time. What every test makes alike,
 * the CA and the first certificate of a topic, is made once per build and
 * copied; faulty and renewed certificates are always made anew. The stock
 * lies beside the program that made it.
 */

static void
run_pki(const char *program, const char *dir, const char *topic,
        const char *fault, const char *days)
{
    const char *argv[10] = {program, "pki", dir};
    char *out, *err;
    int n = 3;

    if (topic != NULL) {
        argv[n++] = "--topic";
        argv[n++] = topic;
    }
    if (fault != NULL) {
        argv[n++] = "--fault";
        argv[n++] = fault;
    }
    if (days != NULL) {
        argv[n++] = "--days";
        argv[n++] = days;
    }
    if (child_run(argv, &out, &err) != 0)
        fail_msg("rouse-sim pki: %s", err);
    free(out);
    free(err);
}

static bool
is_there(const char *dir, const char *name)
{
    char *path = temp_dir_path(dir, "%s", name);
    bool is = access(path, F_OK) == 0;

    free(path);
    return is;
}

static void
copy_file(const char *stock, const char *name, const char *dir)
{
    char *from = temp_dir_path(stock, "%s", name);
    char *to = temp_dir_path(dir, "%s", name);
    size_t len;
    char *bytes = temp_dir_read(from, &len);
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0)
        fail_msg("cannot copy %s to %s", from, to);
    free(bytes);
    free(to);
    free(from);
}

/* Open the stock of ${program}, locked against other tests. */
static char *
open_stock(const char *program, int *lock)
{
    char *stock, *path;

    if (asprintf(&stock, "%s.stock", program) < 0)
        fail_msg("out of memory");
    (void)mkdir(stock, 0700);
    path = temp_dir_path(stock, "lock");
    *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0 || flock(*lock, LOCK_EX) != 0)
        fail_msg("cannot lock %s", path);
    free(path);
    return stock;
}

/* Fill ${dir} from the stock, making what the stock lacks. */
static void
take_from_stock(const char *program, const char *dir, const char *topic)
{
    static const char *const names[] = {"ca.pem", "ca.key", "server.pem",
                                        "server.key"};
    int lock;
    char *stock = open_stock(program, &lock);
    char *leaf = NULL;

    if (topic != NULL && asprintf(&leaf, "%s.pem", topic) < 0)
        fail_msg("out of memory");
    if (!is_there(stock, "server.pem") ||
        (leaf != NULL && !is_there(stock, leaf)))
        run_pki(program, stock, topic, NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!is_there(dir, names[i]))
            copy_file(stock, names[i], dir);
    if (leaf != NULL)
        copy_file(stock, leaf, dir);
    free(leaf);
    free(stock);
    close(lock);
}

char *
pki_make(const char *program, const char *dir, const char *topic,
         const char *fault)
{
    char *leaf = topic != NULL ? temp_dir_path(dir, "%s.pem", topic) : NULL;
    bool is_first = leaf == NULL || access(leaf, F_OK) != 0;

    (void)mkdir(dir, 0700);
    if (fault != NULL) {
        if (!is_there(dir, "ca.pem"))
            take_from_stock(program, dir, NULL);
        run_pki(program, dir, topic, fault, NULL);
        free(leaf);
        return temp_dir_path(dir, "%s-%s.pem", fault, topic);
    }
    if (!is_first)
        run_pki(program, dir, topic, NULL, NULL);
    else
        take_from_stock(program, dir, topic);
    return leaf != NULL ? leaf : temp_dir_path(dir, "ca.pem");
}

char *
pki_make_days(const char *program, const char *dir, const char *topic,
              const char *fault, int days)
{
    char number[16];
    char *path, *pem;

    snprintf(number, sizeof number, "%d", days);
    if (!is_there(dir, "ca.pem"))
        take_from_stock(program, dir, NULL);
    run_pki(program, dir, topic, fault, number);
    path = fault == NULL ? temp_dir_path(dir, "%s.pem", topic)
                         : temp_dir_path(dir, "%s-%s.pem", fault, topic);
    pem = temp_dir_read(path, NULL);
    free(path);
    return pem;
}
