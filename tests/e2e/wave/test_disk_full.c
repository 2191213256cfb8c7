/* SPDX-License-Identifier: MIT */

/*
 * The disk under the daemon is full, and then it is not any more. Once by a
 * limit on the size of its files, which needs nothing, and once by a small
 * file system, which takes a namespace of mounts.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/e2e_stage.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define N_FLEET       2000
#define MAX_CHECK_INS 20000 /* so many fit into no test's disk */
#define SMALL_DISK    "size=32m"
#define SMALL_FILE    65536 /* bytes that a file may have in the end */

struct disk {
    struct e2e_stage *stage;
    char *mount; /* the small file system, or NULL */
    char *filler;
    const char *tmpdir; /* of the environment, or NULL */
    size_t next;        /* number of the next device */
};

/*
 * The daemon's files may not grow beyond the small one.
 */

static int
set_up_limit(void **state)
{
    struct disk *disk = calloc(1, sizeof *disk);

    assert_non_null(disk);
    *state = disk;
    disk->tmpdir = getenv("TMPDIR");
    disk->stage = e2e_stage_new(NULL, NULL);
    return 0;
}

static void
limit_files(const struct disk *disk, rlim_t bytes)
{
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

    assert_int_equal(
        prlimit(disk->stage->daemon->child.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/*
 * The state directory lies on a small file system, which the daemon finds as
 * the place for temporary directories.
 */

/* False: it needs rights that we do not have. */
static bool
mount_small(const char *path)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", path, "tmpfs", 0, SMALL_DISK) == 0;
}

static int
set_up_mount(void **state)
{
    struct disk *disk = calloc(1, sizeof *disk);
    char *mount_dir = temp_dir_new();

    assert_non_null(disk);
    *state = disk;
    if (!mount_small(mount_dir)) {
        temp_dir_free(mount_dir);
        return 0;
    }
    disk->mount = mount_dir;
    disk->filler = temp_dir_path(mount_dir, "filler");
    disk->tmpdir = getenv("TMPDIR");
    setenv("TMPDIR", mount_dir, 1);
    disk->stage = e2e_stage_new(NULL, NULL);
    return 0;
}

static int
tear_down(void **state)
{
    struct disk *disk = *state;

    e2e_stage_free(disk->stage);
    if (disk->tmpdir != NULL)
        setenv("TMPDIR", disk->tmpdir, 1);
    else
        unsetenv("TMPDIR");
    if (disk->mount != NULL) {
        umount2(disk->mount, MNT_DETACH);
        temp_dir_free(disk->mount);
    }
    free(disk->filler);
    free(disk);
    return 0;
}

EACH(set_up_limit, tear_down);

static void
fill(const struct disk *disk)
{
    static const char block[4096];
    int fd;

    if (disk->mount == NULL) {
        limit_files(disk, SMALL_FILE);
        return;
    }
    fd = open(disk->filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0)
        ;
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

static void
make_room(const struct disk *disk)
{
    if (disk->mount == NULL)
        limit_files(disk, RLIM_INFINITY);
    else
        assert_int_equal(unlink(disk->filler), 0);
}

/* ENOSPC says that the disk is full; EFBIG only that it fails. */
static void
assert_refused(const struct disk *disk, long status, const char *code)
{
    if (disk->mount != NULL) {
        assert_int_equal(status, 507);
        assert_string_equal(code, "disk_full");
    } else {
        assert_int_equal(status, 500);
        assert_string_equal(code, "disk_failed");
    }
}

/* New devices check in until one is turned away; that one's number. */
static size_t
check_in_until_refused(struct disk *disk)
{
    char code[32];
    long status;

    for (int i = 0; i < MAX_CHECK_INS; i++) {
        status = e2e_stage_check_in(disk->stage, disk->next++, code);
        if (status == 200)
            continue;
        assert_refused(disk, status, code);
        return disk->next - 1;
    }
    fail_msg("the disk never got full");
    return 0;
}

static void
assert_enrolled(const struct disk *disk, size_t i, bool is_enrolled)
{
    json_t *json = e2e_stage_get_enrollment(disk->stage, i);
    const char *state = json_string_value(json_object_get(json, "state"));

    if (is_enrolled)
        assert_string_equal(state, "enabled");
    else
        assert_null(json);
    json_decref(json);
}

/* The same, and the daemon says that it is not well. A smaller write of its
 * own may have found room meanwhile; then so may the next check-in. */
static size_t
check_in_until_unwell(struct disk *disk)
{
    int64_t since_ms = e2e_stage_now();
    size_t refused = check_in_until_refused(disk);

    while (e2e_stage_status(disk->stage, "/healthz") != 503) {
        e2e_stage_pause(since_ms, "/healthz to fail");
        disk->next = refused;
        refused = check_in_until_refused(disk);
    }
    return refused;
}

/* All that were told 200 are there, and nothing of the others. */
static void
assert_only_missing(const struct disk *disk, size_t missing)
{
    for (size_t i = 0; i < disk->next; i++)
        assert_enrolled(disk, i, i != missing);
}

static void
await_room(struct disk *disk, size_t i)
{
    int64_t since_ms = e2e_stage_now();
    char code[32];

    while (e2e_stage_check_in(disk->stage, i, code) != 200)
        e2e_stage_pause(since_ms, "room on the disk");
    e2e_stage_await_status(disk->stage, "/healthz", 200);
}

/* A wake may find the little room that a check-in did not; it is promised
 * then, and else refused. */
static bool
ask_one(const struct disk *disk, size_t i)
{
    struct http_answer answer;
    bool is_promised;
    char body[64];
    char id[37];

    fleet_id(i, id);
    snprintf(body, sizeof body, "{\"ids\":[\"%s\"]}", id);
    daemon_proc_send(disk->stage->daemon, "POST", "/v1/wakes",
                     "application/json", body, &answer);
    is_promised = answer.status == 202;
    if (!is_promised)
        assert_in_range(answer.status, 500, 507);
    http_call_free(&answer);
    return is_promised;
}

static void
check_ins_on_a_full_disk(struct disk *disk)
{
    int n_promised;
    size_t refused;

    e2e_stage_await_cert(disk->stage, "ready");
    fill(disk);
    refused = check_in_until_unwell(disk);
    assert_int_equal(e2e_stage_status(disk->stage, "/v1/status"), 200);
    assert_only_missing(disk, refused);
    n_promised = refused > 0 && ask_one(disk, 0);

    make_room(disk);
    await_room(disk, refused);
    assert_only_missing(disk, disk->next);
    assert_true(ask_one(disk, refused));
    e2e_stage_await_sim(disk->stage, "accepted", n_promised + 1);

    daemon_proc_stop(disk->stage->daemon);
    daemon_proc_again(disk->stage->daemon);
    assert_only_missing(disk, disk->next);
}

/* What APNs has accepted is remembered until it can be stored: no device is
 * woken twice for a full disk. */
static void
a_wave_on_a_full_disk(struct disk *disk)
{
    struct e2e_stage *stage = disk->stage;
    size_t n = e2e_stage_scaled(N_FLEET);
    struct fleet_tally tally;
    int64_t wave;

    e2e_stage_enroll(stage, n);
    e2e_stage_await_cert(stage, "ready");
    sim_proc_tell(stage->sim, "after %zu hold", n / 10);
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_sim(stage, "accepted", (int64_t)n / 10);
    fill(disk);
    assert_true(e2e_stage_count(stage, wave, "accepted") < (int64_t)n);
    sim_proc_tell(stage->sim, "reset-faults");
    sim_proc_tell(stage->sim, "release");
    e2e_stage_await_status(stage, "/healthz", 503);
    make_room(disk);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    assert_int_equal(tally.n_repeated, 0);
    e2e_stage_await_status(stage, "/healthz", 200);
}

TEST(files_that_may_not_grow_refuse_check_ins)
{
    check_ins_on_a_full_disk(*state);
}

TEST(files_that_may_not_grow_only_delay_a_wave)
{
    a_wave_on_a_full_disk(*state);
}

TEST_WITH(a_full_disk_refuses_check_ins, set_up_mount, tear_down)
{
    struct disk *disk = *state;

    if (disk->mount == NULL)
        skip();
    check_ins_on_a_full_disk(disk);
}

TEST_WITH(a_full_disk_only_delays_a_wave, set_up_mount, tear_down)
{
    struct disk *disk = *state;

    if (disk->mount == NULL)
        skip();
    a_wave_on_a_full_disk(disk);
}
