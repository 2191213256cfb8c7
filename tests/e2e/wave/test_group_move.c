/* SPDX-License-Identifier: MIT */

/*
 * A fleet and its groups moved from one daemon to another.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/e2e/cli_scene.h"
#include "tests/support/unit.h"

#include "tests/support/fleet.h"
#include "tests/support/temp_dir.h"

#define N_GROUPED 300 /* every third of the fleet in each of two groups */

/* The other machine. */
static struct daemon_proc *
start_other(struct cli_scene *scene)
{
    char *ca = temp_dir_path(scene->dir, "ca.pem");
    struct daemon_proc *other =
        daemon_proc_start(DAEMON_PROC_PROGRAM, scene->sim->port, ca, NULL);

    free(ca);
    return other;
}

#define RUN_OTHER(scene, other, ...) \
    RUN_ANYWHERE(scene, "--socket", (other)->socket, __VA_ARGS__)

static void
make_groups(struct cli_scene *scene)
{
    RUN(scene, "group", "put", "acme", "--topic", CLI_SCENE_TOPIC);
    RUN(scene, "group", "put", "acme/north", "--permission", "inherit");
    RUN(scene, "group", "put", "acme/north/site 3");
    RUN(scene, "group", "put", "acme/other", "--topic",
        "com.apple.mgmt.External.other");
    cli_scene_assert_exit(scene, 0);
}

/* Two thirds of them into groups, one third into none. */
static void
import_grouped(struct cli_scene *scene)
{
    char *file = temp_dir_path(scene->dir, "grouped.ndjson");
    FILE *out = fopen(file, "we");
    static const char *const groups[] = {"null", "\"acme/north/site 3\"",
                                         "\"acme/other\""};

    assert_non_null(out);
    for (unsigned i = 0; i < N_GROUPED; i++)
        fprintf(out,
                "{\"id\":\"D-%u\",\"topic\":\"" CLI_SCENE_TOPIC
                "\",\"token\":\"%064x\",\"push_magic\":\"M\",\"group\":%s}\n",
                i, i, groups[i % 3]);
    assert_int_equal(fclose(out), 0);
    RUN(scene, "enrollment", "import", file);
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out, "imported 300, rejected 0\n");
    free(file);
}

/* What a command says, to free(). */
static char *
output(struct cli_scene *scene, const char *socket, const char *noun)
{
    RUN_ANYWHERE(scene, "--socket", socket, noun, "export");
    cli_scene_assert_exit(scene, 0);
    return strdup(scene->out);
}

static void
expect_same(struct cli_scene *scene, struct daemon_proc *other,
            const char *noun)
{
    char *here = output(scene, scene->daemon->socket, noun);
    char *there = output(scene, other->socket, noun);

    assert_true(strlen(here) > 0);
    assert_string_equal(here, there);
    free(here);
    free(there);
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(tree_and_fleet_are_the_same_on_the_other_side)
{
    struct cli_scene *scene = *state;
    struct daemon_proc *other = start_other(scene);
    char *tree = temp_dir_path(scene->dir, "groups.ndjson");
    char *fleet = temp_dir_path(scene->dir, "moved.ndjson");

    make_groups(scene);
    import_grouped(scene);
    RUN(scene, "group", "export", tree);
    RUN(scene, "enrollment", "export", fleet, "--secrets");
    RUN_OTHER(scene, other, "group", "import", tree);
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out, "put 4 of 4 groups\n");
    RUN_OTHER(scene, other, "enrollment", "import", fleet);
    cli_scene_assert_exit(scene, 0);
    expect_same(scene, other, "group");
    expect_same(scene, other, "enrollment");
    RUN_OTHER(scene, other, "group", "list");
    cli_scene_assert_says(scene->out, "100         100\n"); /* acme/other */
    /* the same again changes nothing */
    RUN_OTHER(scene, other, "group", "import", tree);
    RUN_OTHER(scene, other, "enrollment", "import", fleet);
    cli_scene_assert_exit(scene, 0);
    expect_same(scene, other, "enrollment");
    daemon_proc_stop(other);
    daemon_proc_free(other);
    free(tree);
    free(fleet);
}

