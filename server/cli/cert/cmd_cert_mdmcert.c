/* SPDX-License-Identifier: MIT */

/*
 * mdmcert.download signs requests for those without a vendor certificate: a
 * request goes there as JSON, the answer comes by mail, as a file.
 */

#include <string.h>

#include "apns/base/hex.h"
#include "cli_cert.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"

#define PATH "/v1/pushcerts/mdmcert"

/* To the file, or to the output. */
static enum cli_exit
write_out(struct cli *cli, const char *file, const char *text)
{
    if (file != NULL)
        return cli_file_write(cli, file, text, strlen(text));
    cli_say_text(cli->out, text);
    return CLI_DONE;
}

static void
print_next(struct cli *cli, const char *name, const char *file)
{
    if (file == NULL)
        file = "FILE";
    cli_say_note(cli, "Send it as the body of a POST, for example:");
    cli_say_note(cli,
                 "  curl -H 'Content-Type: application/json' --data-binary @%s "
                 "https://mdmcert.download/api/v1/signrequest",
                 file);
    cli_say_note(cli, "Then open the file that arrives by mail:");
    cli_say_note(cli,
                 "  rouse cert mdmcert open --name %s "
                 "-o PushCertificateRequest.plist REPLY",
                 name);
}

/* The name of the request as given, else of the one in the answer. */
static enum cli_exit
take_request(struct cli *cli, const json_t *answer, const char *file)
{
    char *text;

    if (cli->is_json && file == NULL) {
        cli_json_print(cli, answer);
        return CLI_DONE;
    }
    text = json_dumps(cli_json_at(answer, "request"), JSON_COMPACT);
    if (text == NULL)
        return cli_say_failed(cli, "there is no request in the answer");

    enum cli_exit result = write_out(cli, file, text);

    free(text);
    if (result == CLI_DONE && !cli->is_json)
        print_next(cli, cli_json_text(answer, "name"), file);
    return result;
}

enum cli_exit
cmd_cert_mdmcert_request(struct cli *cli, const struct cli_args *args)
{
    static const struct {
        const char *name;
        enum cli_option option;
    } members[] = {
        {"email", CLI_OPT_EMAIL},
        {"key", CLI_OPT_MDMCERT_KEY},
        {"name", CLI_OPT_NAME},
        {"topic", CLI_OPT_TOPIC},
    };
    const char *file = args->values[CLI_OPT_OUTPUT];
    json_t *body = json_object();
    struct cli_path path;
    json_t *answer;

    must(body != NULL);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *value = args->values[members[i].option];

        if (value != NULL && json_object_set_new(body, members[i].name,
                                                 json_string(value)) != 0) {
            json_decref(body);
            return cli_say_misuse(cli, "--%s must be UTF-8",
                                  cli_options_text(members[i].option));
        }
    }
    if (args->values[CLI_OPT_EMAIL] == NULL ||
        args->values[CLI_OPT_MDMCERT_KEY] == NULL) {
        json_decref(body);
        return cli_say_misuse(cli, "--email (as registered there) and "
                                   "--mdmcert-key are needed");
    }
    if (file != NULL && !cli_file_is_free(cli, file)) {
        json_decref(body);
        return CLI_FAILED;
    }
    cli_path_init(&path, PATH);

    enum cli_exit result = cli_call_send(cli, "POST", &path, body, &answer);

    if (result != CLI_DONE)
        return result;
    result = take_request(cli, answer, file);
    json_decref(answer);
    return result;
}

static enum cli_exit
take_upload(struct cli *cli, const json_t *answer, const char *file)
{
    const char *upload = cli_json_text(answer, "upload");

    if (upload[0] == '\0')
        return cli_say_failed(cli, "there is no upload file in the answer");
    if (cli->is_json && file == NULL) {
        cli_json_print(cli, answer);
        return CLI_DONE;
    }

    enum cli_exit result = write_out(cli, file, upload);

    if (result == CLI_DONE && !cli->is_json)
        cli_say_note(cli, CLI_CERT_UPLOAD);
    return result;
}

/* The reply as text: hex as it came, a binary one as hex. */
static json_t *
reply_json(const char *bytes, size_t len)
{
    json_t *json = json_stringn(bytes, len);
    char *hex;

    if (json != NULL && memchr(bytes, '\0', len) == NULL)
        return json;
    json_decref(json);
    hex = malloc(len * 2 + 1);
    must(hex != NULL);
    hex_write(bytes, len, hex);
    json = json_string(hex);
    must(json != NULL);
    free(hex);
    return json;
}

#define MAX_REPLY (256 << 10) /* bytes of a reply: 256 KiB */

enum cli_exit
cmd_cert_mdmcert_open(struct cli *cli, const struct cli_args *args)
{
    const char *name = args->values[CLI_OPT_NAME];
    const char *file = args->values[CLI_OPT_OUTPUT];
    struct cli_path path;
    json_t *answer;
    char *bytes;
    size_t len;

    if (name == NULL)
        return cli_say_misuse(cli, "--name is needed: the request that this "
                                   "file answers (see rouse cert requests)");
    if (file != NULL && !cli_file_is_free(cli, file))
        return CLI_FAILED;

    enum cli_exit result =
        cli_file_read(cli, args->words[0], MAX_REPLY, &bytes, &len);

    if (result != CLI_DONE)
        return result;

    json_t *body = json_pack("{s:o}", "reply", reply_json(bytes, len));

    cli_file_free(bytes, len);
    must(body != NULL);
    cli_path_init(&path, PATH);
    cli_path_add(&path, name);
    if ((result = cli_call_send(cli, "POST", &path, body, &answer)) != CLI_DONE)
        return result;
    result = take_upload(cli, answer, file);
    json_decref(answer);
    return result;
}
