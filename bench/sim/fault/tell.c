/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static FILE *
connect_control(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    FILE *stream;
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return NULL;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        (stream = fdopen(fd, "r+")) == NULL) {
        int why = errno;

        close(fd);
        errno = why;
        return NULL;
    }
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
