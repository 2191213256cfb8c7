/* SPDX-License-Identifier: MIT */
#include "temp_dir.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "bench/base/proc.h"

char *
temp_dir_new(void)
{
    char *dir = proc_dir_new();

    if (dir == NULL)
        fail_msg("cannot make a temporary directory: %s", strerror(errno));
    return dir;
}

void
temp_dir_free(char *dir)
{
    if (dir == NULL)
        return;
    proc_dir_remove(dir);
    free(dir);
}

char *
temp_dir_path(const char *dir, const char *format, ...)
{
    char *rest = NULL, *path = NULL;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vasprintf(&rest, format, ap);
    va_end(ap);
    if (n < 0 || asprintf(&path, "%s/%s", dir, rest) < 0)
        fail_msg("out of memory");
    free(rest);
    return path;
}

char *
temp_dir_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    size_t n = 0, max = 4096, got;
    char *text = malloc(max + 1);

    if (file == NULL)
        fail_msg("cannot open %s", path);
    if (text == NULL)
        fail_msg("out of memory");
    while ((got = fread(text + n, 1, max - n, file)) > 0) {
        n += got;
        if (n < max)
            continue;
        max *= 2;
        if ((text = realloc(text, max + 1)) == NULL)
            fail_msg("out of memory");
    }
    fclose(file);
    text[n] = '\0';
    if (len != NULL)
        *len = n;
    return text;
}

void
temp_dir_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        fail_msg("cannot write %s", path);
    if (fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, 0600) != 0)
        fail_msg("cannot write %s", path);
}
