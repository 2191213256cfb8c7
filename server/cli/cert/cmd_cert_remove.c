/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"

static enum cli_exit
remove_cert(struct cli *cli, const char *topic, const char *confirm,
            struct cli_answer *answer)
{
    struct cli_path path;
    struct cli_request request = {
        .method = "DELETE",
        .path = &path,
        .is_quiet_409 = true,
    };

    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic);
    cli_path_query(&path, "confirm", confirm);
    return cli_call_run(cli, &request, answer);
}

/* Groups keep the topic; the user learns which. */
static void
name_groups(struct cli *cli, const char *topic)
{
    struct cli_path path;
    const json_t *group;
    json_t *json;
    size_t i;

    cli_path_init(&path, "/v1/groups");
    json = cli_call_peek(cli, &path);
    json_array_foreach(cli_json_at(json, "groups"), i, group)
    {
        if (strcmp(cli_json_text(group, "topic"), topic) == 0)
            cli_say_note(cli, "The group %s has this topic.",
                         cli_json_text(group, "path"));
    }
    json_decref(json);
}

/* The server says how many; the person types the number. */
static enum cli_exit
ask_number(struct cli *cli, const char *topic, const json_t *refusal,
           char *line)
{
    char wanted[24];

    snprintf(wanted, sizeof wanted, "%" PRId64,
             cli_json_number(refusal, "enrollments"));
    if (!cli->is_asking)
        return cli_say_refused(cli,
                               "nothing removed: %s enrollments of %s could no "
                               "longer be woken; give --confirm %s",
                               wanted, topic, wanted);
    if (cli_ask_line(cli, line,
                     "After this, %s enrollments of %s can no longer be woken. "
                     "Type their number to continue: ",
                     wanted, topic) &&
        strcmp(line, wanted) == 0)
        return CLI_DONE;
    return cli_say_refused(cli, "nothing removed");
}

enum cli_exit
cmd_cert_remove(struct cli *cli, const struct cli_args *args)
{
    const char *topic = args->words[0];
    const char *confirm = args->values[CLI_OPT_CONFIRM];
    char line[CLI_ASK_MAX + 1];
    struct cli_answer answer;
    uint64_t n;

    if (confirm != NULL && !cli_duration_read_number(confirm, INT64_MAX, &n))
        return cli_say_misuse(
            cli, "--confirm: %s is not a number of enrollments", confirm);

    enum cli_exit result = remove_cert(cli, topic, confirm, &answer);

    if (result == CLI_REFUSED && confirm == NULL &&
        json_is_integer(cli_json_at(answer.json, "enrollments"))) {
        name_groups(cli, topic);
        result = ask_number(cli, topic, answer.json, line);
        cli_call_answer_fini(&answer);
        if (result != CLI_DONE)
            return result;
        result = remove_cert(cli, topic, line, &answer);
    }
    if (result == CLI_REFUSED)
        cli_cert_refused(cli, answer.json, false);
    if (result == CLI_DONE && !cli->is_json) {
        fprintf(cli->out, "removed %s\n", topic);
        if (confirm != NULL)
            name_groups(cli, topic);
    }
    cli_call_answer_fini(&answer);
    return result;
}
