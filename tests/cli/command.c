/* SPDX-License-Identifier: MIT */

#include "command.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_WORDS 64

struct run_clock {
    int64_t *now_ms;
    void (*on_pause)(int64_t now_ms);
};

/* Time passes with every look at it, and by pauses that cost none. */
static int64_t
tick(void *arg)
{
    struct run_clock *run_clock = arg;

    return ++*run_clock->now_ms;
}

static void
pass(void *arg, uint32_t ms)
{
    struct run_clock *run_clock = arg;

    *run_clock->now_ms += ms;
    if (run_clock->on_pause != NULL)
        run_clock->on_pause(*run_clock->now_ms);
}

/* A day in November. */
static int64_t
read_calendar(void *arg)
{
    (void)arg;
    return COMMAND_TODAY;
}

/* What the person types: ${text}, or nothing while the pipe stays open. */
static FILE *
open_input(const struct command_setup *setup, char *text, int pipe_fds[2])
{
    if (setup->is_silent) {
        assert_int_equal(pipe(pipe_fds), 0);
        return fdopen(pipe_fds[0], "r");
    }
    return text[0] != '\0' ? fmemopen(text, strlen(text), "r")
                           : fopen("/dev/null", "r");
}

/*
 * A log that both streams are appended to: what is said waits in a buffer as
 * it does there, errors do not.
 */
static int
open_log(struct cli *cli)
{
    char name[] = "/tmp/rouse-log-XXXXXX";
    int fd = mkostemp(name, O_APPEND);

    assert_true(fd >= 0);
    unlink(name);
    cli->out = fdopen(dup(fd), "a");
    cli->err = fdopen(dup(fd), "a");
    assert_non_null(cli->out);
    assert_non_null(cli->err);
    setvbuf(cli->err, NULL, _IONBF, 0);
    return fd;
}

static char *
read_log(int fd)
{
    off_t len = lseek(fd, 0, SEEK_END);
    char *text = calloc(1, (size_t)len + 1);

    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)len, 0), len);
    close(fd);
    return text;
}

/* The server that knows its answers, or none. */
static void
start_server(struct command_run *run, const struct command_setup *setup)
{
    const char *socket = "/nonexistent/sock";

    if (setup->n_answers > 0) {
        run->server = scripted_server_start(setup->answers, setup->n_answers);
        socket = scripted_server_socket(run->server);
    }
    setenv("ROUSE_SOCKET", socket, 1);
}

static void
finish_server(struct command_run *run, const struct command_setup *setup)
{
    if (run->server == NULL)
        return;
    run->n_requests = scripted_server_finish(run->server, &run->requests);
    if (run->n_requests != setup->n_answers)
        print_error("out: %s\nerr: %s\n", run->out, run->err);
    assert_int_equal(run->n_requests, setup->n_answers);
}

void
command_run(struct command_run *run, const struct command_setup *setup,
            const char *const *words)
{
    const char *input = setup->input != NULL ? setup->input : "";
    /* a byte more: fmemopen of nothing fails */
    char text[65536];
    char *argv[MAX_WORDS + 2] = {strdup("rouse")};
    int argc = 1;
    size_t out_len;
    size_t err_len;
    int pipe_fds[2] = {-1, -1};
    int log_fd = -1;
    struct run_clock run_clock = {&run->now_ms, setup->on_pause};
    struct cli cli = {
        .is_asking = setup->is_asking,
        .out_width = setup->width,
        .err_width = setup->width,
        .out_is_colored = setup->is_colored,
        .err_is_colored = setup->is_colored,
        .clock = {.tick_ms = tick,
                  .pause = pass,
                  .unix_s = read_calendar,
                  .arg = &run_clock},
        .poll_ms = 250,
    };

    memset(run, 0, sizeof *run);
    assert_true(strlen(input) < sizeof text);
    memcpy(text, input, strlen(input) + 1);
    for (; words[argc - 1] != NULL; argc++) {
        assert_true(argc < MAX_WORDS);
        argv[argc] = strdup(words[argc - 1]);
    }
    cli.in = open_input(setup, text, pipe_fds);
    if (setup->is_merged) {
        log_fd = open_log(&cli);
    } else {
        cli.out = open_memstream(&run->out, &out_len);
        cli.err = open_memstream(&run->err, &err_len);
    }
    start_server(run, setup);
    run->exit = cli_main_run(&cli, argc, argv);
    fclose(cli.in);
    if (pipe_fds[1] >= 0)
        close(pipe_fds[1]);
    fclose(cli.out);
    fclose(cli.err);
    if (setup->is_merged) {
        run->out = read_log(log_fd);
        run->err = strdup("");
    }
    while (argc > 0)
        free(argv[--argc]);
    finish_server(run, setup);
}

void
command_fini(struct command_run *run)
{
    free(run->out);
    free(run->err);
    if (run->server != NULL)
        scripted_server_free(run->server);
}

int
command_use_utc(__attribute__((unused)) void **state)
{
    return setenv("TZ", "UTC", 1);
}
