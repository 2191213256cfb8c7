/* SPDX-License-Identifier: MIT */
#include "bench_daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "apns/base/rng.h"
#include "bench/harness/measure/instructions.h"
#include "bench_child.h"

#define NDJSON    "application/x-ndjson"
#define MAX_LINE  1024
#define MAX_PEM   65536
#define CHUNK     65536 /* bytes of import written at once */
#define LOOK_MS   20
#define MAX_LOOKS 1500 /* for connections to open: half a minute */

bool
bench_daemon_fail(const struct bench_daemon *daemon, const char *what)
{
    fprintf(stderr, "rouse-bench: %s: %.500s\n", what, daemon->http.body);
    return false;
}

void
bench_daemon_sleep(unsigned ms)
{
    struct timespec span = {.tv_sec = ms / 1000,
                            .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&span, NULL);
}

/*
 * Life.
 */

static bool
await_ready(struct bench_daemon *daemon)
{
    char line[MAX_LINE];

    /* Now: threads that it has already would not be counted. */
    daemon->counter = instructions_open(daemon->pid);
    while (fgets(line, sizeof line, daemon->log) != NULL) {
        if (strstr(line, "event=ready") != NULL)
            return true;
        fprintf(stderr, "roused: %s", line);
    }
    return false;
}

/* A pipe that nobody reads fills up, and then the daemon stands still. */
static void *
read_log(void *arg)
{
    FILE *log = arg;

    while (getc(log) != EOF)
        ;
    return NULL;
}

static bool
launch(struct bench_daemon *daemon)
{
    const struct bench_options *options = daemon->options;
    char program[BENCH_CHILD_PATH], port[16], conns[16], streams[16];
    const char *const argv[] = {program,
                                "--state-dir",
                                daemon->state,
                                "--socket",
                                daemon->socket,
                                "--apns-host",
                                "127.0.0.1",
                                "--apns-port",
                                port,
                                "--apns-fallback-port",
                                "0",
                                "--apns-ca-file",
                                daemon->sim.ca_file,
                                "--apns-conns-min",
                                conns,
                                "--apns-conns-max",
                                conns,
                                "--apns-streams-max",
                                streams,
                                "--apns-settle-ms",
                                "0",
                                NULL};

    /* Built, it lies in server/ beside our folder; installed, beside us. */
    if (!bench_child_find("roused", program) ||
        (access(program, X_OK) != 0 &&
         !bench_child_find("../server/roused", program)))
        return false;
    snprintf(port, sizeof port, "%u", daemon->sim.port);
    snprintf(conns, sizeof conns, "%u", options->connections);
    snprintf(streams, sizeof streams, "%u", options->streams);
    daemon->pid = bench_child_start(argv, STDERR_FILENO, &daemon->log);
    if (daemon->pid > 0 && await_ready(daemon)) {
        daemon->has_log_reader = pthread_create(&daemon->log_reader, NULL,
                                                read_log, daemon->log) == 0;
        return daemon->has_log_reader &&
               bench_http_open(&daemon->http, daemon->socket);
    }
    fprintf(stderr, "rouse-bench: %s did not get ready\n", program);
    return false;
}

static void
stop(struct bench_daemon *daemon)
{
    bench_http_close(&daemon->http);
    bench_child_stop(daemon->pid);
    daemon->pid = 0;
    if (daemon->has_log_reader)
        pthread_join(daemon->log_reader, NULL);
    daemon->has_log_reader = false;
    if (daemon->log != NULL)
        fclose(daemon->log);
    daemon->log = NULL;
    if (daemon->counter >= 0)
        close(daemon->counter);
    daemon->counter = -1;
}

bool
bench_daemon_again(struct bench_daemon *daemon)
{
    stop(daemon);
    return launch(daemon);
}

bool
bench_daemon_open(struct bench_daemon *daemon,
                  const struct bench_options *options)
{
    *daemon =
        (struct bench_daemon){.options = options, .http.fd = -1, .counter = -1};
    daemon->http.body = "";
    memset(daemon->magic, 'M', options->payload - BENCH_AROUND);
    return bench_sim_start(&daemon->sim, options) &&
           (daemon->dir = bench_child_dir()) != NULL &&
           asprintf(&daemon->socket, "%s/rouse.sock", daemon->dir) > 0 &&
           asprintf(&daemon->state, "%s/state", daemon->dir) > 0 &&
           launch(daemon) &&
           bench_daemon_put_cert(daemon, daemon->sim.cert_file);
}

void
bench_daemon_close(struct bench_daemon *daemon)
{
    stop(daemon);
    bench_sim_stop(&daemon->sim);
    bench_child_remove(daemon->dir);
    free(daemon->socket);
    free(daemon->state);
}

struct meter
bench_daemon_meter(const struct bench_daemon *daemon)
{
    struct meter now = bench_child_meter(daemon->pid);

    now.has_instructions =
        instructions_read(daemon->counter, &now.n_instructions);
    return now;
}

