/* SPDX-License-Identifier: MIT */

#include "cli_call.h"
#include "cli_json.h"
#include "cmd.h"

enum cli_exit
cmd_status(struct cli *cli, const struct cli_args *args)
{
    struct cli_path path;
    json_t *json;

    (void)args;
    cli_path_init(&path, "/v1/status");

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    cli_json_print(cli->out, json);
    json_decref(json);
    return CLI_DONE;
}
