/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cert/cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_show.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

#define MAX_COUNTS 512 /* bytes of all counts in one line */

/* {"enabled":3,"dead":1,"total":4} to "3 enabled, 1 dead". */
static const char *
join_counts(const json_t *counts, const char *except, char *text)
{
    void *iter = json_object_iter((json_t *)(uintptr_t)counts);
    size_t len = 0;

    text[0] = '\0';
    for (; iter != NULL;
         iter = json_object_iter_next((json_t *)(uintptr_t)counts, iter)) {
        const char *name = json_object_iter_key(iter);
        int64_t n = json_integer_value(json_object_iter_value(iter));
        int added;

        if (n == 0 || strcmp(name, except) == 0)
            continue;
        added = snprintf(text + len, MAX_COUNTS - len, "%s%" PRId64 " %s",
                         len > 0 ? ", " : "", n, name);
        if (added < 0 || (size_t)added >= MAX_COUNTS - len)
            break;
        len += (size_t)added;
    }
    for (char *p = text; *p != '\0'; p++)
        if (*p == '_')
            *p = ' ';
    if (len == 0)
        snprintf(text, MAX_COUNTS, "none");
    return text;
}

/* Why it rests, and how many tokens it may yet stop over. */
static void
write_why(struct cli_table *table, const json_t *cert)
{
    const char *why = cli_json_text(cert, "why");
    int64_t n = cli_json_number(cert, "undecided");

    if (n == 0)
        cli_table_cell(table, "%s", why);
    else
        cli_table_cell(table, "%s%s%" PRId64 " token%s undecided", why,
                       why[0] != '\0' ? ", " : "", n, n == 1 ? "" : "s");
}

static void
print_certs(struct cli *cli, const json_t *certs)
{
    static const struct cli_show_field fields[] = {
        {"<PUSH CERTIFICATE", "topic", CLI_SHOW_TEXT, NULL, NULL},
        {.title = "STATE", .write = cli_cert_cells},
        {.title = ">DAYS LEFT"},
        {">IN FLIGHT", "in_flight", CLI_SHOW_NUMBER, NULL, NULL},
        {.title = "WHY", .write = write_why},
    };

    if (json_array_size(certs) == 0)
        fprintf(cli->out, "No push certificate yet: rouse cert import FILE\n");
    else
        cli_show_table(cli, certs, fields, CLI_SHOW_N(fields));
}

/* A line each for what needs somebody's attention now. */
static void
print_alerts(struct cli *cli, const json_t *alerts)
{
    const json_t *alert;
    size_t i;

    if (json_array_size(alerts) > 0)
        fputc('\n', cli->out);
    json_array_foreach(alerts, i, alert)
    {
        cli_say_after(cli, cli->out, CLI_STYLE_BAD,
                      cli_json_text(alert, "text"), "ALERT ");
    }
}

static void
print_work(FILE *out, const json_t *status)
{
    char counts[MAX_COUNTS];
    char when[CLI_WHEN_TEXT];
    const char *oldest = cli_json_text(status, "wakes.oldest_due");

    cli_table_pair(
        out, "enrollments", "%" PRId64 ": %s",
        cli_json_number(status, "enrollments.total"),
        join_counts(cli_json_at(status, "enrollments"), "total", counts));
    cli_table_pair(out, "wakes", "%" PRId64 " waiting%s%s",
                   cli_json_number(status, "wakes.waiting"),
                   oldest[0] != '\0' ? ", the first due " : "",
                   oldest[0] != '\0' ? cli_when_local(oldest, when) : "");
    cli_table_pair(out, "waves", "%" PRId64 " open, %" PRId64 " running",
                   cli_json_number(status, "waves.open"),
                   cli_json_number(status, "waves.running"));
    cli_table_pair(out, "pushes", "%" PRId64 " in flight, %" PRId64 " due",
                   cli_json_number(status, "pushes.in_flight"),
                   cli_json_number(status, "pushes.due"));
    cli_table_pair(
        out, "since the start", "%s",
        join_counts(cli_json_at(status, "pushes.results"), "", counts));
    cli_table_pair(out, "check-ins", "%" PRId64 " taken, %" PRId64 " refused",
                   cli_json_number(status, "checkins.taken"),
                   cli_json_number(status, "checkins.refused"));
    cli_table_pair(out, "connections", "%s",
                   join_counts(cli_json_at(status, "connections"), "", counts));
}

static void
print_disk(FILE *out, const json_t *status)
{
    double mib = (double)cli_json_number(status, "store.bytes") / 1048576.0;
    int64_t n = cli_json_number(status, "store.commits");
    int64_t sum_us = cli_json_number(status, "store.commit_us_sum");

    if (cli_json_is_true(status, "disk_failing") ||
        cli_json_is_true(status, "store.failing")) {
        cli_table_pair(out, "disk",
                       "FAILING: nothing can be written; free disk space, or "
                       "see roused's log");
        return;
    }
    cli_table_pair(
        out, "disk",
        "%.1f MiB, %" PRId64 " commits of %.1f ms, the slowest %.1f ms", mib, n,
        n > 0 ? (double)sum_us / (double)n / 1000.0 : 0.0,
        (double)cli_json_number(status, "store.commit_us_max") / 1000.0);
}

static void
print_status(struct cli *cli, const json_t *status)
{
    char up[CLI_DURATION_TEXT];
    int64_t up_s = cli_json_number(status, "uptime_s");

    cli_table_pair(cli->out, "roused", "%s, %s, up %s",
                   cli_json_text(status, "version"),
                   cli_json_is_true(status, "ready") ? "ready" : "NOT READY",
                   cli_duration_write(up_s > 0 ? (uint64_t)up_s : 0, up));
    print_work(cli->out, status);
    print_disk(cli->out, status);
    fputc('\n', cli->out);
    print_certs(cli, cli_json_at(status, "pushcerts"));
    print_alerts(cli, cli_json_at(status, "alerts"));
}

enum cli_exit
cmd_status(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;

    (void)args;
    cli_path_init(&path, "/v1/status");
    return cli_show_get(cli, &path, print_status);
}