bool
bench_daemon_put_cert(struct bench_daemon *daemon, const char *file)
{
    static char pem[MAX_PEM];
    FILE *in = fopen(file, "r");
    size_t len;

    if (in == NULL) {
        fprintf(stderr, "rouse-bench: %s: %s\n", file, strerror(errno));
        return false;
    }
    len = fread(pem, 1, sizeof pem - 1, in);
    pem[len] = '\0';
    fclose(in);
    return bench_http_call(&daemon->http, "PUT", "/v1/pushcerts?add=1&test=0",
                           "application/x-pem-file", pem) == 200 ||
           bench_daemon_fail(daemon, file);
}

/* The last answer's number of that name; -1 when there is none. */
static int64_t
read_metric(const struct bench_daemon *daemon, const char *name)
{
    const char *at = strstr(daemon->http.body, name);

    return at == NULL ? -1 : strtoll(at + strlen(name), NULL, 10);
}

static int64_t
n_open(const struct bench_daemon *daemon)
{
    static const char name[] = "\"open\":";
    const char *at = strstr(daemon->http.body, "\"connections\":{");

    if (at == NULL || (at = strstr(at, name)) == NULL)
        return -1;
    return strtoll(at + sizeof name - 1, NULL, 10);
}

bool
bench_daemon_connect(struct bench_daemon *daemon, uint64_t n)
{
    for (int i = 0; i < MAX_LOOKS; i++) {
        if (bench_http_call(&daemon->http, "GET", "/v1/status",
                            BENCH_DAEMON_JSON, NULL) != 200)
            break;
        if (n_open(daemon) >= (int64_t)n)
            return true;
        bench_daemon_sleep(LOOK_MS);
    }
    return bench_daemon_fail(daemon, "connections did not open");
}

/*
 * The fleet.
 */

/* As a device's UDID: the chip, then what tells chips of a kind apart. */
void
bench_daemon_id(const struct bench_daemon *daemon, uint64_t i,
                char id[BENCH_DAEMON_ID])
{
    bool is_in_order = daemon->options->is_in_order;

    snprintf(id, BENCH_DAEMON_ID, "0000%04" PRIX64 "-%016" PRIX64,
             0x8020 + (is_in_order ? 0 : i % 7),
             is_in_order ? i : rng_spread(i));
}

void
bench_daemon_token(const struct bench_daemon *daemon, uint64_t i,
                   uint64_t version, char hex[65])
{
    uint64_t seed =
        rng_spread(i ^ version << 48) ^ rng_spread(daemon->options->seed);

    snprintf(hex, 65, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64,
             rng_spread(seed), rng_spread(seed + 1), rng_spread(seed + 2),
             rng_spread(seed + 3));
}

/* Every line is as long as any other. */
static size_t
write_line(const struct bench_daemon *daemon, uint64_t i, uint64_t version,
           char *line)
{
    char id[BENCH_DAEMON_ID], token[65];

    bench_daemon_id(daemon, i, id);
    bench_daemon_token(daemon, i, version, token);
    return (size_t)snprintf(
        line, MAX_LINE,
        "{\"id\":\"%s\",\"kind\":\"Device\",\"topic\":\"" BENCH_SIM_TOPIC
        "\",\"token\":\"%s\",\"push_magic\":\"%s\"}\n",
        id, token, daemon->magic);
}

static bool
write_lines(struct bench_daemon *daemon, uint64_t n, uint64_t version)
{
    static char chunk[CHUNK + MAX_LINE];
    size_t len = 0;

    for (uint64_t i = 0; i < n; i++) {
        len += write_line(daemon, i, version, chunk + len);
        if (len < CHUNK && i + 1 < n)
            continue;
        if (!bench_http_write(&daemon->http, chunk, len))
            return false;
        len = 0;
        result_progress(i, n);
    }
    return true;
}

bool
bench_daemon_import(struct bench_daemon *daemon, uint64_t n, uint64_t version)
{
    char line[MAX_LINE];
    size_t len = write_line(daemon, 0, version, line);

    if (bench_http_begin(&daemon->http, "POST", "/v1/enrollments", NDJSON,
                         n * len) &&
        write_lines(daemon, n, version) &&
        bench_http_receive(&daemon->http) == 200 &&
        read_metric(daemon, "\"imported\":") == (int64_t)n)
        return true;
    return bench_daemon_fail(daemon, "the fleet was not imported");
}

/*
 * Waves.
 */

int64_t
bench_daemon_wave(struct bench_daemon *daemon)
{
    if (bench_http_call(&daemon->http, "POST", "/v1/waves", BENCH_DAEMON_JSON,
                        "{\"all\":true}") != 202) {
        bench_daemon_fail(daemon, "no wave");
        return 0;
    }
    return read_metric(daemon, "\"id\":");
}

bool
bench_daemon_wave_get(struct bench_daemon *daemon, int64_t id,
                      struct bench_wave *wave)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/waves/%" PRId64, id);
    if (bench_http_call(&daemon->http, "GET", path, BENCH_DAEMON_JSON, NULL) !=
        200)
        return bench_daemon_fail(daemon, "the wave is gone");
    wave->n_total = (uint64_t)read_metric(daemon, "\"total\":");
    wave->n_accepted = (uint64_t)read_metric(daemon, "\"accepted\":");
    wave->is_over = strstr(daemon->http.body, "\"ended_at\":null") == NULL;
    return true;
}
