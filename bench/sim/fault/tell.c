/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/proc.h"

static FILE *
connect_control(const char *path)
{
    int fd = proc_connect(path);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r+");

    if (fd >= 0 && stream == NULL)
        close(fd);
    return stream;
}

int
tell_run(const char *path, char *const directives[], size_t n)
{
    FILE *stream = connect_control(path);
    char *line = NULL;
    size_t size = 0;
    int code = 0;

    if (stream == NULL) {
        fprintf(stderr,
                "rouse-sim: %s: %s; is rouse-sim running with --control?\n",
                path, strerror(errno));
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        fprintf(stream, "%s\n", directives[i]);
        fflush(stream);
        if (getline(&line, &size, stream) < 0) {
            fprintf(stderr, "rouse-sim: %s: no answer to `%s`\n", path,
                    directives[i]);
            code = 1;
            break;
        }
        fputs(line, stdout);
        if (strstr(line, "\"ok\":true") == NULL)
            code = 1;
    }
    free(line);
    fclose(stream);
    return code;
}
