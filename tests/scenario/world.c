/* SPDX-License-Identifier: MIT */
#include "tests/scenario/world.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/engine/engine_core.h"
#include "tests/scenario/fake_apns.h"
#include "tests/support/temp_dir.h"

#define START_MS     INT64_C(1800000000000)
#define QUIET_ROUNDS 6    /* nothing moved in so many: nothing will */
#define MAX_ROUNDS   5000 /* then it goes round in circles */
#define STEPS        400  /* of an advance */

static int64_t
now_ms(void *arg)
{
    const struct world *world = arg;

    return world->now_ms;
}

/*
 * A full disk, for SQLite only.
 */

static _Atomic bool disk_is_full;

static ssize_t
full_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    if (disk_is_full) {
        errno = ENOSPC;
        return -1;
    }
    return pwrite(fd, bytes, len, at);
}

static ssize_t
full_write(int fd, const void *bytes, size_t len)
{
    if (disk_is_full) {
        errno = ENOSPC;
        return -1;
    }
    return write(fd, bytes, len);
}

void
world_disk(bool is_full)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)full_pwrite);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)full_pwrite);
    vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)full_write);
    disk_is_full = is_full;
}

/*
 * Life.
 */

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    (void)arg;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
    if (getenv("SCENARIO_LOG") != NULL)
        fprintf(stderr, "    [%d] %s\n", level, line);
}

void
world_start(struct world *world)
{
    char why[256];
    enum rouse_err err;

    world->config.state_dir = world->dir;
    err = rouse_new(world->loop, &world->config, &world->rouse, why);
    if (err != ROUSE_OK)
        fail_msg("rouse_new: %s: %s", rouse_err_name(err), why);
    world_run(world);
}

struct world *
world_new(void)
{
    struct world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    fake_apns_reset();
    world_disk(false);
    world->loop = ev_loop_new(EVFLAG_AUTO);
    world->dir = temp_dir_new();
    world->now_ms = START_MS;
    rouse_config_init(&world->config);
    world->config.now_ms = now_ms;
    world->config.now_arg = world;
    world->config.seed = 7;
    world->config.log = on_log;
    world_start(world);
    return world;
}

void
world_stop(struct world *world)
{
    rouse_free(world->rouse);
    world->rouse = NULL;
}

void
world_free(struct world *world)
{
    world_disk(false);
    world_stop(world);
    ev_loop_destroy(world->loop);
    temp_dir_free(world->dir);
    free(world);
    fake_apns_reset();
}

static void
copy_file(const char *from, const char *to)
{
    static char bytes[65536];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    size_t n;

    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(to, S_IRUSR | S_IWUSR), 0);
}

static void
copy_files(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    const struct dirent *entry;

    assert_non_null(dir);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): each stream has its own state */
    while ((entry = readdir(dir)) != NULL) {
        char *source = temp_dir_path(from, "%s", entry->d_name);
        char *target = temp_dir_path(to, "%s", entry->d_name);

        if (entry->d_name[0] != '.')
            copy_file(source, target);
        free(source);
        free(target);
    }
    closedir(dir);
}

void
world_crash(struct world *world)
{
    char *dir = temp_dir_new();

    copy_files(world->dir, dir);
    world_stop(world);
    temp_dir_free(world->dir);
    world->dir = dir;
    world_start(world);
}

/*
 * Time.
 */

static void
on_events(void *arg, enum store_err err, const struct store_event *events,
          size_t n)
{
    (void)err;
    (void)events;
    (void)n;
    *(bool *)arg = true;
}

/* Through the store thread and back, so that completions have run. */
void
world_step(struct world *world)
{
    bool is_back = false;

    /* Its thread knows no fake time. */
    while (world->rouse->life.worker.n_jobs > 0)
        ev_run(world->loop, EVRUN_ONCE);
    if (store_event_list(world->rouse->store, INT64_MAX - 1, 1, on_events,
                         &is_back) != STORE_OK)
        fail_msg("store_event_list");
    while (!is_back)
        ev_run(world->loop, EVRUN_ONCE);
    ev_run(world->loop, EVRUN_NOWAIT);
}

static bool
is_still(const struct rouse *rouse)
{
    return rouse->fetch.page == NULL && !rouse->fetch.is_asking_next &&
           rouse->settler.n_underway == 0 && STAILQ_EMPTY(&rouse->laters) &&
           (rouse->settler.n_ended == 0 || rouse->disk.is_failing);
}

