/* SPDX-License-Identifier: MIT */

/*
 * The vendor's signature on this machine, without roused: the vendor's key
 * may live where no server is.
 */

#include <string.h>
#include <time.h>

#include "cli_cert.h"
#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"

/* Where each file stands among those read. */
enum {
    CSR,
    VENDOR_CERT,
    VENDOR_KEY,
    CHAIN
};

static enum cli_exit
sign(struct cli *cli, const struct cli_material *material, char **upload,
     size_t *n_warnings)
{
    struct certlife_signing signing = {
        .csr = material->files[CSR],
        .vendor_cert = material->files[VENDOR_CERT],
        .vendor_key = material->files[VENDOR_KEY],
        .chain = &material->files[CHAIN],
        .n_chain = material->n - CHAIN,
    };
    struct certlife_warnings warnings = {0};
    char detail[CERTLIFE_MAX_DETAIL] = "";
    enum certlife_err err = certlife_upload_make(&signing, (int64_t)time(NULL),
                                                 upload, &warnings, detail);

    for (size_t i = 0; i < warnings.n; i++)
        cli_say_note(cli, "warning: %s", warnings.text[i]);
    *n_warnings = warnings.n;
    if (err == CERTLIFE_OK)
        return CLI_DONE;
    return cli_say_failed(cli, "%s%s%s", certlife_err_text(err),
                          detail[0] != '\0' ? ": " : "", detail);
}

/* Asks for the password of a locked key, and leaves it with the files. */
static enum cli_exit
unlock(struct cli *cli, struct cli_material *material)
{
    struct certlife_check *check;
    enum cli_exit result = cli_material_check(cli, material, &check);

    if (result == CLI_DONE)
        certlife_check_free(check);
    return result;
}

static enum cli_exit
sign_and_write(struct cli *cli, struct cli_material *material, const char *file)
{
    char *upload = NULL;
    size_t n_warnings = 0;
    enum cli_exit result = unlock(cli, material);

    if (result == CLI_DONE)
        result = sign(cli, material, &upload, &n_warnings);
    if (result == CLI_DONE && file != NULL)
        result = cli_file_write(cli, file, upload, strlen(upload));
    if (result == CLI_DONE && file == NULL)
        fprintf(cli->out, "%s\n", upload);
    free(upload);
    if (result != CLI_DONE || file == NULL || cli->is_json)
        return result;
    fprintf(cli->out, "wrote %s\n", file);
    if (n_warnings > 0)
        cli_say_note(cli, "Heed the warning before you upload it.");
    else
        cli_say_note(cli, CLI_CERT_UPLOAD);
    return CLI_DONE;
}

enum cli_exit
cmd_cert_sign_request(struct cli *cli, const struct cli_args *args)
{
    const char *words[CERTLIFE_MAX_FILES] = {
        [CSR] = args->values[CLI_OPT_CSR],
        [VENDOR_CERT] = args->values[CLI_OPT_VENDOR_CERT],
        [VENDOR_KEY] = args->values[CLI_OPT_VENDOR_KEY],
    };
    const char *file = args->values[CLI_OPT_OUTPUT];
    struct cli_material material;
    size_t n = CHAIN;

    if (words[CSR] == NULL || words[VENDOR_KEY] == NULL)
        return cli_say_misuse(cli, "--csr and --vendor-key are needed");
    if (words[VENDOR_CERT] == NULL)
        words[VENDOR_CERT] = words[VENDOR_KEY]; /* both in one PKCS#12 */
    if (CHAIN + args->n_chain + args->n_words > CERTLIFE_MAX_FILES)
        return cli_say_misuse(cli, "at most %d files in all",
                              CERTLIFE_MAX_FILES);
    for (size_t i = 0; i < args->n_chain; i++)
        words[n++] = args->chain[i];
    if (args->n_words > 0 && args->n_chain == 0)
        return cli_say_misuse(cli, "%s: did you mean --chain?", args->words[0]);
    for (size_t i = 0; i < args->n_words; i++)
        words[n++] = args->words[i]; /* --chain A B */
    if (file != NULL && !cli_file_is_free(cli, file))
        return CLI_FAILED;

    enum cli_exit result = cli_material_read(
        cli, words, n, args->values[CLI_OPT_PASSWORD_FILE], &material);

    if (result == CLI_DONE)
        result = sign_and_write(cli, &material, file);
    cli_material_fini(&material);
    return result;
}
