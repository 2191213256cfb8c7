/* SPDX-License-Identifier: MIT */

#include "cli_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli_say.h"

bool
cli_sink_write(void *arg, const char *bytes, size_t len)
{
    struct cli_sink *sink = arg;

    return fwrite(bytes, 1, len, sink->file) == len;
}

/* Beside the named one; tokens may be in. */
enum cli_exit
cli_sink_open(struct cli *cli, struct cli_sink *sink, const char *name)
{
    sink->name[0] = '\0';
    sink->file = cli->out;
    if (name == NULL || strcmp(name, "-") == 0)
        return CLI_DONE;
    if (strlen(name) >= CLI_SINK_MAX_NAME)
        return cli_say_misuse(cli, "a file name may have at most %d bytes",
                              CLI_SINK_MAX_NAME - 1);
    memcpy(sink->name, name, strlen(name) + 1);
    snprintf(sink->part, sizeof sink->part, "%s.part", name);

    int fd = open(sink->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    sink->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (sink->file != NULL)
        return CLI_DONE;
    if (fd >= 0)
        close(fd);
    return cli_say_failed(cli, "cannot write %s: %s", sink->part,
                          strerrordesc_np(errno));
}

enum cli_exit
cli_sink_close(struct cli *cli, struct cli_sink *sink, enum cli_exit result)
{
    if (sink->name[0] == '\0')
        return result;

    bool is_written = fflush(sink->file) == 0 && !ferror(sink->file) &&
                      fsync(fileno(sink->file)) == 0;

    if (fclose(sink->file) != 0)
        is_written = false;
    if (is_written && result == CLI_DONE && rename(sink->part, sink->name) == 0)
        return CLI_DONE;
    if (!is_written || result == CLI_DONE)
        result = cli_say_failed(cli, "cannot write %s: %s", sink->name,
                                strerrordesc_np(errno));
    unlink(sink->part);
    return result;
}
