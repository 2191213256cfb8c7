/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_watch.h"
#include "server/cli/lib/cli_wave.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"

#define WAIT_CHUNK 1000 /* ids in one request that waits: the bar moves */
#define WAIT_S     10   /* the server holds such a request so long */
/* bytes that one id takes in JSON at most: all of it escaped */
#define MAX_ID_JSON ((size_t)6 * CLI_MAX_ID + 3)

#define MAX_BODY 900000 /* bytes of ids in one request; the server: 1 MiB */

/* What the options ask for, apart from who is meant. */
struct terms {
    uint32_t deadline_s; /* 0: the server's default */
    uint32_t rate;       /* 0: no limit */
    uint32_t timeout_s;
    bool is_waiting;
};

static enum cli_exit
read_terms(struct cli *cli, const struct cli_args *args, struct terms *terms)
{
    const char *rate = args->values[CLI_OPT_RATE];
    enum cli_exit result;

    memset(terms, 0, sizeof *terms);
    terms->is_waiting = args->values[CLI_OPT_WAIT] != NULL;
    if ((result = cli_filter_span(cli, args, CLI_OPT_DEADLINE, CLI_MAX_DEADLINE,
                                  0, &terms->deadline_s)) != CLI_DONE ||
        (result = cli_filter_span(cli, args, CLI_OPT_TIMEOUT, CLI_MAX_TIMEOUT,
                                  CLI_TIMEOUT, &terms->timeout_s)) != CLI_DONE)
        return result;
    if (rate != NULL &&
        !cli_duration_read_rate(rate, CLI_MAX_RATE, &terms->rate))
        return cli_say_misuse(
            cli, "--rate: %s is not a rate from 1/s to %d/s; write it as 500/s",
            rate, CLI_MAX_RATE);
    if (args->values[CLI_OPT_TIMEOUT] != NULL && !terms->is_waiting)
        return cli_say_misuse(
            cli,
            "--timeout needs --wait; to limit the wake itself, use --deadline");
    return CLI_DONE;
}

/*
 * Many, by filter: one wave.
 */
static enum cli_exit
wake_many(struct cli *cli, const struct cli_args *args,
          const struct terms *terms)
{
    struct cli_path path;
    char id[CLI_JSON_ID_TEXT];
    json_t *filter;
    json_t *wave;
    enum cli_exit result = cli_filter_body(cli, args, &filter);

    if (result != CLI_DONE)
        return result;

    json_t *body = json_pack("{s:o}", "filter", filter);

    must(body != NULL);
    if (args->values[CLI_OPT_ALL] != NULL)
        json_object_set_new(body, "all", json_true());
    if (terms->rate > 0)
        json_object_set_new(body, "pace", json_integer(terms->rate));
    if (terms->deadline_s > 0)
        json_object_set_new(body, "deadline_s",
                            json_integer(terms->deadline_s));
    cli_path_init(&path, "/v1/waves");
    if ((result = cli_call_send(cli, "POST", &path, body, &wave)) != CLI_DONE)
        return result;
    if (terms->is_waiting)
        return cli_wave_follow(cli, wave, terms->timeout_s);
    if (cli->is_json)
        cli_json_print(cli, wave);
    else
        fprintf(cli->out,
                "wave %s: %" PRId64
                " enrollments; rouse wave show %s --wait shows its progress\n",
                cli_json_id(wave, id), cli_json_number(wave, "counts.total"),
                id);
    json_decref(wave);
    return CLI_DONE;
}

/*
 * Some, by id: chunks of single wakes.
 */
static enum cli_exit
ask_chunk(struct cli *cli, const struct terms *terms, json_t *ids,
          struct cli_watch *watch)
{
    /* Once a chunk has not ended in time, the ones behind it only ask: they
       would wait for the same trouble, one after the other. */
    uint32_t left_s = cli_watch_left_s(watch);
    uint32_t wait_s = left_s < WAIT_S ? left_s : WAIT_S;
    struct cli_path path;
    const json_t *answer;
    json_t *json;
    size_t i;

    if (!terms->is_waiting || watch->n_held > 0 || terms->deadline_s > 0)
        wait_s = 0; /* the server takes a deadline or a wait, not both */

    json_t *body = json_pack("{s:o}", "ids", ids);