void
world_run(struct world *world)
{
    uint64_t n_moves = fake_apns_n_moves();
    int n_quiet = 0;

    for (int i = 0; n_quiet < QUIET_ROUNDS; i++) {
        if (i == MAX_ROUNDS)
            fail_msg("it never comes to rest");
        world_step(world);
        if (!is_still(world->rouse) || n_moves != fake_apns_n_moves())
            n_quiet = 0;
        else
            n_quiet++;
        n_moves = fake_apns_n_moves();
    }
}

/* What the engine waits for, if it comes before ${end_ms}. */
static int64_t
next_ms(const struct rouse *rouse, int64_t end_ms)
{
    int64_t next = end_ms;

    if (fetch_next(rouse) < next)
        next = fetch_next(rouse);
    if (sender_next(rouse) < next)
        next = sender_next(rouse);
    if (watch_next(rouse) < next)
        next = watch_next(rouse);
    if (sight_next(rouse) < next)
        next = sight_next(rouse);
    if (notice_next(rouse) < next)
        next = notice_next(rouse);
    if (rouse->disk.is_failing && rouse->disk.try_at_ms < next)
        next = rouse->disk.try_at_ms;
    return next;
}

void
world_advance(struct world *world, int64_t span_ms)
{
    int64_t end_ms = world->now_ms + span_ms;
    int n = 0;

    while (world->now_ms < end_ms) {
        int64_t next = next_ms(world->rouse, end_ms);
        int64_t least = world->now_ms + 1 + (n > STEPS ? span_ms / 100 : 0);

        world->now_ms = next > least ? next : least;
        if (world->now_ms > end_ms)
            world->now_ms = end_ms;
        n++;
        world_run(world);
    }
}

/*
 * Devices.
 */

struct world_device *
world_device(struct world *world, const char *id)
{
    struct world_device *device;

    for (uint32_t i = 0; i < world->n_devices; i++)
        if (strcmp(world->devices[i].id, id) == 0)
            return &world->devices[i];
    assert_true(world->n_devices < WORLD_MAX_DEVICES);
    device = &world->devices[world->n_devices++];
    snprintf(device->id, sizeof device->id, "%s", id);
    return device;
}

static void
on_checkin(void *arg, enum rouse_err err,
           const struct rouse_checkin_answer *answer)
{
    struct world *world = arg;

    world->err = err;
    if (err != ROUSE_OK && answer->detail != NULL)
        fprintf(stderr, "    check-in: %s\n", answer->detail);
}

void
world_checkin(struct world *world, const struct world_device *device,
              const char *type)
{
    unsigned char token[128];
    char base64[256];
    char plist[2048];
    int len = snprintf((char *)token, sizeof token, "%s/%u", device->id,
                       device->version);

    EVP_EncodeBlock((unsigned char *)base64, token, len);
    snprintf(plist, sizeof plist,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
             "<plist version=\"1.0\"><dict>"
             "<key>MessageType</key><string>%s</string>"
             "<key>Topic</key><string>%s</string>"
             "<key>UDID</key><string>%s</string>"
             "<key>Token</key><data>%s</data>"
             "<key>PushMagic</key><string>magic-%s</string>"
             "</dict></plist>",
             type, device->topic, device->id, base64, device->id);
    world->err = rouse_checkin(world->rouse, plist, strlen(plist), NULL,
                               on_checkin, world);
    world_run(world);
}

/*
 * Completions.
 */

void
world_on_asked(void *arg, enum rouse_err err,
               const struct rouse_wake_answer *answers, size_t n)
{
    struct world *world = arg;

    world->err = err;
    world->is_asked = true;
    world->n_results = 0;
    for (size_t i = 0; i < n && i < WORLD_MAX_RESULTS; i++) {
        struct world_result *result = &world->results[world->n_results++];

        snprintf(result->id, sizeof result->id, "%s", answers[i].id);
        snprintf(result->state, sizeof result->state, "%s", answers[i].state);
        snprintf(result->reason, sizeof result->reason, "%s",
                 answers[i].reason);
        result->asked = answers[i].asked;
        result->not_before_ms = answers[i].not_before_ms;
        result->is_answered = answers[i].is_answered;
        result->outcome = answers[i].outcome;
        result->status = answers[i].status;
    }
}

void
world_on_wave(void *arg, enum rouse_err err, const struct rouse_wave *waves,
              size_t n, int64_t next)
{
    struct world *world = arg;

    (void)next;
    world->err = err;
    if (n == 1)
        world->wave = waves[0].id;
}

void
world_on_import(void *arg, enum rouse_err err,
                const struct rouse_import_answer *answer)
{
    struct world *world = arg;

    (void)answer;
    world->err = err;
}

void
world_on_done(void *arg, enum rouse_err err)
{
    struct world *world = arg;

    world->err = err;
}
