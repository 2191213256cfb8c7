/* SPDX-License-Identifier: MIT */

#include "cli_wave.h"

#include <inttypes.h>
#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "server/cli/term/cli_progress.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_table.h"
#include "server/cli/term/cli_when.h"

#define MAX_PAUSES 8 /* the pause between looks grows to so many poll_ms */

/* X(member of counts, text, has such an enrollment an end) */
#define COUNTS(X)                   \
    X(accepted, "accepted", true)   \
    X(dead, "dead", true)           \
    X(suspect, "suspect", true)     \
    X(dropped, "dropped", true)     \
    X(expired, "expired", true)     \
    X(cancelled, "cancelled", true) \
    X(skipped, "skipped", true)     \
    X(waiting, "waiting", false)

static const struct {
    const char *path;
    const char *text;
    bool has_end;
} counts[] = {
#define X(name, text, has_end) {"counts." #name, text, has_end},
    COUNTS(X)
#undef X
};

#define N_COUNTS (sizeof counts / sizeof counts[0])

uint64_t
cli_wave_settled(const json_t *wave)
{
    int64_t n = 0;

    for (size_t i = 0; i < N_COUNTS; i++)
        if (counts[i].has_end)
            n += cli_json_number(wave, counts[i].path);
    return n > 0 ? (uint64_t)n : 0;
}

static bool
is_over(const json_t *wave)
{
    const char *state = cli_json_text(wave, "state");

    return strcmp(state, "done") == 0 || strcmp(state, "cancelled") == 0;
}

/* "topic com.…, silent for 604800 s" into ${text}; "everything". */
static void
write_filter(const json_t *wave, char *text, size_t size)
{
    const json_t *filter = cli_json_at(wave, "filter");
    const char *name;
    json_t *value;
    size_t len = 0;

    snprintf(text, size, "every enrollment");
    json_object_foreach((json_t *)(uintptr_t)filter, name, value)
    {
        char *dumped;
        int n;

        if (json_is_null(value) ||
            (json_is_string(value) && json_string_length(value) == 0) ||
            (json_is_array(value) && json_array_size(value) == 0) ||
            (json_is_integer(value) && json_integer_value(value) == 0))
            continue;
        dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        must(dumped != NULL);
        n = snprintf(text + len, size - len, "%s%s %s", len > 0 ? ", " : "",
                     name, dumped);
        free(dumped);
        if (n < 0 || (size_t)n >= size - len)
            return;
        len += (size_t)n;
    }
}

void
cli_wave_print(FILE *out, const json_t *wave)
{
    char id[CLI_JSON_ID_TEXT];
    char when[CLI_WHEN_TEXT];
    char filter[512];
    int64_t pace = cli_json_number(wave, "pace");

    write_filter(wave, filter, sizeof filter);
    cli_table_pair(out, "wave", "%s", cli_json_id(wave, id));
    cli_table_pair(out, "state", "%s", cli_json_text(wave, "state"));
    cli_table_pair(out, "of", "%s", filter);
    if (pace > 0)
        cli_table_pair(out, "rate", "%" PRId64 "/s", pace);
    else
        cli_table_pair(out, "rate", "unlimited");
    cli_table_pair(out, "asked", "%s%s%s",
                   cli_when_local(cli_json_text(wave, "asked_at"), when),
                   cli_json_text(wave, "asked_by")[0] != '\0' ? " by " : "",
                   cli_json_text(wave, "asked_by"));
    cli_table_pair(out, "deadline", "%s",
                   cli_when_local(cli_json_text(wave, "deadline"), when));
    cli_table_pair(out, "ended", "%s",
                   cli_when_local(cli_json_text(wave, "ended_at"), when));
    cli_table_pair(out, "enrollments", "%" PRId64,
                   cli_json_number(wave, "counts.total"));
    for (size_t i = 0; i < N_COUNTS; i++)
        if (cli_json_number(wave, counts[i].path) > 0)
            cli_table_pair(out, counts[i].text, "%" PRId64,
                           cli_json_number(wave, counts[i].path));
}

static enum cli_exit
look_again(struct cli *cli, json_t **wave)
{
    char id[CLI_JSON_ID_TEXT];
    struct cli_path path;
    json_t *fresh;

    cli_path_init(&path, "/v1/waves");
    cli_path_add(&path, cli_json_id(*wave, id));

    enum cli_exit result = cli_call_get(cli, &path, &fresh);

    if (result != CLI_DONE)
        return result;
    json_decref(*wave);
    *wave = fresh;
    return CLI_DONE;
}

static void
say_it_goes_on(struct cli *cli, const json_t *wave)
{
    char id[CLI_JSON_ID_TEXT];

    cli_say_note(cli, "The wave goes on: rouse wave show %s --wait",
                 cli_json_id(wave, id));
}

/* "woke 998 of 1000 enrollments: 998 accepted, 2 dead". */
static enum cli_exit
report(struct cli *cli, const json_t *wave)
{
    int64_t total = cli_json_number(wave, "counts.total");
    int64_t accepted = cli_json_number(wave, "counts.accepted");
    const char *between = ": ";

    if (cli->is_json) {
        cli_json_print(cli, wave);
    } else {
        fprintf(cli->out, "woke %" PRId64 " of %" PRId64 " enrollments",
                accepted, total);
        for (size_t i = 0; i < N_COUNTS; i++) {
            int64_t n = cli_json_number(wave, counts[i].path);

            if (n == 0)
                continue;
            fprintf(cli->out, "%s%" PRId64 " %s", between, n, counts[i].text);
            between = ", ";
        }
        fputc('\n', cli->out);
    }
    if (!is_over(wave))
        say_it_goes_on(cli, wave);
    return is_over(wave) && accepted == total ? CLI_DONE : CLI_FAILED;
}

enum cli_exit
cli_wave_follow(struct cli *cli, json_t *wave, uint32_t timeout_s)
{
    int64_t now_ms = cli_when_tick_ms(cli);
    int64_t until_ms = now_ms + (int64_t)timeout_s * 1000;
    uint32_t pause_ms = cli->poll_ms;
    struct cli_progress progress;
    enum cli_exit result = CLI_DONE;

    cli_progress_init(&progress, cli->err, cli->err_width, now_ms);
    while (!is_over(wave) && now_ms < until_ms) {
        int64_t total = cli_json_number(wave, "counts.total");

        cli_progress_show(&progress, cli_wave_settled(wave),
                          total > 0 ? (uint64_t)total : 0, now_ms);
        cli_when_pause(cli, pause_ms);
        if (pause_ms < cli->poll_ms * MAX_PAUSES)
            pause_ms += cli->poll_ms;
        if ((result = look_again(cli, &wave)) != CLI_DONE)
            break;
        now_ms = cli_when_tick_ms(cli);
    }
    cli_progress_clear(&progress);
    if (result == CLI_DONE)
        result = report(cli, wave);
    else /* whoever asks again would wake them twice */
        say_it_goes_on(cli, wave);
    json_decref(wave);
    return result;
}
