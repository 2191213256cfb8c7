/* SPDX-License-Identifier: MIT */

#include <openssl/crypto.h>
#include <string.h>

#include "cli_cert.h"
#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/term/cli_ask.h"
#include "server/cli/term/cli_say.h"

#define MAX_P12 (256 << 10) /* bytes: 256 KiB */

struct p12 {
    struct cli *cli;
    size_t len;
    char bytes[MAX_P12];
};

static bool
on_bytes(void *arg, const char *bytes, size_t len)
{
    struct p12 *p12 = arg;

    if (len > MAX_P12 - p12->len) {
        cli_say_failed(p12->cli, "the answer is larger than %d bytes", MAX_P12);
        return false;
    }
    memcpy(p12->bytes + p12->len, bytes, len);
    p12->len += len;
    return true;
}

/* Twice, for nobody sees what is typed. */
static enum cli_exit
ask_passphrase(struct cli *cli, char *passphrase)
{
    char again[CLI_ASK_MAX + 1] = "";
    enum cli_exit result = CLI_DONE;

    if (!cli->is_asking)
        return cli_say_misuse(
            cli,
            "without a terminal, --password-file is needed for the passphrase");
    if (!cli_ask_secret(cli, passphrase, "Passphrase for the export: ") ||
        !cli_ask_secret(cli, again, "Repeat it: "))
        result = cli_say_refused(cli, "nothing exported");
    else if (strcmp(passphrase, again) != 0)
        result = cli_say_failed(cli, "the two passphrases differ; nothing "
                                     "exported");
    OPENSSL_cleanse(again, sizeof again);
    return result;
}

static enum cli_exit
take_passphrase(struct cli *cli, const char *file, char **passphrase)
{
    enum cli_exit result;

    if (file != NULL) {
        result = cli_ask_password(cli, file, passphrase);
    } else {
        *passphrase = calloc(1, CLI_ASK_MAX + 1);
        must(*passphrase != NULL);
        result = ask_passphrase(cli, *passphrase);
    }
    if (result == CLI_DONE && strlen(*passphrase) < CERTLIFE_MIN_PASSPHRASE)
        result = cli_say_failed(
            cli, "a passphrase needs at least %d bytes; nothing exported",
            CERTLIFE_MIN_PASSPHRASE);
    return result;
}

static enum cli_exit
fetch(struct cli *cli, const char *topic, const char *passphrase,
      struct p12 *p12)
{
    size_t len;
    char *body = cli_material_secret("passphrase", passphrase, &len);
    struct cli_path path;
    struct cli_request request = {
        .method = "POST",
        .path = &path,
        .content_type = "application/json",
        .body = body,
        .body_len = len,
        .on_write = on_bytes,
        .arg = p12,
    };
    struct cli_answer answer;

    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic);
    cli_path_add(&path, "export");

    enum cli_exit result = cli_call_run(cli, &request, &answer);

    cli_call_answer_fini(&answer);
    cli_file_free(body, len);
    return result;
}

static enum cli_exit
fetch_and_write(struct cli *cli, const char *topic, const char *passphrase,
                const char *file)
{
    struct p12 *p12 = calloc(1, sizeof *p12);

    must(p12 != NULL);
    p12->cli = cli;

    enum cli_exit result = fetch(cli, topic, passphrase, p12);

    if (result == CLI_DONE)
        result = cli_file_write(cli, file, p12->bytes, p12->len);
    if (result == CLI_DONE && !cli->is_json)
        fprintf(cli->out, "wrote %s: certificate and key of %s, encrypted\n",
                file, topic);
    OPENSSL_cleanse(p12, sizeof *p12);
    free(p12);
    return result;
}

enum cli_exit
cmd_cert_export(struct cli *cli, const struct cli_args *args)
{
    const char *file = args->values[CLI_OPT_OUTPUT];
    char *passphrase = NULL;
    enum cli_exit result = cli_cert_socket_only(cli, "exporting a key");

    if (result != CLI_DONE)
        return result;
    if (args->values[CLI_OPT_WITH_KEY] == NULL || file == NULL)
        return cli_say_misuse(cli, "--with-key and -o FILE.p12 are needed: the "
                                   "private key leaves roused");
    if (!cli_file_is_free(cli, file))
        return CLI_FAILED;
    result =
        take_passphrase(cli, args->values[CLI_OPT_PASSWORD_FILE], &passphrase);
    if (result == CLI_DONE)
        result = fetch_and_write(cli, args->words[0], passphrase, file);
    cli_ask_password_free(passphrase);
    return result;
}
