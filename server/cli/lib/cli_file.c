/* SPDX-License-Identifier: MIT */

#include "cli_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <unistd.h>

#include "server/cli/term/cli_say.h"

enum cli_exit
cli_file_read(struct cli *cli, const char *name, size_t max, char **bytes,
              size_t *len)
{
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? cli->in : fopen(name, "rbe");
    enum cli_exit result = CLI_DONE;

    *bytes = NULL;
    *len = 0;
    if (file == NULL)
        return cli_say_failed(cli, "cannot open %s: %s", name,
                              strerrordesc_np(errno));
    /* no copy of a private key in stdio's buffer */
    setvbuf(file, NULL, _IONBF, 0);
    *bytes = malloc(max + 2);
    must(*bytes != NULL);
    *len = fread(*bytes, 1, max + 1, file);
    if (ferror(file))
        result = cli_say_failed(cli, "cannot read %s: %s", name,
                                strerrordesc_np(errno));
    else if (*len > max)
        result = cli_say_failed(cli, "%s is larger than %zu bytes", name, max);
    else if (*len == 0)
        result = cli_say_failed(cli, "%s is empty", name);
    if (!is_stdin)
        fclose(file);
    if (result != CLI_DONE) {
        cli_file_free(*bytes, *len);
        *bytes = NULL;
        return result;
    }
    (*bytes)[*len] = '\0';
    return CLI_DONE;
}

void
cli_file_free(char *bytes, size_t len)
{
    if (bytes == NULL)
        return;
    OPENSSL_cleanse(bytes, len);
    free(bytes);
}

bool
cli_file_is_free(struct cli *cli, const char *name)
{
    if (access(name, F_OK) != 0)
        return true;
    cli_say_failed(cli, "%s exists already; name another file with -o", name);
    return false;
}

enum cli_exit
cli_file_write(struct cli *cli, const char *name, const void *bytes, size_t len)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const char *at = bytes;
    size_t left = len;

    if (fd < 0)
        return cli_say_failed(cli, "cannot create %s: %s", name,
                              strerrordesc_np(errno));
    while (left > 0) {
        ssize_t n = write(fd, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        at += n;
        left -= (size_t)n;
    }

    enum cli_exit result = CLI_DONE;

    if (left > 0 || fsync(fd) != 0)
        result = cli_say_failed(cli, "cannot write %s: %s", name,
                                strerrordesc_np(errno));
    close(fd); /* after fsync nothing is left that could fail */
    if (result != CLI_DONE)
        unlink(name);
    return result;
}

/* The next line that is not empty; false at the end or with ${*result} set. */
static bool
read_line(struct cli_file_ids *ids, enum cli_exit *result)
{
    while (fgets(ids->text, (int)sizeof ids->text, ids->cli->in) != NULL) {
        size_t len = strcspn(ids->text, "\r\n");

        ids->line++;
        if (len > CLI_MAX_ID) {
            *result = cli_say_failed(
                ids->cli, "line %zu: an ID may have at most %d bytes",
                ids->line, CLI_MAX_ID);
            return false;
        }
        ids->text[len] = '\0';
        if (len > 0)
            return true;
    }
    if (ferror(ids->cli->in))
        *result = cli_say_failed(ids->cli, "cannot read the ids: %s",
                                 strerrordesc_np(errno));
    return false;
}

enum cli_exit
cli_file_next_id(struct cli_file_ids *ids, const char **id)
{
    enum cli_exit result = CLI_DONE;

    *id = NULL;
    for (;;) {
        if (ids->is_reading) {
            if (read_line(ids, &result)) {
                *id = ids->text;
                return CLI_DONE;
            }
            if (result != CLI_DONE)
                return result;
            ids->is_reading = false;
        }
        if (ids->n_words == 0)
            return CLI_DONE;

        const char *word = *ids->words;

        ids->words++;
        ids->n_words--;
        if (strcmp(word, "-") == 0) {
            ids->is_reading = true;
            continue;
        }
        if (strlen(word) > CLI_MAX_ID)
            return cli_say_misuse(ids->cli, "an ID may have at most %d bytes",
                                  CLI_MAX_ID);
        *id = word;
        return CLI_DONE;
    }
}
