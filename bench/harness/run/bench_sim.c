/* SPDX-License-Identifier: MIT */
#include "bench_sim.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench_child.h"

#define MAX_LINE 1024

/* rouse-sim beside this program, unless told otherwise. */
static bool
find_program(const struct bench_options *options, char *path)
{
    if (options->sim == NULL)
        return bench_child_find("rouse-sim", path);
    return snprintf(path, BENCH_CHILD_PATH, "%s", options->sim) <
           BENCH_CHILD_PATH;
}

static bool
make_dir(struct bench_sim *sim)
{
    return (sim->dir = bench_child_dir()) != NULL &&
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
        fprintf(file, "latency %u..%u\n",
                options->rtt_ms - options->rtt_spread_ms,
                options->rtt_ms + options->rtt_spread_ms);
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
bench_sim_pki(const struct bench_sim *sim, const char *topic)
{
    const char *const argv[] = {sim->program, "pki", sim->dir,
                                "--topic",    topic, NULL};

    return bench_child_run(argv);
}

static bool
launch(struct bench_sim *sim, const struct bench_options *options)
{
    char script[BENCH_CHILD_PATH], streams[16];
    const char *const argv[] = {
        sim->program, "--pki",  sim->dir,
        "--script",   script,   "--max-streams",
        streams,      "--mode", options->is_strict ? "strict" : "null",
        NULL};
    FILE *out;
    bool is_ready;

    snprintf(script, sizeof script, "%s/script", sim->dir);
    snprintf(streams, sizeof streams, "%u", options->streams);
    if (!write_script(script, options))
        return false;
    sim->pid = bench_child_start(argv, STDOUT_FILENO, &out);
    is_ready = sim->pid > 0 && read_ready(sim, out);
    if (out != NULL)
        fclose(out);
    return is_ready;
}

bool
bench_sim_start(struct bench_sim *sim, const struct bench_options *options)
{
    *sim = (struct bench_sim){.pid = 0};
    if (find_program(options, sim->program) && make_dir(sim) &&
        bench_sim_pki(sim, BENCH_SIM_TOPIC) && launch(sim, options))
        return true;
    fputs("rouse-bench: the simulator did not get ready\n", stderr);
    bench_sim_stop(sim);
    return false;
}

void
bench_sim_stop(struct bench_sim *sim)
{
    bench_child_stop(sim->pid);
    bench_child_remove(sim->dir);
    free(sim->ca_file);
    free(sim->cert_file);
    *sim = (struct bench_sim){.pid = 0};
}
