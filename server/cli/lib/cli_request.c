/* SPDX-License-Identifier: MIT */

#include "cli_request.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_call.h"
#include "cli_file.h"
#include "cli_json.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

#define MAX_OF_A_DAY 1000 /* names tried; the last one is left to fail */

/* False when ${text} is no UTF-8. */
static bool
add_text(json_t *body, const char *name, const char *text)
{
    return text == NULL ||
           json_object_set_new(body, name, json_string(text)) == 0;
}

enum cli_exit
cli_request_make(struct cli *cli, const struct cli_request_wish *wish,
                 json_t **request)
{
    struct cli_path path;
    json_t *body = json_pack("{s:b}", "sign", wish->is_signing);

    must(body != NULL);
    if (!add_text(body, "topic", wish->topic) ||
        !add_text(body, "name", wish->name) ||
        !add_text(body, "common_name", wish->common_name) ||
        !add_text(body, "country", wish->country) ||
        !add_text(body, "email", wish->email)) {
        json_decref(body);
        return cli_say_misuse(cli, "topic, names and addresses must be UTF-8");
    }
    cli_path_init(&path, "/v1/pushcerts/requests");
    return cli_call_send(cli, "POST", &path, body, request);
}

static bool
is_signed(const json_t *request)
{
    return json_is_string(cli_json_at(request, "upload"));
}

enum cli_exit
cli_request_write(struct cli *cli, const json_t *request, const char *file)
{
    const char *text =
        cli_json_text(request, is_signed(request) ? "upload" : "csr");
    size_t len = strlen(text);
    const json_t *warning;
    size_t i;

    json_array_foreach(cli_json_at(request, "warnings"), i, warning)
    {
        if (json_is_string(warning))
            cli_say_note(cli, "warning: %s", json_string_value(warning));
    }
    if (len == 0)
        return cli_say_failed(cli, "there is no request in the answer");
    if (file != NULL)
        return cli_file_write(cli, file, text, len);
    cli_say_text(cli->out, text);
    return CLI_DONE;
}

/* A request and what is made of it keep one name, so both have to be free. */
static bool
is_stem_free(const char *stem)
{
    static const char *const endings[] = {"csr", "plist"};
    char file[CLI_REQUEST_NAME];

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(file, sizeof file, "%s.%s", stem, endings[i]);
        if (access(file, F_OK) == 0)
            return false;
    }
    return true;
}

const char *
cli_request_name(const struct cli *cli, const char *ending, char *name)
{
    time_t now = (time_t)cli_when_unix(cli);
    struct tm tm = {0};
    char day[16];
    char stem[CLI_REQUEST_NAME - 8]; /* ".plist" fits behind it */

    localtime_r(&now, &tm);
    strftime(day, sizeof day, "%Y-%m-%d", &tm);
    snprintf(stem, sizeof stem, "PushCertificateRequest-%s", day);
    for (int i = 2; i < MAX_OF_A_DAY && !is_stem_free(stem); i++)
        snprintf(stem, sizeof stem, "PushCertificateRequest-%s-%d", day, i);
    snprintf(name, CLI_REQUEST_NAME, "%s.%s", stem, ending);
    return name;
}

void
cli_request_hint(struct cli *cli, const char *topic)
{
    struct cli_path path;
    json_t *json;
    const json_t *request;
    size_t i;

    cli_path_init(&path, "/v1/pushcerts/requests");
    json = cli_call_peek(cli, &path);
    json_array_foreach(cli_json_at(json, "requests"), i, request)
    {
        const char *name = cli_json_text(request, "name");
        char when[CLI_WHEN_TEXT];

        if (strcmp(cli_json_text(request, "topic"),
                   topic != NULL ? topic : "") != 0)
            continue;
        cli_say_note(cli,
                     "note: request %s of %s is also pending. rouse cert "
                     "requests remove %s deletes it if it is no longer needed.",
                     name,
                     cli_when_local(cli_json_text(request, "created_at"), when),
                     name);
    }
    json_decref(json);
}

void
cli_request_print_next(struct cli *cli, const json_t *request, const char *file)
{
    const char *topic = cli_json_text(request, "topic");

    if (file != NULL)
        cli_say_note(cli, "wrote %s", file);
    cli_say_note(cli, "The key stays sealed in roused, as request %s.",
                 cli_json_text(request, "name"));
    if (!is_signed(request)) {
        cli_say_note(cli, "Next: the vendor's signature, with rouse cert "
                          "sign-request or rouse cert mdmcert request.");
    } else if (topic[0] != '\0') {
        cli_say_note(cli, "Next: upload it at identity.apple.com/pushcert with "
                          "RENEW (never Create) on this topic's row; then");
        cli_say_note(cli, "  rouse cert import --renew %s FILE", topic);
    } else {
        cli_say_note(cli, "Next: upload it at identity.apple.com/pushcert with "
                          "Create a Certificate; then rouse cert import FILE");
    }
}
