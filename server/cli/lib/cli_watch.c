/* SPDX-License-Identifier: MIT */

#include "cli_watch.h"

#include <inttypes.h>
#include <string.h>

#include "cli_call.h"
#include "cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

#define MAX_PAUSES 16 /* the pause between looks grows to so many poll_ms */

static const struct {
    const char *text;
    bool is_fine;
} ends[CLI_WATCH_N_ENDS] = {
#define X(name, text, is_fine) [CLI_WATCH_##name] = {text, is_fine},
    CLI_WATCH_ENDS(X)
#undef X
};

void
cli_watch_init(struct cli_watch *watch, struct cli *cli, uint32_t timeout_s)
{
    int64_t now_ms = cli_when_tick_ms(cli);

    memset(watch, 0, sizeof *watch);
    watch->cli = cli;
    watch->until_ms = now_ms + (int64_t)timeout_s * 1000;
    cli_progress_init(&watch->progress, cli->err, cli->err_width, now_ms);
}

void
cli_watch_fini(struct cli_watch *watch)
{
    for (size_t i = 0; i < watch->n_held; i++)
        free(watch->held[i].id);
    free(watch->held);
}

uint32_t
cli_watch_left_s(const struct cli_watch *watch)
{
    int64_t left_ms = watch->until_ms - cli_when_tick_ms(watch->cli);

    return left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 0;
}

static void
count_end(struct cli_watch *watch, enum cli_watch_end end, const char *id,
          const char *why)
{
    watch->counts[end]++;
    if ((ends[end].is_fine && why[0] == '\0') || watch->cli->is_json)
        return;
    if (++watch->n_told > CLI_WATCH_TELL)
        return;
    cli_progress_clear(&watch->progress);
    cli_say_note(watch->cli, "%s: %s%s%s", id, ends[end].text,
                 why[0] != '\0' ? ": " : "", why);
}

static void
hold(struct cli_watch *watch, const char *id, const char *why)
{
    struct cli_watch_held *held;

    if (watch->n_held == CLI_WATCH_MAX) {
        count_end(watch, CLI_WATCH_WAITING, id, why);
        return;
    }
    /* grows when their number is a power of two: 0, 1, 2, 4, … */
    if ((watch->n_held & (watch->n_held - 1)) == 0) {
        size_t size = watch->n_held == 0 ? 1 : watch->n_held * 2;

        watch->held = realloc(watch->held, size * sizeof *watch->held);
        must(watch->held != NULL);
    }
    held = &watch->held[watch->n_held++];
    held->id = strdup(id);
    must(held->id != NULL);
    snprintf(held->why, sizeof held->why, "%s", why);
}

/* What APNs asked for keeps even a person waiting: until when. */
static void
read_why(const json_t *json, const char *pause_at, const char *reason_at,
         char why[CLI_WATCH_WHY])
{
    const char *until = cli_json_text(json, pause_at);
    char local[CLI_WHEN_TEXT];

    if (until[0] == '\0')
        snprintf(why, CLI_WATCH_WHY, "%s", cli_json_text(json, reason_at));
    else
        snprintf(why, CLI_WATCH_WHY, "until %.24s because APNs asked for it",
                 cli_when_local(until, local));
}

static void
show_progress(struct cli_watch *watch)
{
    cli_progress_show(&watch->progress, watch->n_asked - watch->n_held,
                      watch->n_asked, cli_when_tick_ms(watch->cli));
}

void
cli_watch_take(struct cli_watch *watch, const json_t *answer, bool is_waiting)
{
    const char *id = cli_json_text(answer, "id");
    const char *asked = cli_json_text(answer, "asked");
    bool is_merged = strcmp(asked, "merged") == 0;
    bool is_paused = cli_json_text(answer, "not_before")[0] != '\0';
    char why[CLI_WATCH_WHY];

    watch->n_asked++;
    read_why(answer, "not_before", "result.reason", why);
    if (strcmp(asked, "unknown") == 0)
        count_end(watch, CLI_WATCH_UNKNOWN, id, "");
    else if (strcmp(asked, "unpushable") == 0)
        count_end(watch, CLI_WATCH_UNPUSHABLE, id,
                  cli_json_text(answer, "state"));
    else if (strcmp(asked, "undecided") == 0)
        count_end(watch, CLI_WATCH_UNDECIDED, id, "refused before");
    else if (!is_waiting)
        count_end(watch,
                  is_paused   ? CLI_WATCH_PAUSED
                  : is_merged ? CLI_WATCH_MERGED
                              : CLI_WATCH_NEW,
                  id, is_paused ? why : "");
    else if (strcmp(cli_json_text(answer, "result.outcome"), "accepted") == 0)
        count_end(watch, CLI_WATCH_ACCEPTED, id, "");
    else if (strcmp(cli_json_text(answer, "result.class"), "identity") == 0)
        count_end(watch, CLI_WATCH_HELD, id,
                  cli_json_text(answer, "result.reason"));
    else
        hold(watch, id, why); /* also after a 410: its token may be newer */
    show_progress(watch);
}

/* How an enrollment without a waiting wake came out of it. */
static void
take_end(struct cli_watch *watch, const char *id, const json_t *enrollment)
{
    const char *state = cli_json_text(enrollment, "state");
    const char *reason = cli_json_text(enrollment, "last_push.reason");

    if (watch->cli->is_json)
        cli_json_print(watch->cli, enrollment);
    if (strcmp(state, "dead") == 0)
        count_end(watch, CLI_WATCH_DEAD, id, reason);
    else if (strcmp(state, "suspect") == 0)
        count_end(watch, CLI_WATCH_SUSPECT, id, reason);
    else if (strcmp(state, "enabled") != 0)
        count_end(watch, CLI_WATCH_UNPUSHABLE, id, state);
    else if (cli_json_number(enrollment, "last_push.status") == 200)
        count_end(watch, CLI_WATCH_ACCEPTED, id, "");
    else
        count_end(watch, CLI_WATCH_ENDED, id, reason);
}

