/* SPDX-License-Identifier: MIT */

#include "cli_await.h"

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "server/certlife/certlife.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

#define MAX_CERT_FILE (64 << 10) /* bytes: a download is 2 KiB */

void
cli_await_init(struct cli_await *await, const char *folder)
{
    memset(await, 0, sizeof *await);
    await->folder = folder;
    /* the clock that stamps files */
    clock_gettime(CLOCK_REALTIME_COARSE, &await->since);
}

static bool
is_older(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/* True when there is a push certificate in it, else what is, in ${*what}. */
static bool
has_push_cert(const char *path, char *what, size_t size)
{
    char bytes[MAX_CERT_FILE];
    const char *slash = strrchr(path, '/');
    struct certlife_file file = {.name = slash != NULL ? slash + 1 : path,
                                 .bytes = bytes};
    struct certlife_check *check;
    FILE *stream = fopen(path, "rbe");
    bool is_found;

    snprintf(what, size, "it cannot be read");
    if (stream == NULL)
        return false;
    file.len = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    if (certlife_check_make(&file, 1, NULL, 0, (int64_t)time(NULL), &check,
                            NULL) != CERTLIFE_OK)
        return false;
    is_found = certlife_check_push(check) >= 0;
    if (check->n_objects > 0)
        snprintf(what, size, "%s", check->objects[0].sentence);
    certlife_check_free(check);
    return is_found;
}

/* What Apple's portal gives, and what a browser makes of it when it has logged
   out meanwhile. */
static bool
is_named_so(const char *name)
{
    static const char *const ends[] = {".pem", ".cer", ".crt", ".html", ".htm"};
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t end_len = strlen(ends[i]);

        if (len > end_len && strcasecmp(name + len - end_len, ends[i]) == 0)
            return true;
    }
    return false;
}

static int
is_candidate(const struct dirent *entry)
{
    return is_named_so(entry->d_name);
}

/* NULL: as many are known as there is room for. */
static struct cli_await_seen *
remember(struct cli_await *await, const char *name)
{
    struct cli_await_seen *seen;

    for (size_t i = 0; i < await->n_seen; i++)
        if (strcmp(await->seen[i].name, name) == 0)
            return &await->seen[i];
    if (await->n_seen == CLI_AWAIT_MAX_SEEN)
        return NULL;
    seen = &await->seen[await->n_seen++];
    *seen = (struct cli_await_seen){0};
    snprintf(seen->name, sizeof seen->name, "%s", name);
    return seen;
}

/* A download that still grows is not judged. */
static void
tell_other(struct cli *cli, struct cli_await *await, const char *name,
           struct timespec changed, const char *what)
{
    struct cli_await_seen *seen = remember(await, name);

    if (seen == NULL)
        return;
    if (is_older(seen->changed, changed)) {
        seen->changed = changed;
        seen->is_told = false;
    } else if (!seen->is_told) {
        fputc('\n', cli->err);
        cli_say_note(cli, "%s appeared, but is not the certificate: %s", name,
                     what);
        seen->is_told = true;
    }
}

/* ctime: an old file that was moved here now counts too. */
static bool
is_meant(struct cli *cli, struct cli_await *await, const char *path,
         const char *name)
{
    char what[CERTLIFE_MAX_TEXT];
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        is_older(status.st_ctim, await->since))
        return false;
    if (has_push_cert(path, what, sizeof what))
        return true;
    tell_other(cli, await, name, status.st_ctim, what);
    return false;
}

/* A certificate that came to ${folder} since; false: not yet. */
static bool
look(struct cli *cli, struct cli_await *await, const char *folder, char *path)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, is_candidate, alphasort);
    bool is_found = false;

    if (n < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (!is_found && snprintf(path, CLI_AWAIT_MAX_PATH, "%s/%s", folder,
                                  entries[i]->d_name) < CLI_AWAIT_MAX_PATH)
            is_found = is_meant(cli, await, path, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return is_found;
}

static bool
look_everywhere(struct cli *cli, struct cli_await *await, char *path)
{
    const char *home = secure_getenv("HOME");
    char downloads[CLI_AWAIT_MAX_PATH];

    if (look(cli, await, await->folder, path))
        return true;
    if (home == NULL || snprintf(downloads, sizeof downloads, "%s/Downloads",
                                 home) >= (int)sizeof downloads)
        return false;
    return look(cli, await, downloads, path);
}

/* Something was typed, or the input has ended. */
static bool
is_readable(struct cli *cli)
{
    struct pollfd fd = {.fd = fileno(cli->in), .events = POLLIN};

    return fd.fd < 0 || poll(&fd, 1, 0) > 0;
}

/* As a terminal gives it when a file is dropped on it: quotes, a blank. */
static void
unquote(char *line)
{
    size_t len = strlen(line);

    while (len > 0 && line[len - 1] == ' ')
        line[--len] = '\0';
    if (len > 1 && (line[0] == '\'' || line[0] == '"') &&
        line[len - 1] == line[0]) {
        memmove(line, line + 1, len - 2);
        line[len - 2] = '\0';
    }
}

/* False at the end and with an empty line. */
static bool
take_line(struct cli *cli, char *path)
{
    char line[CLI_ASK_MAX + 1];
    const char *home = secure_getenv("HOME");

    if (!cli_ask_line(cli, line, "%s", ""))
        return false;
    unquote(line);
    if (line[0] == '\0')
        return false;
    if (home != NULL && strncmp(line, "~/", 2) == 0)
        return snprintf(path, CLI_AWAIT_MAX_PATH, "%s%s", home, line + 1) <
               CLI_AWAIT_MAX_PATH;
    snprintf(path, CLI_AWAIT_MAX_PATH, "%s", line);
    return true;
}

bool
cli_await_cert(struct cli *cli, struct cli_await *await, char *path)
{
    fflush(cli->out);
    fprintf(cli->err,
            "Waiting for the new certificate. Save it in %s or in Downloads, "
            "or type its path\n(an empty line cancels): ",
            await->folder);
    fflush(cli->err);
    for (;;) {
        if (is_readable(cli))
            return take_line(cli, path);
        if (look_everywhere(cli, await, path)) {
            fprintf(cli->err, "\n");
            cli_say_note(cli, "found %s", path);
            /* the next round waits for another one */
            clock_gettime(CLOCK_REALTIME_COARSE, &await->since);
            return true;
        }
        cli_when_pause(cli, cli->poll_ms);
    }
}
