/* SPDX-License-Identifier: MIT */

#include "cli_say.h"

#include <stdarg.h>
#include <string.h>

static void
say(FILE *stream, const char *before, const char *format, va_list args)
{
    char line[CLI_SAY_MAX];

    if (vsnprintf(line, sizeof line, format, args) < 0)
        line[0] = '\0';
    fprintf(stream, "%s%s\n", before, cli_say_clean(line));
}

enum cli_exit
cli_say_failed(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cli->err, "rouse: ", format, args);
    va_end(args);
    return CLI_FAILED;
}

enum cli_exit
cli_say_misuse(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cli->err, "rouse: ", format, args);
    va_end(args);
    return CLI_USAGE;
}

enum cli_exit
cli_say_refused(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cli->err, "rouse: ", format, args);
    va_end(args);
    return CLI_REFUSED;
}

void
cli_say_note(struct cli *cli, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(cli->err, "", format, args);
    va_end(args);
}

char *
cli_say_clean(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f) {
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
        char *line = strndup(text, len);

        must(line != NULL);
        fprintf(out, "%s\n", cli_say_clean(line));
        free(line);
        text += len + (text[len] == '\n');
    }
}
