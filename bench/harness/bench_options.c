/* SPDX-License-Identifier: MIT */
#include "bench_options.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/base/args.h"
#include "bench/harness/work/apple_host.h"

#define PROGRAM        "rouse-bench"
#define MAX_DURATION_S 86400.
#define MAX_RTT_MS     60000

static const char *
read_duration(void *into, const char *text)
{
    struct bench_options *options = into;
    char *end;

    options->duration_s = strtod(text, &end);
    if (end != text && *end == '\0' && options->duration_s > 0 &&
        options->duration_s <= MAX_DURATION_S)
        return NULL;
    return "seconds, up to 86400";
}

#define FIELD(field) ARGS_FIELD(struct bench_options, field)

static const struct args_row rows[] = {
    {"number", "N", "pushes, wakes, updates, identities to measure",
     FIELD(number), .min = 1, .max = UINT64_MAX / 4},
    {"duration", "S", "measure for this many seconds instead",
     .read = read_duration},
    {"connections", "N", "connections, 1 to 64 [1]", FIELD(connections),
     .min = 1, .max = BENCH_MAX_CONNS},
    {"streams", "N", "pushes in flight on each [1000]", FIELD(streams),
     .min = 1, .max = BENCH_MAX_STREAMS},
    {"rtt", "MS", "the simulator's answer delay in ms [0]", FIELD(rtt_ms),
     .max = MAX_RTT_MS},
    {"rtt-spread", "MS", "random spread of that delay, +/- ms [0]",
     FIELD(rtt_spread_ms), .max = MAX_RTT_MS},
    {"payload", "BYTES", "size of a body, 11 to 512 [46]", FIELD(payload),
     .min = BENCH_MIN_PAYLOAD, .max = BENCH_MAX_PAYLOAD},
    {"seed", "N", "seed of the tokens [1]", FIELD(seed), .max = UINT64_MAX},
    {"fleet", "N", "wake, ingest: enrollments to start with [100000]",
     FIELD(fleet), .min = 1, .max = BENCH_MAX_FLEET},
    {"clients", "N", "ingest: connections sending check-ins, to 256 [0]",
     FIELD(clients), .max = BENCH_MAX_CLIENTS},
    {"in-order", NULL, "import IDs in order: faster for large fleets",
     FIELD(is_in_order)},
    {"busy", NULL, "wake: while a wave runs over the fleet", FIELD(is_busy)},
    {"strict", NULL, "the simulator checks every push", FIELD(is_strict)},
    {"sim", "FILE", "the rouse-sim program [beside this one]", FIELD(sim)},
    {"host", "HOST", "send to this host instead of a simulator", FIELD(host)},
    {"port", "N", "its port [443]", FIELD(port), .min = 1, .max = UINT16_MAX},
    {"ca", "FILE", "CA that signed its certificate [the system's]",
     FIELD(ca_file)},
    {"cert", "FILE", "push certificate and key in one file", FIELD(cert_file)},
    {"i-own-these-tokens", NULL,
     "allow a host of Apple's; tokens are random all the same",
     FIELD(is_owner)},
    {"json", NULL, "print the results as one line of JSON", FIELD(is_json)},
};

static const struct args_table table = {
    .program = PROGRAM,
    .command = PROGRAM,
    .width = 22,
    .rows = rows,
    .n_rows = sizeof rows / sizeof rows[0],
};

void
bench_options_print_help(void)
{
    args_print_help(&table);
}

bool
bench_options_are_met(const struct bench_options *options, uint64_t n,
                      double wall_s)
{
    if (options->duration_s > 0)
        return wall_s >= options->duration_s;
    return n >= options->number;
}

static int
refuse_spread(const struct bench_options *options)
{
    fprintf(stderr,
            "rouse-bench: --rtt-spread %u is more than --rtt %u: no answer "
            "comes before its push\n",
            options->rtt_spread_ms, options->rtt_ms);
    return ARGS_EXIT_USAGE;
}

/* What does not go together. */
static int
check(const struct bench_options *options)
{
    if (options->rtt_spread_ms > options->rtt_ms)
        return refuse_spread(options);
    if (options->host == NULL)
        return -1;
    if (!options->is_owner && apple_host_is(options->host)) {
        fprintf(stderr,
                "rouse-bench: %s is Apple's. A load test there can get a "
                "certificate blocked; give\n--i-own-these-tokens if that is "
                "what you want\n",
                options->host);
        return ARGS_EXIT_USAGE;
    }
    if (options->cert_file == NULL)
        return args_refuse(PROGRAM, "--host", options->host,
                           "given with --cert");
    if (options->rtt_ms != 0 || options->is_strict)
        return args_refuse(PROGRAM, "--host", options->host,
                           "given without --rtt and --strict: they are the "
                           "simulator's");
    return -1;
}

int
bench_options_read(struct bench_options *options, int argc, char **argv)
{
    int end, code;

    *options = (struct bench_options){.connections = 1,
                                      .streams = 1000,
                                      .payload = 46,
                                      .fleet = 100000,
                                      .seed = 1,
                                      .port = 443};
    if ((code = args_read(&table, options, argc, argv, &end)) >= 0)
        return code;
    if (end < argc) {
        fprintf(stderr, "rouse-bench: unexpected argument `%s`\n", argv[end]);
        return ARGS_EXIT_USAGE;
    }
    return check(options);
}
