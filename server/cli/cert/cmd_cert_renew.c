/* SPDX-License-Identifier: MIT */

/*
 * The guide through a renewal: the request, what to press at the portal, and
 * the import of what comes back.
 */

#include <string.h>
#include <time.h>

#include "apns/base/rfc3339.h"
#include "cli_cert.h"
#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_await.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/lib/cli_request.h"
#include "server/cli/term/cli_say.h"
#include "server/cli/term/cli_when.h"

struct renewal {
    struct cli *cli;
    const struct cli_args *args;
    json_t *cert;    /* in force */
    json_t *request; /* made for it */
    bool is_signing; /* roused holds a vendor credential */
    const char *file;
    char name[CLI_REQUEST_NAME];   /* of the file, when none is given */
    char upload[CLI_REQUEST_NAME]; /* of one that is yet to be signed */
};

static const char *
topic_of(const struct renewal *renewal)
{
    return cli_json_text(renewal->cert, "topic");
}

/* The account given now, else the one that is recorded; NULL: neither. */
static const char *
account_of(const struct renewal *renewal)
{
    const char *given = renewal->args->values[CLI_OPT_APPLE_ACCOUNT];
    const char *recorded = cli_json_text(renewal->cert, "apple_account");

    if (given != NULL)
        return given;
    return recorded[0] != '\0' ? recorded : NULL;
}

static enum cli_exit
look_for_vendor(struct renewal *renewal)
{
    struct cli_path path;
    struct cli_request request = {
        .method = "GET", .path = &path, .is_quiet_404 = true};
    struct cli_answer answer;

    cli_path_init(&path, "/v1/pushcerts/vendor");

    enum cli_exit result = cli_call_run(renewal->cli, &request, &answer);

    renewal->is_signing = result == CLI_DONE && answer.status != 404;
    cli_call_answer_fini(&answer);
    return result;
}

static enum cli_exit
make_request(struct renewal *renewal)
{
    const char *const *values = renewal->args->values;
    struct cli_request_wish wish = {
        .topic = topic_of(renewal),
        .common_name = values[CLI_OPT_COMMON_NAME],
        .country = values[CLI_OPT_COUNTRY],
        .email = values[CLI_OPT_EMAIL],
        .is_signing = renewal->is_signing,
    };
    enum cli_exit result;

    renewal->file = values[CLI_OPT_OUTPUT];
    cli_request_name(renewal->cli, "plist", renewal->upload);
    if (renewal->file == NULL)
        renewal->file = cli_request_name(
            renewal->cli, renewal->is_signing ? "plist" : "csr", renewal->name);
    if (!cli_file_is_free(renewal->cli, renewal->file))
        return CLI_FAILED;
    cli_request_hint(renewal->cli, topic_of(renewal));
    result = cli_request_make(renewal->cli, &wish, &renewal->request);
    if (result == CLI_DONE)
        result =
            cli_request_write(renewal->cli, renewal->request, renewal->file);
    return result;
}

/* What certlife's guide needs, from the server's words. */
static bool
read_held(const struct renewal *renewal, struct apns_cert *cert,
          struct certlife_held *held)
{
    int64_t ms;

    memset(cert, 0, sizeof *cert);
    if (!rfc3339_read(cli_json_text(renewal->cert, "not_after"), &ms))
        return false;
    cert->not_after_unix = ms / 1000;
    snprintf(cert->topic, sizeof cert->topic, "%s", topic_of(renewal));
    snprintf(cert->serial, sizeof cert->serial, "%s",
             cli_json_text(renewal->cert, "serial_number"));
    *held = (struct certlife_held){
        .cert = cert,
        .n_enrollments =
            (uint64_t)cli_json_number(renewal->cert, "enrollments"),
        .apple_account = account_of(renewal),
    };
    return true;
}

static enum cli_exit
print_guide(struct renewal *renewal)
{
    FILE *out = renewal->cli->out;
    struct apns_cert cert;
    struct certlife_held held;
    char *text;

    if (!read_held(renewal, &cert, &held))
        return cli_say_failed(renewal->cli,
                              "the answer has no not_after; is this roused?");
    if (!renewal->is_signing)
        fprintf(out,
                "wrote %s. roused has no vendor certificate, so have it signed "
                "first:\n     rouse cert sign-request --csr %s --vendor-cert F "
                "--vendor-key F --chain F -o %s\n   or, signed by "
                "mdmcert.download:\n     rouse cert mdmcert request --name %s "
                "--email MAIL --mdmcert-key KEY\n\n",
                renewal->file, renewal->file, renewal->upload,
                cli_json_text(renewal->request, "name"));
    text = certlife_guide_text(
        &held, renewal->is_signing ? renewal->file : renewal->upload,
        (int64_t)time(NULL));
    must(text != NULL);
    cli_say_prose(renewal->cli, out, text);
    free(text);
    return CLI_DONE;
}

static enum cli_exit
import(struct renewal *renewal, const char *path)
{
    const char *const *values = renewal->args->values;
    struct cli_material material;
    struct certlife_check *check = NULL;
    struct cli_cert_import import = {
        .material = &material,
        .renew = topic_of(renewal),
        .apple_account = account_of(renewal),
        .note = values[CLI_OPT_NOTE],
        .is_untested = values[CLI_OPT_NO_TEST] != NULL,
        .is_sure = values[CLI_OPT_YES] != NULL,
    };
    enum cli_exit result = cli_material_read(
        renewal->cli, &path, 1, values[CLI_OPT_PASSWORD_FILE], &material);

    if (result == CLI_DONE)
        result = cli_material_check(renewal->cli, &material, &check);
    certlife_check_free(check);
    if (result == CLI_DONE)
        result = cli_cert_import(renewal->cli, &import);
    cli_material_fini(&material);
    return result;
}

/* A wrong file is no reason to begin anew: wait for the next one. */
static enum cli_exit
await_and_import(struct renewal *renewal)
{
    char folder[CLI_AWAIT_MAX_PATH];
    char path[CLI_AWAIT_MAX_PATH];
    struct cli_await await;
    char *slash;

    snprintf(folder, sizeof folder, "%s", renewal->file);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    cli_await_init(&await, folder);
    while (cli_await_cert(renewal->cli, &await, path)) {
        enum cli_exit result = import(renewal, path);

        if (result == CLI_DONE)
            return CLI_DONE;
    }
    return cli_say_failed(renewal->cli,
                          "nothing imported. The request stays pending; later: "
                          "rouse cert import --renew %s FILE",
                          topic_of(renewal));
}

enum cli_exit
cmd_cert_renew(struct cli *cli, const struct cli_args *args)
{
    struct renewal renewal = {.cli = cli, .args = args};
    enum cli_exit result =
        cli_cert_get(cli, args->values[CLI_OPT_TOPIC], &renewal.cert);

    if (result != CLI_DONE)
        return result;
    if ((result = look_for_vendor(&renewal)) == CLI_DONE &&
        (result = make_request(&renewal)) == CLI_DONE) {
        if (cli->is_json)
            cli_json_print(cli, renewal.request);
        else
            result = print_guide(&renewal);
    }
    if (result == CLI_DONE && cli->is_asking && !cli->is_json)
        result = await_and_import(&renewal);
    json_decref(renewal.request);
    json_decref(renewal.cert);
    return result;
}
