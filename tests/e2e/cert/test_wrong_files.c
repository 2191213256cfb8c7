/* SPDX-License-Identifier: MIT */

/*
 * The commonest wrong files, as an administrator meets them: what rouse says,
 * word for word, with the real daemon behind it. Each file of transcripts/ is
 * a list of
 *
 *   # …            a comment
 *   $ rouse WORD…  runs it, by the shell, where the files are
 *   …              all that it writes, in the order in which it does
 *   [3]            its exit code, unless it is 0
 *
 * Digits of what differs each time (dates, times, long hex) read as letters:
 * yyyy-mm-dd, hh:mm:ss, hhhh…. With TRANSCRIPTS=write in the environment the
 * files are written instead of compared; look at the difference then.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_scene.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"
#include "wrong_files.h"

#define FOLDER  SOURCE_DIR "/tests/e2e/cert/transcripts"
#define MIN_HEX 8 /* shorter runs are words and serial numbers */

static struct cli_scene *scene;

/* "dddd-dd-dd" and the like: d is a digit, all else itself. */
static bool
has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++)
        if (*shape == 'd' ? !isdigit((unsigned char)*text) : *text != *shape)
            return false;
    return true;
}

/* What differs each time becomes letters of the same length, in place. */
static void
level(char *text)
{
    static const struct {
        const char *shape;
        const char *letters;
    } shapes[] = {
        {"dddd-dd-dd", "yyyy-mm-dd"},
        {"dd:dd:dd.ddd", "hh:mm:ss.000"},
        {"dd:dd:dd", "hh:mm:ss"},
    };

    while (*text != '\0') {
        size_t n = strspn(text, "0123456789abcdefABCDEF");

        if (n >= MIN_HEX)
            memset(text, 'h', n);
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
            if (has_shape(text, shapes[i].shape)) {
                n = strlen(shapes[i].letters);
                memcpy(text, shapes[i].letters, n);
                break;
            }
        text += n > 0 ? n : 1;
    }
}

/* What the command writes, and its exit code as a last line; to free(). */
static char *
run(const char *words)
{
    char *command, *out, *text;
    int status;

    assert_true(asprintf(&command,
                         "cd '%s' && TZ=UTC HOME='%s' '%s' --socket '%s' %s "
                         "2>&1 </dev/null",
                         scene->dir, scene->dir, CLI_SCENE_PROGRAM,
                         scene->daemon->socket, words) > 0);
    status = child_run((const char *const[]){"/bin/sh", "-c", command, NULL},
                       &out, NULL);
    level(out);
    if (status != 0)
        assert_true(asprintf(&text, "%s[%d]\n", out, status) >= 0);
    else
        text = strdup(out);
    free(out);
    free(command);
    return text;
}

/* The transcript as it is today: comments and commands of ${text}, each
 * command with what it writes now. */
static char *
replay(char *text)
{
    char *now, *save = NULL;
    size_t len;
    FILE *out = open_memstream(&now, &len);
    bool has_blank = true;

    for (char *line = strtok_r(text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        bool is_command = strncmp(line, "$ rouse ", 8) == 0;
        char *written;

        if (!is_command && line[0] != '#')
            continue;
        if (!has_blank)
            fputc('\n', out);
        fprintf(out, "%s\n", line);
        has_blank = !is_command;
        if (!is_command)
            continue;
        written = run(line + 8);
        fputs(written, out);
        free(written);
    }
    fclose(out);
    return now;
}

TEST_FILES(reads_as_written, FOLDER "/*.txt")
{
    const char *mode = getenv("TRANSCRIPTS");
    const char *path = *state;
    char *text = temp_dir_read(path, NULL);
    char *old = strdup(text);
    char *held = run("cert list --json");
    char *now = replay(text);
    char *held_now = run("cert list --json");

    if (mode != NULL && strcmp(mode, "write") == 0)
        temp_dir_write(path, now);
    else if (strcmp(now, old) != 0)
        fail_msg("%s: it reads\n%s", path, now);
    /* Whatever they brought, the certificate in force is what it was. */
    assert_string_equal(held_now, held);
    free(held_now);
    free(held);
    free(now);
    free(old);
    free(text);
}

static int
set_up(void **state)
{
    void *made;

    (void)state;
    assert_int_equal(cli_scene_set_up(&made), 0);
    scene = made;
    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    wrong_files_write(scene->dir, CLI_SCENE_TOPIC);
    return 0;
}

static int
tear_down(void **state)
{
    void *made = scene;

    (void)state;
    return cli_scene_tear_down(&made);
}

ALL(set_up, tear_down);
