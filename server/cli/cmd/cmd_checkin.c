/* SPDX-License-Identifier: MIT */

#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"

static void
print_taken(FILE *out, const char *name, const json_t *answer)
{
    const char *type = cli_json_text(answer, "message_type");

    fprintf(out, "%s: %s of %s%s\n", name,
            type[0] != '\0' ? type : "command response",
            cli_json_text(answer, "id"),
            cli_json_is_true(answer, "applied")
                ? ""
                : " changed nothing: older than what is stored, already known, "
                  "or of an unknown enrollment");
}

static enum cli_exit
send_one(struct cli *cli, const char *name, bool is_replayed)
{
    struct cli_path path;
    struct cli_answer answer;
    char *plist;
    size_t len;
    enum cli_exit result =
        cli_file_read(cli, name, CLI_MAX_PLIST, &plist, &len);

    if (result != CLI_DONE)
        return result;
    cli_path_init(&path, "/v1/checkin");
    cli_path_query(&path, "replayed", is_replayed ? "1" : NULL);

    struct cli_request request = {
        .method = "PUT",
        .path = &path,
        .content_type = "application/x-apple-aspen-mdm-checkin",
        .body = plist,
        .body_len = len,
    };

    result = cli_call_run(cli, &request, &answer);
    if (result != CLI_DONE)
        cli_say_note(cli, "%s: not stored", name);
    else if (cli->is_json && answer.json != NULL)
        cli_json_print(cli, answer.json);
    else if (!cli->is_json)
        print_taken(cli->out, name, answer.json);
    cli_call_answer_fini(&answer);
    cli_file_free(plist, len);
    return result;
}

enum cli_exit
cmd_checkin(struct cli *cli, const struct cli_args *args)
{
    enum cli_exit result = CLI_DONE;

    for (size_t i = 0; i < args->n_words; i++) {
        enum cli_exit one = send_one(cli, args->words[i],
                                     args->values[CLI_OPT_REPLAYED] != NULL);

        if (one != CLI_DONE)
            result = one;
    }
    return result;
}
