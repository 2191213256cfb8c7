/* SPDX-License-Identifier: MIT */
#include "result.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "allocations.h"

#define BAR_WIDTH 40

static const struct {
    const char *name;
    double q;
} quantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1},
};

#define N_QUANTILES (sizeof quantiles / sizeof quantiles[0])

static double
per(const struct result *result, double amount)
{
    return result->n == 0 ? 0 : amount / (double)result->n;
}

void
result_note(struct result *result, const char *name, double value,
            const char *unit)
{
    if (result->n_notes < RESULT_MAX_NOTES)
        result->notes[result->n_notes++] =
            (struct result_note){.name = name, .value = value, .unit = unit};
}

void
result_fail(struct result *result, uint16_t status, const char *reason)
{
    struct result_failure *failure = result->failures;
    uint32_t i = 0;

    result->n_failed++;
    while (i < result->n_failures &&
           (failure[i].status != status ||
            strncmp(failure[i].reason, reason, APNS_MAX_REASON) != 0))
        i++;
    if (i == RESULT_MAX_FAILURES)
        i--;
    if (i == result->n_failures) {
        result->n_failures++;
        failure[i].status = status;
        snprintf(failure[i].reason, sizeof failure[i].reason, "%s",
                 i == RESULT_MAX_FAILURES - 1 ? "other" : reason);
    }
    failure[i].n++;
}

/* Only of this process are they known. */
static bool
has_allocations(const struct result *result)
{
    return !result->is_other && allocations_are_counted();
}

static uint64_t
peak_kib(const struct result *result)
{
    return result->is_other ? result->peak_kib : meter_peak_kib();
}

static void
print_cost(const struct result *result)
{
    const char *unit = result->unit;
    const struct meter *used = &result->used;

    printf("  CPU             %10.2f us/%s (user %.2f, system %.2f)\n",
           per(result, (used->user_s + used->system_s) * 1e6), unit,
           per(result, used->user_s * 1e6), per(result, used->system_s * 1e6));
    if (used->has_instructions)
        printf("  instructions    %10.0f /%s\n",
               per(result, (double)used->n_instructions), unit);
    else
        printf("  instructions             – /%s\n", unit);
    if (has_allocations(result))
        printf("  allocations     %10.3f /%s\n",
               per(result, (double)used->n_allocations), unit);
    else
        printf("  allocations              – /%s\n", unit);
}

static void
print_table(const struct result *result)
{

    printf("%-10s %llu %s, %llu failed, %.2f s\n", result->workload,
           (unsigned long long)result->n, result->units,
           (unsigned long long)result->n_failed, result->used.wall_s);
    for (uint32_t i = 0; i < result->n_failures; i++)
        printf("  failed          %10llu %u %s\n",
               (unsigned long long)result->failures[i].n,
               result->failures[i].status, result->failures[i].reason);
    if (result->has_rate)
        printf("  rate            %10.0f %s/s\n",
               (double)result->n / result->used.wall_s, result->units);
    print_cost(result);
    if (result->latency_us.n > 0) {
        printf("  latency         ");
        for (size_t i = 0; i < N_QUANTILES; i++)
            printf("%s%s %.2f", i == 0 ? "" : ", ", quantiles[i].name,
                   (double)histogram_quantile(&result->latency_us,
                                              quantiles[i].q) /
                       1e3);
        printf(" ms\n");
    }
    printf("  peak memory     %10.1f MiB\n", (double)peak_kib(result) / 1024);
    for (uint32_t i = 0; i < result->n_notes; i++)
        printf("  %-15s %10.2f %s\n", result->notes[i].name,
               result->notes[i].value, result->notes[i].unit);
}

static json_t *
latency_json(const struct histogram *latency)
{
    json_t *json = json_pack("{s:f}", "mean", histogram_mean(latency));

    for (size_t i = 0; i < N_QUANTILES; i++)
        json_object_set_new(json, quantiles[i].name,
                            json_integer((json_int_t)histogram_quantile(
                                latency, quantiles[i].q)));
    return json;
}

static json_t *
failures_json(const struct result *result)
{
    json_t *json = json_array();

    for (uint32_t i = 0; i < result->n_failures; i++)
        json_array_append_new(
            json, json_pack("{s:i, s:s, s:I}", "status",
                            (int)result->failures[i].status, "reason",
                            result->failures[i].reason, "n",
                            (json_int_t)result->failures[i].n));
    return json;
}

static json_t *
known(bool is_known, double value)
{
    return is_known ? json_real(value) : json_null();
}

static json_t *
options_json(const struct bench_options *options)
{
    return json_pack(
        "{s:I, s:f, s:i, s:i, s:i, s:i, s:i, s:I, s:i, s:I, s:s?, s:b}",
        "number", (json_int_t)options->number, "duration_s",
        options->duration_s, "connections", (int)options->connections,
        "streams", (int)options->streams, "rtt_ms", (int)options->rtt_ms,
        "rtt_spread_ms", (int)options->rtt_spread_ms, "payload",
        (int)options->payload, "seed", (json_int_t)options->seed, "clients",
        (int)options->clients, "fleet", (json_int_t)options->fleet, "host",
        options->host, "strict", options->is_strict);
}

static void
print_json(const struct result *result, const struct bench_options *options)
{
    const struct meter *used = &result->used;
    json_t *json = json_pack(
        "{s:s, s:I, s:I, s:f, s:f, s:f, s:I}", "workload", result->workload,
        "n", (json_int_t)result->n, "failed", (json_int_t)result->n_failed,
        "wall_s", used->wall_s, "user_us_per", per(result, used->user_s * 1e6),
        "system_us_per", per(result, used->system_s * 1e6), "peak_kib",
        (json_int_t)peak_kib(result));

    if (result->n_failures > 0)
        json_object_set_new(json, "failures", failures_json(result));
    if (result->has_rate)
        json_object_set_new(json, "per_s",
                            json_real((double)result->n / result->used.wall_s));
    json_object_set_new(json, "instructions_per",
                        known(used->has_instructions,
                              per(result, (double)used->n_instructions)));
    json_object_set_new(json, "allocations_per",
                        known(has_allocations(result),
                              per(result, (double)used->n_allocations)));
    if (result->latency_us.n > 0)
        json_object_set_new(json, "latency_us",
                            latency_json(&result->latency_us));
    for (uint32_t i = 0; i < result->n_notes; i++)
        json_object_set_new(json, result->notes[i].name,
                            json_real(result->notes[i].value));
    json_object_set_new(json, "options", options_json(options));
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

void
result_print(const struct result *result, const struct bench_options *options)
{
    if (options->is_json)
        print_json(result, options);
    else
        print_table(result);
}

void
result_progress(uint64_t done, uint64_t of)
{
    int filled;

    if (of == 0 || !isatty(STDERR_FILENO))
        return;
    filled = (int)((double)done / (double)of * BAR_WIDTH);
    fprintf(stderr, "\r[%.*s%*s] %3d %%%s", filled,
            "########################################", BAR_WIDTH - filled, "",
            (int)((double)done / (double)of * 100),
            done == of ? "\r\033[K" : "");
    fflush(stderr);
}

void
result_progress_to(const struct bench_options *options, uint64_t n,
                   double wall_s)
{
    if (options->duration_s > 0)
        result_progress((uint64_t)(wall_s * 1000),
                        (uint64_t)(options->duration_s * 1000) + 1);
    else
        result_progress(n, options->number + 1);
}
