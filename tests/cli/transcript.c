/* SPDX-License-Identifier: MIT */

#include "transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

#define MAX_ANSWERS 16
#define MAX_WORDS   32

struct transcript {
    const char *path;
    char *text;    /* the whole file; its lines become strings */
    char *at;      /* the next line */
    unsigned line; /* its number, for reports */
    char *dir;     /* current while it plays */
    struct command_setup setup;
    struct scripted_answer answers[MAX_ANSWERS];
    const char *requests[MAX_ANSWERS]; /* that they are for */
    char input[4096];
};

/* The next line without its end, or NULL; it is taken by forward. */
static char *
peek(struct transcript *it)
{
    return *it->at != '\0' ? it->at : NULL;
}

/* As a string of its own. */
static char *
forward(struct transcript *it)
{
    char *line = it->at;
    size_t len = strcspn(line, "\n");

    it->at += len + (line[len] == '\n');
    line[len] = '\0';
    it->line++;
    return line;
}

static bool
is_directive(const char *line)
{
    return strchr("#%@<>$", line[0]) != NULL && line[0] != '\0' &&
           (line[0] == '@' || line[1] == ' ');
}

static void
set(struct transcript *it, const char *what)
{
    if (strncmp(what, "width ", 6) == 0)
        it->setup.width = (int)strtol(what + 6, NULL, 10);
    else if (strcmp(what, "asking") == 0 || strcmp(what, "alone") == 0)
        it->setup.is_asking = what[1] == 's';
    else if (strcmp(what, "colored") == 0 || strcmp(what, "plain") == 0)
        it->setup.is_colored = what[0] == 'c';
    else
        fail_msg("%s:%u: %% %s", it->path, it->line, what);
}

/* "\n" to line ends, in place. */
static void
unescape(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        bool is_end = text[0] == '\\' && text[1] == 'n';

        *to++ = is_end ? '\n' : *text;
        text += is_end;
    }
    *to = '\0';
}

static void
make_file(struct transcript *it, char *line)
{
    char *save = NULL;
    const char *kind = strtok_r(line, " ", &save);
    const char *name = strtok_r(NULL, " ", &save);
    char *rest = save;
    char *path = NULL;

    assert_non_null(name);
    if (strcmp(kind, "text") == 0) {
        unescape(rest);
        temp_dir_write(name, rest);
    } else if (strcmp(kind, "push") == 0) {
        path = paper_write_push(it->dir, name, (int)strtol(rest, NULL, 10));
    } else if (strcmp(kind, "key") == 0) {
        path = paper_write_key(it->dir, name, *rest != '\0' ? rest : NULL);
    } else {
        fail_msg("%s:%u: @%s", it->path, it->line, kind);
    }
    free(path);
}

static void
add_answer(struct transcript *it, char *line)
{
    size_t n = it->setup.n_answers++;
    char *arrow = strstr(line, " => ");
    char *body;

    assert_true(n < MAX_ANSWERS);
    assert_non_null(arrow);
    *arrow = '\0';
    it->requests[n] = line;
    it->answers[n] =
        (struct scripted_answer){.status = (int)strtol(arrow + 4, &body, 10)};
    it->answers[n].body = *body == ' ' ? body + 1 : NULL;
}

static void
add_input(struct transcript *it, const char *line)
{
    size_t len = strlen(it->input);

    snprintf(it->input + len, sizeof it->input - len, "%s\n", line);
}

/* Words between blanks, '…' around some; "rouse" itself is left out. */
static void
split(char *line, const char **words)
{
    size_t n = 0;

    for (line += strcspn(line, " "); *line != '\0';) {
        bool is_quoted;

        line += strspn(line, " ");
        is_quoted = *line == '\'';
        line += is_quoted;
        if (*line == '\0')
            break;
        assert_true(n + 1 < MAX_WORDS);
        words[n++] = line;
        line += strcspn(line, is_quoted ? "'" : " ");
        if (*line != '\0')
            *line++ = '\0';
    }
    words[n] = NULL;
}

/* What is to be written, with the exit code as its last line. */
static char *
take_expected(struct transcript *it)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    while (peek(it) != NULL && !is_directive(peek(it)))
        fprintf(out, "%s\n", forward(it));
    fclose(out);
    return text;
}

static char *
describe(const struct command_run *run)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    for (const char *p = run->out; *p != '\0'; p++)
        if (*p == '\033')
            fputs("\\e", out);
        else
            fputc(*p, out);
    if (run->out[0] != '\0' && run->out[strlen(run->out) - 1] != '\n')
        fputc('\n', out);
    if (run->exit != CLI_DONE)
        fprintf(out, "[%d]\n", (int)run->exit);
    fclose(out);
    return text;
}

/* Blank lines part one command from the next. */
static void
trim(char *text)
{
    size_t len = strlen(text);

    while (len > 1 && text[len - 1] == '\n' && text[len - 2] == '\n')
        text[--len] = '\0';
    if (strcmp(text, "\n") == 0)
        text[0] = '\0';
}

static void
compare_requests(const struct transcript *it, const struct command_run *run)
{
    for (size_t i = 0; i < run->n_requests; i++) {
        const struct scripted_request *request = &run->requests[i];
        char *real;

        assert_true(asprintf(&real, "%s %s %s", request->method, request->path,
                             request->body != NULL ? request->body : "") >= 0);
        if (strncmp(real, it->requests[i], strlen(it->requests[i])) != 0)
            fail_msg("%s:%u: it asked\n%s\nand not\n%s", it->path, it->line,
                     real, it->requests[i]);
        free(real);
    }
}

static void
play_command(struct transcript *it, char *line)
{
    unsigned number = it->line;
    const char *words[MAX_WORDS];
    struct command_run run;
    char *expected;
    char *real;

    it->setup.answers = it->answers;
    it->setup.input = it->input;
    it->setup.is_merged = true;
    split(line, words);
    command_run(&run, &it->setup, words);
    compare_requests(it, &run);
    expected = take_expected(it);
    real = describe(&run);
    trim(expected);
    trim(real);
    if (strcmp(expected, real) != 0)
        fail_msg("%s:%u: it wrote\n%s\nand not\n%s", it->path, number, real,
                 expected);
    free(expected);
    free(real);
    command_fini(&run);
    it->setup.n_answers = 0;
    it->input[0] = '\0';
}

static void
play_line(struct transcript *it)
{
    char *line = forward(it);

    switch (line[0]) {
    case '%':
        set(it, line + 2);
        break;
    case '@':
        make_file(it, line + 1);
        break;
    case '<':
        add_answer(it, line + 2);
        break;
    case '>':
        add_input(it, line + 2);
        break;
    case '$':
        play_command(it, line + 2);
        break;
    case '#':
    case '\0':
        break;
    default:
        fail_msg("%s:%u: nobody wrote this: %s", it->path, it->line, line);
    }
}

void
transcript_play(const char *path)
{
    struct transcript *it = calloc(1, sizeof *it);

    assert_non_null(it);
    it->path = path;
    it->text = temp_dir_read(path, NULL);
    it->at = it->text;
    it->dir = temp_dir_new();
    assert_int_equal(chdir(it->dir), 0);
    setenv("TZ", "UTC", 1);
    setenv("HOME", it->dir, 1);
    while (peek(it) != NULL)
        play_line(it);
    assert_int_equal(chdir("/"), 0);
    temp_dir_free(it->dir);
    free(it->text);
    free(it);
}
