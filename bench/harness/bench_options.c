/* SPDX-License-Identifier: MIT */
#include "bench_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/number.h"
#include "bench/harness/work/apple_host.h"

#define EXIT_USAGE     2
#define MAX_DURATION_S 86400.
#define MAX_RTT_MS     60000

/* X(letter, long name, argument or NULL, help) */
#define OPTIONS(X)                                                             \
    X('n', "number", "N", "pushes, wakes, updates, identities to measure")     \
    X('d', "duration", "S", "or measure for so many seconds")                  \
    X('c', "connections", "N", "connections, 1 to 64 [1]")                     \
    X('m', "streams", "N", "pushes in flight on each [1000]")                  \
    X('r', "rtt", "MS", "the simulator answers after so many ms [0]")          \
    X('t', "rtt-spread", "MS", "so many ms sooner or later, evenly [0]")       \
    X('b', "payload", "BYTES", "size of a body, 11 to 512 [46]")               \
    X('e', "seed", "N", "of the tokens [1]")                                   \
    X('f', "fleet", "N", "wake, ingest: enrollments that there are [100000]")  \
    X('l', "clients", "N", "ingest: connections with check-ins, to 256 [0]")   \
    X('o', "in-order", NULL, "import ids in their order: large fleets sooner") \
    X('w', "busy", NULL, "wake: while a wave runs over the fleet")             \
    X('s', "strict", NULL, "the simulator checks every push")                  \
    X('S', "sim", "FILE", "the rouse-sim program [beside this one]")           \
    X('H', "host", "HOST", "send there instead of to a simulator of its own")  \
    X('p', "port", "N", "its port [443]")                                      \
    X('C', "ca", "FILE", "who signed its certificate [the system's]")          \
    X('k', "cert", "FILE", "push certificate and key in one file")             \
    X('O', "i-own-these-tokens", NULL,                                         \
      "allow a host of Apple's; tokens are random all the same")               \
    X('j', "json", NULL, "results as one line of JSON")                        \
    X('h', "help", NULL, "this text")

void
bench_options_print_help(void)
{
    char left[32];

#define X(letter, name, argument, help)             \
    snprintf(left, sizeof left, "--%s %s", name,    \
             (argument) != NULL ? (argument) : ""); \
    printf("  %-22s %s\n", left, help);
    OPTIONS(X)
#undef X
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
refuse(const char *name, const char *value, const char *need)
{
    fprintf(stderr, "rouse-bench: --%s `%s`: must be %s\n", name, value, need);
    return EXIT_USAGE;
}

static int
read_number(const char *name, const char *text, uint64_t min, uint64_t max,
            uint64_t *number)
{
    char need[64];

    if (number_read(text, min, max, number))
        return 0;
    snprintf(need, sizeof need, "%llu to %llu", (unsigned long long)min,
             (unsigned long long)max);
    return refuse(name, text, need);
}

static int
read_duration(const char *text, double *duration_s)
{
    char *end;

    *duration_s = strtod(text, &end);
    if (end != text && *end == '\0' && *duration_s > 0 &&
        *duration_s <= MAX_DURATION_S)
        return 0;
    return refuse("duration", text, "seconds, up to 86400");
}

static int
set_number(struct bench_options *options, int letter, const char *text)
{
    uint64_t number = 0;
    int code = 0;

    switch (letter) {
    case 'n':
        return read_number("number", text, 1, UINT64_MAX / 4, &options->number);
    case 'e':
        return read_number("seed", text, 0, UINT64_MAX, &options->seed);
    case 'c':
        code = read_number("connections", text, 1, BENCH_MAX_CONNS, &number);
        options->connections = (uint32_t)number;
        return code;
    case 'm':
        code = read_number("streams", text, 1, BENCH_MAX_STREAMS, &number);
        options->streams = (uint32_t)number;
        return code;
    case 'r':
        code = read_number("rtt", text, 0, MAX_RTT_MS, &number);
        options->rtt_ms = (uint32_t)number;
        return code;
    case 't':
        code = read_number("rtt-spread", text, 0, MAX_RTT_MS, &number);
        options->rtt_spread_ms = (uint32_t)number;
        return code;
    case 'l':
        code = read_number("clients", text, 0, BENCH_MAX_CLIENTS, &number);
        options->clients = (uint32_t)number;
        return code;
    case 'f':
        return read_number("fleet", text, 1, BENCH_MAX_FLEET, &options->fleet);
    case 'b':
        code = read_number("payload", text, BENCH_MIN_PAYLOAD,
                           BENCH_MAX_PAYLOAD, &number);
        options->payload = (uint32_t)number;
        return code;
    default:
        code = read_number("port", text, 1, UINT16_MAX, &number);
        options->port = (uint16_t)number;
        return code;
    }
}

static int
set_option(struct bench_options *options, int letter, const char *value)
{
    switch (letter) {
    case 'd':
        return read_duration(value, &options->duration_s);
    case 'o':
        options->is_in_order = true;
        return 0;
    case 'w':
        options->is_busy = true;
        return 0;
    case 's':
        options->is_strict = true;
        return 0;
    case 'S':
        options->sim = value;
        return 0;
    case 'H':
        options->host = value;
        return 0;
    case 'C':
        options->ca_file = value;
        return 0;
    case 'k':
        options->cert_file = value;
        return 0;
    case 'O':
        options->is_owner = true;
        return 0;
    case 'j':
        options->is_json = true;
        return 0;
    case '?':
        fputs("Try `rouse-bench --help`.\n", stderr);
        return EXIT_USAGE;
    default:
        return set_number(options, letter, value);
    }
}

static int
refuse_spread(const struct bench_options *options)
{
    fprintf(stderr,
            "rouse-bench: --rtt-spread %u is more than --rtt %u: no answer "
            "comes before its push\n",
            options->rtt_spread_ms, options->rtt_ms);
    return EXIT_USAGE;
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
                "certificate blocked; say\n--i-own-these-tokens if that is "
                "what you want\n",
                options->host);
        return EXIT_USAGE;
    }
    if (options->cert_file == NULL)
        return refuse("host", options->host, "given with --cert");
    if (options->rtt_ms != 0 || options->is_strict)
        return refuse("host", options->host,
                      "given without --rtt and --strict: they are the "
                      "simulator's");
    return -1;
}

int
bench_options_read(struct bench_options *options, int argc, char **argv)
{
    static const struct option longs[] = {
#define X(letter, name, argument, help) \
    {name, (argument) != NULL ? required_argument : no_argument, NULL, letter},
        OPTIONS(X)
#undef X
            {NULL, 0, NULL, 0}};
    int letter, code;

    *options = (struct bench_options){.connections = 1,
                                      .streams = 1000,
                                      .payload = 46,
                                      .fleet = 100000,
                                      .seed = 1,
                                      .port = 443};
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (letter == 'h') {
            bench_options_print_help();
            return EXIT_SUCCESS;
        }
        if ((code = set_option(options, letter, optarg)) != 0)
            return code;
    }
    if (optind < argc) {
        fprintf(stderr, "rouse-bench: `%s` is one word too many\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return check(options);
}