    must(body != NULL);
    if (wait_s > 0)
        json_object_set_new(body, "wait_s", json_integer(wait_s));
    if (terms->deadline_s > 0)
        json_object_set_new(body, "deadline_s",
                            json_integer(terms->deadline_s));
    cli_path_init(&path, "/v1/wakes");

    enum cli_exit result = cli_call_send(cli, "POST", &path, body, &json);

    if (result != CLI_DONE)
        return result;
    if (cli->is_json)
        cli_json_print(cli, json);
    json_array_foreach(cli_json_at(json, "wakes"), i, answer)
    {
        cli_watch_take(watch, answer, terms->is_waiting);
    }
    json_decref(json);
    return CLI_DONE;
}

/* Bytes that ${id} takes in JSON, with quotes and comma, at most. */
static size_t
json_len(const char *id)
{
    size_t len = 3;

    for (; *id != '\0'; id++)
        len += (unsigned char)*id < 0x20 || *id == '"' || *id == '\\' ? 6 : 1;
    return len;
}

/* As many ids as go into one request; an empty array at the end. */
static enum cli_exit
fill_chunk(struct cli_file_ids *ids, size_t max, json_t *chunk)
{
    size_t bytes = 0;

    while (json_array_size(chunk) < max && bytes + MAX_ID_JSON < MAX_BODY) {
        const char *id;
        enum cli_exit result = cli_file_next_id(ids, &id);

        if (result != CLI_DONE || id == NULL)
            return result;
        if (json_array_append_new(chunk, json_string(id)) != 0)
            return cli_say_failed(ids->cli, "an id is not UTF-8: %s", id);
        bytes += json_len(id);
    }
    return CLI_DONE;
}

static enum cli_exit
ask_all(struct cli *cli, const struct cli_args *args, const struct terms *terms,
        struct cli_watch *watch)
{
    size_t max = terms->is_waiting ? WAIT_CHUNK : CLI_MAX_IDS;
    struct cli_file_ids ids = {
        .cli = cli,
        .words = args->words,
        .n_words = args->n_words,
    };

    for (;;) {
        json_t *chunk = json_array();

        must(chunk != NULL);

        enum cli_exit result = fill_chunk(&ids, max, chunk);

        if (result != CLI_DONE || json_array_size(chunk) == 0) {
            json_decref(chunk);
            return result;
        }
        if ((result = ask_chunk(cli, terms, chunk, watch)) != CLI_DONE)
            return result;
    }
}

static enum cli_exit
wake_ids(struct cli *cli, const struct cli_args *args,
         const struct terms *terms)
{
    struct cli_watch watch;

    cli_watch_init(&watch, cli, terms->timeout_s);

    enum cli_exit result = ask_all(cli, args, terms, &watch);

    if (result == CLI_DONE && terms->is_waiting)
        result = cli_watch_wait(&watch);
    /* what was requested before the failure stands: report it */
    if (result == CLI_DONE || watch.n_asked > 0) {
        enum cli_exit report = cli_watch_report(&watch, terms->is_waiting);

        if (result == CLI_DONE)
            result = report;
    }
    cli_watch_fini(&watch);
    return result;
}

enum cli_exit
cmd_wake(struct cli *cli, const struct cli_args *args)
{
    bool is_filtered = cli_filter_is_given(args);
    bool is_all = args->values[CLI_OPT_ALL] != NULL;
    struct terms terms;
    enum cli_exit result = read_terms(cli, args, &terms);

    if (result != CLI_DONE)
        return result;
    if (is_all && is_filtered)
        return cli_say_misuse(cli, "--all cannot be combined with --topic, "
                                   "--kind, --parent or --silent-for");
    if (args->n_words > 0 && (is_all || is_filtered))
        return cli_say_misuse(cli, "give IDs or filter options, not both");
    if (is_all || is_filtered)
        return wake_many(cli, args, &terms);
    if (args->n_words == 0)
        return cli_say_misuse(cli, "nothing to wake: give IDs, --topic or "
                                   "--all; see rouse wake --help");
    if (terms.rate > 0)
        return cli_say_misuse(
            cli, "--rate applies to --topic, --all and the like, not to IDs");
    return wake_ids(cli, args, &terms);
}
