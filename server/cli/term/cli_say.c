/* SPDX-License-Identifier: MIT */

#include "cli_say.h"

#include <stdarg.h>
#include <string.h>

#include "apns/base/width.h"

/* Narrower than this, wrapping makes nothing easier to read. */
#define MIN_WRAP 40

/* A new line, that of ${text} up to its end of line. */
static char *
copy_line(const char *text)
{
    char *line = strndup(text, strcspn(text, "\n"));

    must(line != NULL);
    return cli_say_clean(line);
}

/* Commands are copied, and columns stay under each other. */
static bool
is_whole(const char *line)
{
    const char *text = line + strspn(line, " ");

    return strncmp(text, "rouse ", 6) == 0 || strstr(text, "  ") != NULL;
}

/*
 * ${line} from column ${column} on; what follows a break is indented by
 * ${hang}, and as the line itself is.
 */
static void
wrap_line(FILE *out, const char *line, size_t width, size_t column, size_t hang)
{
    size_t indent = strspn(line, " ");
    const char *word = line + indent;
    bool is_first = true;

    fprintf(out, "%*s", (int)indent, "");
    column += indent;
    while (*word != '\0') {
        size_t len = strcspn(word, " ");
        char *copy = strndup(word, len);
        size_t columns;

        must(copy != NULL);
        columns = width_of(copy);
        if (!is_first && column + 1 + columns > width) {
            fprintf(out, "\n%*s", (int)(hang + indent), "");
            column = hang + indent;
        } else if (!is_first) {
            fputc(' ', out);
            column++;
        }
        fputs(copy, out);
        free(copy);
        column += columns;
        is_first = false;
        word += len + (word[len] == ' ');
    }
    fputc('\n', out);
}

/* ${before} stands in front of the first line, the others are below it. */
static void
write_prose(struct cli *cli, FILE *out, enum cli_style style,
            const char *before, const char *text)
{
    int width = out == cli->err ? cli->err_width : cli->out_width;
    size_t hang = strspn(before, " ");
    size_t column = width_of(before);

    fprintf(out, "%s%s%s", cli_style_on(cli, out, style), before,
            cli_style_off(cli, out, style));
    do {
        size_t len = strcspn(text, "\n");
        char *line = copy_line(text);

        if (column == 0)
            fprintf(out, "%*s", (int)hang, "");
        if (width < MIN_WRAP || is_whole(line))
            fprintf(out, "%s\n", line);
        else
            wrap_line(out, line, (size_t)width, column > 0 ? column : hang,
                      hang);
        free(line);
        column = 0;
        text += len + (text[len] == '\n');
    } while (*text != '\0');
}

/* The text is owned by the caller. */
static char *
say(struct cli *cli, const char *before, const char *format, va_list args)
{
    char *text;

    must(vasprintf(&text, format, args) >= 0);
    fflush(cli->out);
    write_prose(cli, cli->err, CLI_STYLE_PLAIN, before, text);
    return text;
}

/* The first is the cause; for --json. */
static void
say_trouble(struct cli *cli, const char *format, va_list args)
{
    char *text = say(cli, "rouse: ", format, args);

    if (cli->trouble == NULL)
        cli->trouble = text;
    else
        free(text);
}

enum cli_exit
cli_say_failed(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_trouble(cli, format, args);
    va_end(args);
    return CLI_FAILED;
}

enum cli_exit
cli_say_misuse(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_trouble(cli, format, args);
    va_end(args);
    return CLI_USAGE;
}

enum cli_exit
cli_say_refused(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_trouble(cli, format, args);
    va_end(args);
    return CLI_REFUSED;
}

void
cli_say_note(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    free(say(cli, "", format, args));
    va_end(args);
}

char *
cli_say_clean(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        if (*p == '\n') {
            *p = ' ';
        } else if (*p < 0x20 || *p == 0x7f) {
            *p = '?';
        } else if (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) {
            /* C1 controls act on some terminals even inside UTF-8 */
            p[0] = '?';
            p[1] = '?';
        }
    }
    return text;
}

void
cli_say_text(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = copy_line(text);

        fprintf(out, "%s\n", line);
        free(line);
        text += len + (text[len] == '\n');
    }
}

void
cli_say_prose(struct cli *cli, FILE *out, const char *text)
{
    if (*text == '\0')
        return;
    if (out == cli->err)
        fflush(cli->out);
    write_prose(cli, out, CLI_STYLE_PLAIN, "", text);
}

void
cli_say_after(struct cli *cli, FILE *out, enum cli_style style,
              const char *text, const char *format, ...)
{
    char *before;
    va_list args;

    va_start(args, format);
    must(vasprintf(&before, format, args) >= 0);
    va_end(args);
    if (out == cli->err)
        fflush(cli->out);
    write_prose(cli, out, style, cli_say_clean(before), text);
    free(before);
}
