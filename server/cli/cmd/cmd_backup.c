/* SPDX-License-Identifier: MIT */

#include <inttypes.h>
#include <string.h>

#include "server/cli/cert/cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_sink.h"

#define MAX_COPYING_S 86400 /* roused copies it before the first byte comes */

struct saving {
    struct cli_sink sink;
    uint64_t n_bytes;
};

static bool
on_bytes(void *arg, const char *bytes, size_t len)
{
    struct saving *saving = arg;

    saving->n_bytes += len;
    return cli_sink_write(&saving->sink, bytes, len);
}

static enum cli_exit
fetch(struct cli *cli, struct saving *saving)
{
    struct cli_path path;
    struct cli_request request = {
        .method = "POST",
        .path = &path,
        .on_write = on_bytes,
        .arg = saving,
        .wait_s = MAX_COPYING_S,
    };
    struct cli_answer answer;

    cli_path_init(&path, "/v1/backup");

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    cli_call_answer_fini(&answer);
    return result;
}

enum cli_exit
cmd_backup(struct cli *cli, const struct cli_args *args)
{
    const char *file = args->words[0];
    struct saving *saving;
    enum cli_exit result = cli_cert_socket_only(cli, "a backup");

    if (result != CLI_DONE)
        return result;
    if (strcmp(file, "-") != 0 && !cli_file_is_free(cli, file))
        return CLI_FAILED;
    saving = calloc(1, sizeof *saving);
    must(saving != NULL);
    result = cli_sink_open(cli, &saving->sink, file);
    if (result == CLI_DONE)
        result = cli_sink_close(cli, &saving->sink, fetch(cli, saving));
    if (result == CLI_DONE && saving->sink.name[0] != '\0' && !cli->is_json)
        fprintf(cli->out,
                "wrote %s: %" PRIu64 " bytes. The master key is not in it: "
                "keep a copy of that elsewhere.\n",
                file, saving->n_bytes);
    free(saving);
    return result;
}
