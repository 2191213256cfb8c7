/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "cli_cert.h"
#include "cli_material.h"
#include "server/cli/cmd.h"
#include "server/cli/lib/cli_call.h"
#include "server/cli/lib/cli_file.h"
#include "server/cli/lib/cli_filter.h"
#include "server/cli/lib/cli_json.h"
#include "server/cli/term/cli_say.h"

#define WAIT_S          30  /* for the answer of APNs */
#define SEEN_WAIT_S     60  /* for the device's check-in; --timeout */
#define MAX_SEEN_WAIT_S 300 /* the server's limit */

/* A device that is to be woken as well. */
struct device {
    const char *id; /* NULL: none is */
    uint32_t wait_s;
};

/* A test that was to wake a device has done it only if the device was seen. */
static bool
is_good(const json_t *json, const struct device *device)
{
    return cli_json_is_true(json, "ok") &&
           (device->id == NULL || cli_json_is_true(json, "enrollment.seen"));
}

static enum cli_exit
print(struct cli *cli, const char *name, const json_t *json,
      const struct device *device)
{
    enum cli_exit result;

    if (cli->is_json) {
        cli_json_print(cli, json);
        return is_good(json, device) ? CLI_DONE : CLI_FAILED;
    }
    result = cli_cert_print_test(cli, name, json);
    if (device->id == NULL)
        return result;
    if (result != CLI_DONE) {
        cli_say_note(cli,
                     "%s was not woken, since the certificate does not work",
                     device->id);
        return result;
    }
    return cli_cert_print_wake(cli, cli_json_at(json, "enrollment"),
                               device->wait_s);
}

static enum cli_exit
post(struct cli *cli, const struct cli_path *path, const char *body, size_t len,
     const char *name, const struct device *device)
{
    struct cli_request request = {
        .method = "POST",
        .path = path,
        .content_type = "application/json",
        .body = body,
        .body_len = len,
        .wait_s = CLI_CERT_TEST_S + device->wait_s,
    };
    struct cli_answer answer;
    enum cli_exit result = cli_call_run(cli, &request, &answer);

    if (result == CLI_DONE)
        result = print(cli, name, answer.json, device);
    cli_call_answer_fini(&answer);
    return result;
}

static json_t *
make_body(const struct device *device)
{
    json_t *body = json_pack("{s:i}", "wait_s", WAIT_S);

    must(body != NULL);
    if (device->id == NULL ||
        (json_object_set_new(body, "enrollment_id", json_string(device->id)) ==
             0 &&
         json_object_set_new(body, "enrollment_wait_s",
                             json_integer(device->wait_s)) == 0))
        return body;
    json_decref(body);
    return NULL;
}

static enum cli_exit
test_topic(struct cli *cli, const char *topic, const struct device *device)
{
    struct cli_path path;
    json_t *body = make_body(device);
    char *text;

    if (body == NULL)
        return cli_say_misuse(cli, "--enrollment must be UTF-8");
    text = json_dumps(body, JSON_COMPACT);
    must(text != NULL);
    json_decref(body);
    cli_path_init(&path, "/v1/pushcerts");
    cli_path_add(&path, topic);
    cli_path_add(&path, "test");

    enum cli_exit result = post(cli, &path, text, strlen(text), topic, device);

    free(text);
    return result;
}

/* Without a topic it is the device's own. */
static enum cli_exit
test_device(struct cli *cli, const struct device *device)
{
    struct cli_path path;
    json_t *json;

    cli_path_init(&path, "/v1/enrollments");
    cli_path_add(&path, device->id);

    enum cli_exit result = cli_call_get(cli, &path, &json);

    if (result != CLI_DONE)
        return result;
    if (cli_json_text(json, "topic")[0] == '\0')
        result = cli_say_failed(cli,
                                "%s has no topic yet: it has sent no "
                                "TokenUpdate; test with another device",
                                device->id);
    else
        result = test_topic(cli, cli_json_text(json, "topic"), device);
    json_decref(json);
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
        result = cli_say_failed(cli, "there is no push certificate yet");
    json_array_foreach(cli_json_at(list, "pushcerts"), i, cert)
    {
        enum cli_exit one =
            test_topic(cli, cli_json_text(cert, "topic"), &(struct device){0});

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
        result = post(cli, &path, body, len, material.files[0].name,
                      &(struct device){0});
        cli_file_free(body, len);
    }
    cli_material_fini(&material);
    return result;
}

enum cli_exit
cmd_cert_test(struct cli *cli, const struct cli_args *args)
{
    const char *topic = args->values[CLI_OPT_TOPIC];
    struct device device = {.id = args->values[CLI_OPT_ENROLLMENT]};
    enum cli_exit result;

    if (args->values[CLI_OPT_FILE] != NULL) {
        if (topic != NULL || device.id != NULL)
            return cli_say_misuse(
                cli, "--file cannot be combined with --topic or --enrollment");
        return test_file(cli, args);
    }
    if (device.id == NULL) {
        if (args->values[CLI_OPT_TIMEOUT] != NULL)
            return cli_say_misuse(cli, "--timeout needs --enrollment: it "
                                       "limits the wait for the check-in");
        return topic != NULL ? test_topic(cli, topic, &device) : test_all(cli);
    }
    result = cli_filter_span(cli, args, CLI_OPT_TIMEOUT, MAX_SEEN_WAIT_S,
                             SEEN_WAIT_S, &device.wait_s);
    if (result != CLI_DONE)
        return result;
    return topic != NULL ? test_topic(cli, topic, &device)
                         : test_device(cli, &device);
}