TEST(a_line_of_an_unknown_group_is_refused_or_its_group_made)
{
    struct cli_scene *scene = *state;
    struct daemon_proc *other = start_other(scene);
    char *fleet = temp_dir_path(scene->dir, "moved.ndjson");
    char part[512];

    make_groups(scene);
    import_grouped(scene);
    RUN(scene, "enrollment", "export", fleet, "--secrets");
    RUN_OTHER(scene, other, "enrollment", "import", fleet);
    cli_scene_assert_exit(scene, 1);
    assert_string_equal(scene->out, "imported 100, rejected 200\n");
    snprintf(part, sizeof part,
             "%s:2: group acme/north/site 3: there is no such group; create it "
             "first, or import with create_groups=1 (rouse: --create-groups)",
             fleet);
    cli_scene_assert_says(scene->err, part);
    snprintf(part, sizeof part, "%s:3: group acme/other: there is no", fleet);
    cli_scene_assert_says(scene->err, part);
    RUN_OTHER(scene, other, "enrollment", "show", "D-1");
    cli_scene_assert_exit(scene, 1);
    RUN_OTHER(scene, other, "enrollment", "import", fleet, "--create-groups");
    cli_scene_assert_exit(scene, 0);
    assert_string_equal(scene->out,
                        "imported 300, rejected 0, created 4 groups\n");
    RUN_OTHER(scene, other, "events");
    cli_scene_assert_says(scene->out, "enrollment.imported");
    RUN_OTHER(scene, other, "enrollment", "list", "--group", "acme/north",
              "--json");
    cli_scene_assert_says(scene->out, "\"D-1\"");
    assert_null(strstr(scene->out, "\"D-2\""));
    daemon_proc_stop(other);
    daemon_proc_free(other);
    free(fleet);
}

/* More than one request to the store, refusals in all of them. */
TEST(refusals_are_counted_and_told_in_the_order_of_lines)
{
    struct cli_scene *scene = *state;
    char *file = temp_dir_path(scene->dir, "many.ndjson");
    FILE *out = fopen(file, "we");
    const char *at;
    long last = 0;

    assert_non_null(out);
    for (unsigned i = 0; i < 3000; i++)
        fprintf(
            out,
            i % 50 == 0
                ? "not json\n"
                : "{\"id\":\"M-%u\",\"state\":\"disabled\",\"group\":\"%s\"}\n",
            i, i % 100 == 1 ? "none" : "");
    assert_int_equal(fclose(out), 0);
    RUN(scene, "enrollment", "import", file);
    cli_scene_assert_exit(scene, 1);
    assert_string_equal(scene->out, "imported 2910, rejected 90\n");
    for (at = strstr(scene->err, "ndjson:"); at != NULL;
         at = strstr(at + 1, "ndjson:")) {
        long line = strtol(at + strlen("ndjson:"), NULL, 10);

        assert_true(line > last);
        last = line;
    }
    assert_int_equal(last, 2951);
    free(file);
}

static void
put_with_key(struct cli_scene *scene, const char *key, const char *body,
             long status)
{
    char header[256];
    const char *const headers[] = {header, "Content-Type: application/json",
                                   NULL};
    struct http_call call = {.port = scene->daemon->port,
                             .method = "PUT",
                             .path = "/v1/enrollments/X",
                             .headers = headers,
                             .body = body};
    struct http_answer answer;

    snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, &answer);
    if (answer.status != status)
        fail_msg("PUT %s: %ld: %s", body, answer.status, answer.body);
    http_call_free(&answer);
}

static void
expect_group(struct cli_scene *scene, const char *group)
{
    json_t *json =
        daemon_proc_json(scene->daemon, "GET", "/v1/enrollments/X", NULL, 200);
    const char *found = json_string_value(json_object_get(json, "group"));

    assert_string_equal(found != NULL ? found : "none", group);
    json_decref(json);
}

TEST(a_put_follows_its_group_within_what_the_key_may)
{
    struct cli_scene *scene = *state;
    struct daemon_proc *daemon = scene->daemon;
    const char *path = "/v1/enrollments/X";
    const char *key;
    json_t *json;

    make_groups(scene);
    daemon_proc_do(daemon, "PUT", path,
                   "{\"state\":\"disabled\",\"group\":\"acme/north\"}", 200);
    daemon_proc_do(daemon, "PUT", path, "{\"state\":\"disabled\"}", 200);
    daemon_proc_do(daemon, "PUT", path,
                   "{\"state\":\"disabled\",\"group\":\"none\"}", 409);
    daemon_proc_do(daemon, "PUT", path,
                   "{\"state\":\"disabled\",\"group\":\"/\"}", 400);
    expect_group(scene, "acme/north");
    json = daemon_proc_json(daemon, "POST", "/v1/keys",
                            "{\"name\":\"k\",\"verbs\":[\"read\","
                            "\"enrollments\"],\"group\":\"acme/north\"}",
                            201);
    key = json_string_value(json_object_get(json, "key"));
    put_with_key(scene, key,
                 "{\"state\":\"disabled\",\"group\":\"acme/other\"}", 403);
    put_with_key(scene, key, "{\"state\":\"disabled\",\"group\":null}", 403);
    expect_group(scene, "acme/north");
    put_with_key(scene, key,
                 "{\"state\":\"disabled\",\"group\":\"acme/north/site 3\"}",
                 200);
    expect_group(scene, "acme/north/site 3");
    json_decref(json);
    daemon_proc_do(daemon, "PUT", path,
                   "{\"state\":\"disabled\",\"group\":null}", 200);
    expect_group(scene, "none");
}
