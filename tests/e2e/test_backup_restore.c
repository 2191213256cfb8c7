/* SPDX-License-Identifier: MIT */

/*
 * A backup made while all runs, restored into another state directory: its
 * daemon wakes the fleet.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_scene.h"
#include "tests/support/fleet.h"
#include "tests/support/http_raw.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define LARGE_FLEET 20000 /* whose copy no socket's buffer holds */

static void
copy_file(const char *from, const char *to)
{
    size_t len;
    char *bytes = temp_dir_read(from, &len);
    FILE *file = fopen(to, "wbe");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(to, 0600), 0);
    free(bytes);
}

/* Stop the daemon, and start one on a new state directory with the backup and
   the master key as deploy/doc/operating.md has it. */
static void
restore(struct cli_scene *scene, const char *backup)
{
    char *ca_file = temp_dir_path(scene->dir, "ca.pem");
    char *state = temp_dir_path(scene->dir, "restored");
    char *key = temp_dir_path(scene->daemon->state_dir, "master.key");
    char *new_key = temp_dir_path(state, "master.key");
    char *new_db = temp_dir_path(state, "rouse.db");
    const char *const options[] = {"--state-dir", state, "--listen",
                                   "127.0.0.1:0", NULL};

    assert_int_equal(mkdir(state, 0700), 0);
    copy_file(key, new_key);
    copy_file(backup, new_db);
    daemon_proc_stop(scene->daemon);
    daemon_proc_free(scene->daemon);
    scene->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, scene->sim->port,
                                      ca_file, options);
    free(ca_file);
    free(state);
    free(key);
    free(new_key);
    free(new_db);
}

static void
send_with_key(struct cli_scene *scene, const char *key, const char *path,
              long status)
{
    char header[256];
    const char *const headers[] = {header, NULL};
    struct http_call call = {.port = scene->daemon->port,
                             .method = strcmp(path, "/v1/backup") == 0 ? "POST"
                                                                       : "GET",
                             .path = path,
                             .headers = headers};
    struct http_answer answer;

    snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, &answer);
    assert_int_equal(answer.status, status);
    http_call_free(&answer);
}

static char *
make_key(struct cli_scene *scene)
{
    json_t *json = daemon_proc_json(
        scene->daemon, "POST", "/v1/keys",
        "{\"name\":\"k\",\"verbs\":[\"read\",\"admin\"]}", 201);
    char *key = strdup(json_string_value(json_object_get(json, "key")));

    assert_non_null(key);
    json_decref(json);
    return key;
}

EACH(cli_scene_set_up, cli_scene_tear_down);

TEST(a_restored_backup_wakes_the_fleet)
{
    struct cli_scene *scene = *state;
    char *backup = temp_dir_path(scene->dir, "rouse.backup");
    struct stat status;
    char id[37];
    char *key;

    cli_scene_import_cert(scene);
    cli_scene_import_fleet(scene);
    key = make_key(scene);
    RUN(scene, "backup", backup);
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "The master key is not in it");
    assert_int_equal(stat(backup, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    RUN(scene, "events");
    cli_scene_assert_says(scene->out, "backup.made");
    /* What comes after it is not in it. */
    fleet_id(0, id);
    RUN(scene, "enrollment", "remove", "--yes", id);
    cli_scene_assert_exit(scene, 0);
    restore(scene, backup);
    send_with_key(scene, key, "/v1/status", 200);
    RUN(scene, "wake", "--all", "--wait", "--timeout", "60s");
    cli_scene_assert_exit(scene, 0);
    cli_scene_assert_says(scene->out, "300 accepted");
    free(key);
    free(backup);
}

TEST(all_tokens_at_once_are_for_the_socket_alone)
{
    struct cli_scene *scene = *state;
    char *key = make_key(scene);

    send_with_key(scene, key, "/v1/backup", 403);
    free(key);
}

static void
import_large_fleet(struct cli_scene *scene)
{
    struct fleet fleet = {.topic = CLI_SCENE_TOPIC, .n = LARGE_FLEET};
    char *file = temp_dir_path(scene->dir, "large.ndjson");

    fleet_write(&fleet, file);
    RUN(scene, "enrollment", "import", file);
    cli_scene_assert_exit(scene, 0);
    free(file);
}

static long
try_backup(struct cli_scene *scene)
{
    struct http_call call = {.socket = scene->daemon->socket,
                             .method = "POST",
                             .path = "/v1/backup"};
    struct http_answer answer;
    long status;

    http_call_send(&call, &answer);
    status = answer.status;
    http_call_free(&answer);
    return status;
}

TEST(one_backup_at_a_time_until_its_client_leaves)
{
    struct cli_scene *scene = *state;
    char *scratch = temp_dir_path(scene->daemon->state_dir, "rouse.db.backup");
    char begin[13] = "";
    int fd;

    import_large_fleet(scene);
    fd = http_raw_open(scene->daemon->socket, 0);
    http_raw_say(fd, "POST /v1/backup HTTP/1.1\r\nHost: x\r\n"
                     "Content-Length: 0\r\n\r\n");
    /* Of its answer nobody reads more, so it does not end. */
    assert_int_equal(recv(fd, begin, sizeof begin - 1, MSG_WAITALL),
                     sizeof begin - 1);
    assert_string_equal(begin, "HTTP/1.1 200");
    assert_int_equal(try_backup(scene), 409);
    close(fd);
    while (try_backup(scene) != 200)
        continue;
    assert_int_not_equal(access(scratch, F_OK), 0);
    free(scratch);
}
