/* SPDX-License-Identifier: MIT */

#include "cli_ask.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <string.h>
#include <termios.h>

#include "cli_say.h"
#include "server/cli/lib/cli_file.h"

static void
ask(struct cli *cli, const char *format, va_list args)
{
    char *question;

    must(vasprintf(&question, format, args) >= 0);
    fflush(cli->out); /* what it is about stands above */
    fputs(cli_say_clean(question), cli->err);
    fflush(cli->err);
    free(question);
}

/* A line that is too long is no answer. */
static bool
read_answer(struct cli *cli, char *line)
{
    size_t len;

    if (fgets(line, CLI_ASK_MAX + 1, cli->in) == NULL)
        return false;
    len = strcspn(line, "\r\n");
    if (line[len] == '\0' && len == CLI_ASK_MAX)
        return false;
    line[len] = '\0';
    return true;
}

bool
cli_ask_line(struct cli *cli, char *line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ask(cli, format, args);
    va_end(args);
    return read_answer(cli, line);
}

/* "… [y/N]" */
static bool
ask_yes(struct cli *cli, const char *format, va_list args)
{
    char line[CLI_ASK_MAX + 1];

    ask(cli, format, args);
    fputs(" [y/N] ", cli->err);
    fflush(cli->err);
    return read_answer(cli, line) && tolower((unsigned char)line[0]) == 'y';
}

bool
cli_ask_yes(struct cli *cli, const char *format, ...)
{
    va_list args;
    bool is_yes;

    va_start(args, format);
    is_yes = ask_yes(cli, format, args);
    va_end(args);
    return is_yes;
}

enum cli_exit
cli_ask_sure(struct cli *cli, bool is_sure, const char *kept,
             const char *format, ...)
{
    va_list args;

    if (is_sure)
        return CLI_DONE;
    if (!cli->is_asking)
        return cli_say_refused(cli, "%s: without a terminal, give --yes", kept);
    va_start(args, format);
    is_sure = ask_yes(cli, format, args);
    va_end(args);
    return is_sure ? CLI_DONE : cli_say_refused(cli, "%s", kept);
}

bool
cli_ask_secret(struct cli *cli, char *line, const char *format, ...)
{
    int fd = fileno(cli->in);
    struct termios before;
    bool is_hiding = fd >= 0 && tcgetattr(fd, &before) == 0;
    bool is_read;
    va_list args;

    va_start(args, format);
    ask(cli, format, args);
    va_end(args);
    if (is_hiding) {
        struct termios hidden = before;

        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &hidden);
    }
    is_read = read_answer(cli, line);
    if (is_hiding) {
        tcsetattr(fd, TCSAFLUSH, &before);
        fputc('\n', cli->err);
    }
    return is_read;
}

enum cli_exit
cli_ask_password(struct cli *cli, const char *file, char **password)
{
    size_t len;
    enum cli_exit result =
        cli_file_read(cli, file, CLI_ASK_MAX, password, &len);

    if (result == CLI_DONE)
        (*password)[strcspn(*password, "\r\n")] = '\0';
    return result;
}

void
cli_ask_password_free(char *password)
{
    /* what follows the first line is secret as well, but its length is gone:
     * the buffer always has this size */
    if (password != NULL)
        OPENSSL_cleanse(password, CLI_ASK_MAX);
    free(password);
}