/* ${*has_ended}: ${held} need not be looked at again. */
static enum cli_exit
look_at(struct cli_watch *watch, struct cli_watch_held *held, bool *has_ended)
{
    struct cli_path path;
    struct cli_request request = {
        .method = "GET",
        .path = &path,
        .is_quiet_404 = true,
    };
    struct cli_answer answer;

    cli_path_init(&path, "/v1/enrollments");
    cli_path_add(&path, held->id);

    enum cli_exit result = cli_call_run(watch->cli, &request, &answer);

    *has_ended = false;
    if (result == CLI_DONE && answer.status == 404) {
        count_end(watch, CLI_WATCH_UNKNOWN, held->id, "removed meanwhile");
        *has_ended = true;
    } else if (result == CLI_DONE &&
               cli_json_is_true(answer.json, "wake.undecided")) {
        count_end(watch, CLI_WATCH_UNDECIDED, held->id,
                  cli_json_text(answer.json, "last_push.reason"));
        *has_ended = true;
    } else if (result == CLI_DONE &&
               json_is_object(cli_json_at(answer.json, "wake"))) {
        read_why(answer.json, "last_push.not_before", "last_push.reason",
                 held->why);
    } else if (result == CLI_DONE) {
        take_end(watch, held->id, answer.json);
        *has_ended = true;
    }
    cli_call_answer_fini(&answer);
    return result;
}

/* Look at each id once; those without an end move to the front. */
static enum cli_exit
look_at_all(struct cli_watch *watch)
{
    enum cli_exit result = CLI_DONE;
    size_t n_kept = 0;
    size_t n = watch->n_held;

    for (size_t i = 0; i < n; i++) {
        struct cli_watch_held held = watch->held[i];
        bool has_ended = false;

        if (result == CLI_DONE && cli_watch_left_s(watch) > 0)
            result = look_at(watch, &held, &has_ended);
        if (has_ended) {
            free(held.id);
            watch->n_held--;
            show_progress(watch);
        } else {
            watch->held[n_kept++] = held;
        }
    }
    watch->n_held = n_kept;
    return result;
}

enum cli_exit
cli_watch_wait(struct cli_watch *watch)
{
    uint32_t poll_ms = watch->cli->poll_ms;
    uint32_t pause_ms = poll_ms;
    enum cli_exit result = CLI_DONE;

    while (watch->n_held > 0 && result == CLI_DONE) {
        int64_t began_ms = cli_when_tick_ms(watch->cli);

        result = look_at_all(watch);
        show_progress(watch);
        if (watch->n_held == 0 || cli_watch_left_s(watch) == 0)
            break;

        /* rest as long as the look took: half of a core at most */
        uint32_t took_ms = (uint32_t)(cli_when_tick_ms(watch->cli) - began_ms);

        cli_when_pause(watch->cli, took_ms > pause_ms ? took_ms : pause_ms);
        if (pause_ms < poll_ms * MAX_PAUSES)
            pause_ms *= 2;
    }
    return result;
}

static void
print_counts(const struct cli_watch *watch, FILE *out)
{
    const char *between = ": ";

    for (unsigned i = 0; i < CLI_WATCH_N_ENDS; i++) {
        if (watch->counts[i] == 0)
            continue;
        fprintf(out, "%s%" PRIu64 " %s", between, watch->counts[i],
                ends[i].text);
        between = ", ";
    }
    fputc('\n', out);
}

enum cli_exit
cli_watch_report(struct cli_watch *watch, bool is_waiting)
{
    struct cli *cli = watch->cli;
    bool is_fine = true;

    for (size_t i = 0; i < watch->n_held; i++)
        count_end(watch, CLI_WATCH_WAITING, watch->held[i].id,
                  watch->held[i].why);
    cli_progress_clear(&watch->progress);
    if (watch->n_told > CLI_WATCH_TELL)
        cli_say_note(cli, "... and %" PRIu64 " more",
                     watch->n_told - CLI_WATCH_TELL);
    for (unsigned i = 0; i < CLI_WATCH_N_ENDS; i++)
        if (watch->counts[i] > 0 && !ends[i].is_fine)
            is_fine = false;
    if (!cli->is_json) {
        if (is_waiting)
            fprintf(cli->out, "woke %" PRIu64 " of %" PRIu64 " enrollments",
                    watch->counts[CLI_WATCH_ACCEPTED], watch->n_asked);
        else
            fprintf(cli->out, "asked for %" PRIu64 " wake%s", watch->n_asked,
                    watch->n_asked == 1 ? "" : "s");
        print_counts(watch, cli->out);
    }
    if (watch->counts[CLI_WATCH_HELD] > 0)
        cli_say_note(cli,
                     "A push certificate is missing or stopped; see "
                     "rouse cert list. The wakes wait for it%s.",
                     is_waiting ? ", this command does not" : "");
    if (watch->counts[CLI_WATCH_UNDECIDED] > 0)
        cli_say_note(cli, "APNs refuses those tokens and has accepted no push "
                          "under this certificate yet: wrong environment or "
                          "topic? See rouse status.");
    return is_fine ? CLI_DONE : CLI_FAILED;
}
