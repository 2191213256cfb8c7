/* SPDX-License-Identifier: MIT */

#include "cli_cert.h"
#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/term/cli_duration.h"
#include "server/cli/term/cli_say.h"

/* What contradicts itself is refused before a file is opened. */
static enum cli_exit
check_options(struct cli *cli, const struct cli_args *args)
{
    const char *confirm = args->values[CLI_OPT_CONFIRM];
    bool is_replacing = args->values[CLI_OPT_REPLACE_TOPIC] != NULL;
    uint64_t n;

    if ((args->values[CLI_OPT_RENEW] != NULL) +
            (args->values[CLI_OPT_ADD] != NULL) + is_replacing >
        1)
        return cli_say_misuse(
            cli, "give only one of --renew, --add and --replace-topic");
    if (is_replacing != (confirm != NULL))
        return cli_say_misuse(cli,
                              "--replace-topic and --confirm go together: N is "
                              "the number of enrollments that go silent");
    if (confirm != NULL && !cli_duration_read_number(confirm, INT64_MAX, &n))
        return cli_say_misuse(
            cli, "--confirm: %s is not a number of enrollments", confirm);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_import(struct cli *cli, const struct cli_args *args)
{
    struct cli_material material;
    struct certlife_check *check = NULL;
    struct cli_cert_import import = {
        .material = &material,
        .renew = args->values[CLI_OPT_RENEW],
        .replace_topic = args->values[CLI_OPT_REPLACE_TOPIC],
        .confirm = args->values[CLI_OPT_CONFIRM],
        .apple_account = args->values[CLI_OPT_APPLE_ACCOUNT],
        .note = args->values[CLI_OPT_NOTE],
        .is_adding = args->values[CLI_OPT_ADD] != NULL,
        .is_untested = args->values[CLI_OPT_NO_TEST] != NULL,
        .is_dry = args->values[CLI_OPT_DRY_RUN] != NULL,
        .is_sure = args->values[CLI_OPT_YES] != NULL,
    };
    enum cli_exit result = check_options(cli, args);

    if (result != CLI_DONE)
        return result;
    result = cli_material_read(cli, args->words, args->n_words,
                               args->values[CLI_OPT_PASSWORD_FILE], &material);
    /* the check asks for a password that is missing */
    if (result == CLI_DONE)
        result = cli_material_check(cli, &material, &check);
    certlife_check_free(check);
    if (result == CLI_DONE)
        result = cli_cert_import(cli, &import);
    cli_material_fini(&material);
    return result;
}
