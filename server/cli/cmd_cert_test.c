/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_call.h"
#include "cli_cert.h"
#include "cli_file.h"
#include "cli_json.h"
#include "cli_material.h"
#include "cli_say.h"
#include "cmd.h"

#define WAIT_S 30 /* for the answer of APNs, or for the device's check-in */

static enum cli_exit
post(struct cli *cli, const struct cli_path *path, const char *body, size_t len,
     const char *name)
{
    struct cli_request request = {
        .method = "POST",
        .path = path,
        .content_type = "application/json",
        .body = body,
        .body_len = len,
        .wait_s = CLI_CERT_TEST_S,
    };
    struct cli_answer answer;
    enum cli_exit result = cli_call_run(cli, &request, &answer);

    if (result == CLI_DONE && cli->is_json) {
        cli_json_print(cli->out, answer.json);
        result = cli_json_is_true(answer.json, "ok") ? CLI_DONE : CLI_FAILED;
    } else if (result == CLI_DONE) {
        result = cli_cert_print_test(cli, name, answer.json);
    }
    cli_call_answer_fini(&answer);
    return result;
}

static enum cli_exit
test_topic(struct cli *cli, const char *topic, const char *enrollment)
{
    struct cli_path path;
    json_t *body = json_pack("{s:i}", "wait_s", WAIT_S);
    char *text;

    must(body != NULL);
    if (enrollment != NULL &&
        json_object_set_new(body, "enrollment_id", json_string(enrollment)) !=
            0) {
        json_decref(body);
        return cli_say_misuse(cli, "--enrollment is UTF-8");
    }
    text = json_dumps(body, JSON_COMPACT);
    must(text != NULL);
    json_decref(body);
    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic);
    cli_path_add(&path, "test");

    enum cli_exit result = post(cli, &path, text, strlen(text), topic);

    free(text);
    return result;
}

/* All that are held; one that does not work does not hide the others. */
static enum cli_exit
test_all(struct cli *cli)
{
    struct cli_path path;
    const json_t *cert;
    json_t *list;
    size_t i;

    cli_path_init(&path, "/v1/pushcerts");

    enum cli_exit result = cli_call_get(cli, &path, &list);

    if (result != CLI_DONE)
        return result;
    if (json_array_size(cli_json_at(list, "pushcerts")) == 0)
        result = cli_say_failed(cli, "no push certificate is held yet");
    json_array_foreach(cli_json_at(list, "pushcerts"), i, cert)
    {
        enum cli_exit one = test_topic(cli, cli_json_text(cert, "topic"), NULL);

        if (one != CLI_DONE)
            result = one;
    }
    json_decref(list);
    return result;
}

static enum cli_exit
test_file(struct cli *cli, const struct cli_args *args)
{
    const char *file = args->values[CLI_OPT_FILE];
    struct cli_material material;
    struct certlife_check *check = NULL;
    struct cli_path path;
    enum cli_exit result = cli_material_read(
        cli, &file, 1, args->values[CLI_OPT_PASSWORD_FILE], &material);

    if (result == CLI_DONE)
        result = cli_material_check(cli, &material, &check);
    certlife_check_free(check);
    if (result == CLI_DONE) {
        size_t len;
        char *body = cli_material_body(&material, &len);

        cli_path_init(&path, "/v1/pushcerts/test");
        result = post(cli, &path, body, len, material.files[0].name);
        cli_file_free(body, len);
    }
    cli_material_fini(&material);
    return result;
}

enum cli_exit
cmd_cert_test(struct cli *cli, const struct cli_args *args)
{
    const char *topic = args->values[CLI_OPT_TOPIC];
    const char *enrollment = args->values[CLI_OPT_ENROLLMENT];
    json_t *cert;

    if (args->values[CLI_OPT_FILE] != NULL) {
        if (topic != NULL || enrollment != NULL)
            return cli_say_misuse(cli, "--file stands alone: neither --topic "
                                       "nor --enrollment");
        return test_file(cli, args);
    }
    if (topic != NULL)
        return test_topic(cli, topic, enrollment);
    if (enrollment == NULL)
        return test_all(cli);

    enum cli_exit result = cli_cert_get(cli, NULL, &cert);

    if (result != CLI_DONE)
        return result;
    result = test_topic(cli, cli_json_text(cert, "topic"), enrollment);
    json_decref(cert);
    return result;
}
