/* SPDX-License-Identifier: MIT */
#include "bench_sim.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PATH    4096
#define MAX_LINE    1024
#define MAX_DIR_FDS 16

static void
become(const char *const argv[], int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(out, STDOUT_FILENO) < 0)
        _exit(126);
    /* execv's argv is const in all but its type. */
    execv(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "rouse-bench: cannot run %s: %s\n", argv[0],
            strerror(errno));
    _exit(127);
}

/* The child's pid, its output in ${out}; or -1. */
static pid_t
spawn(const char *const argv[], FILE **out)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    if ((pid = fork()) == 0)
        become(argv, ends[1]);
    close(ends[1]);
    if ((*out = fdopen(ends[0], "r")) == NULL)
        close(ends[0]);
    return pid;
}

static bool
run(const char *const argv[])
{
    FILE *out = NULL;
    pid_t pid = spawn(argv, &out);
    int status = -1;

    if (out != NULL) {
        while (getc(out) != EOF)
            ;
        fclose(out);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* rouse-sim beside this program, unless told otherwise. */
static bool
find_program(const struct bench_options *options, char *path)
{
    ssize_t n;
    char *slash;

    if (options->sim != NULL)
        return snprintf(path, MAX_PATH, "%s", options->sim) < MAX_PATH;
    n = readlink("/proc/self/exe", path, MAX_PATH - sizeof "/rouse-sim");
    if (n <= 0)
        return false;
    path[n] = '\0';
    if ((slash = strrchr(path, '/')) == NULL)
        return false;
    memcpy(slash, "/rouse-sim", sizeof "/rouse-sim");
    return true;
}

static bool
make_dir(struct bench_sim *sim)
{
    const char *base = getenv("TMPDIR");

    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    if (asprintf(&sim->dir, "%s/rouse-bench-XXXXXX", base) < 0)
        sim->dir = NULL;
    return sim->dir != NULL && mkdtemp(sim->dir) != NULL &&
           asprintf(&sim->ca_file, "%s/ca.pem", sim->dir) > 0 &&
           asprintf(&sim->cert_file, "%s/" BENCH_SIM_TOPIC ".pem", sim->dir) >
               0;
}

static bool
write_script(const char *path, const struct bench_options *options)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return false;
    if (options->rtt_ms > 0)
        fprintf(file, "latency %u\n", options->rtt_ms);
    return fclose(file) == 0;
}

static bool
read_ready(struct bench_sim *sim, FILE *out)
{
    char line[MAX_LINE];
    json_t *ready;

    if (fgets(line, sizeof line, out) == NULL ||
        (ready = json_loads(line, 0, NULL)) == NULL)
        return false;
    sim->port = (uint16_t)json_integer_value(json_object_get(ready, "port"));
    json_decref(ready);
    return sim->port != 0;
}

bool
bench_sim_start(struct bench_sim *sim, const struct bench_options *options)
{
    char program[MAX_PATH], script[MAX_PATH], streams[16];
    FILE *out = NULL;
    bool is_ready;

    *sim = (struct bench_sim){.pid = 0};
    if (!find_program(options, program) || !make_dir(sim)) {
        fprintf(stderr, "rouse-bench: no place for the simulator: %s\n",
                strerror(errno));
        goto fail;
    }
    snprintf(script, sizeof script, "%s/script", sim->dir);
    snprintf(streams, sizeof streams, "%u", options->streams);
    {
        const char *const pki[] = {program,   "pki",           sim->dir,
                                   "--topic", BENCH_SIM_TOPIC, NULL};
        const char *const serve[] = {
            program,    "--pki",  sim->dir,
            "--script", script,   "--max-streams",
            streams,    "--mode", options->is_strict ? "strict" : "null",
            NULL};

        if (!write_script(script, options) || !run(pki))
            goto fail;
        sim->pid = spawn(serve, &out);
    }
    is_ready = out != NULL && read_ready(sim, out);
    if (out != NULL)
        fclose(out);
    if (is_ready)
        return true;
    fputs("rouse-bench: the simulator did not get ready\n", stderr);
fail:
    bench_sim_stop(sim);
    return false;
}

static int
on_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void
bench_sim_stop(struct bench_sim *sim)
{
    if (sim->pid > 0) {
        kill(sim->pid, SIGTERM);
        waitpid(sim->pid, NULL, 0);
    }
    if (sim->dir != NULL)
        nftw(sim->dir, on_entry, MAX_DIR_FDS, FTW_DEPTH | FTW_PHYS);
    free(sim->dir);
    free(sim->ca_file);
    free(sim->cert_file);
    *sim = (struct bench_sim){.pid = 0};
}
