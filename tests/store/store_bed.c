/* SPDX-License-Identifier: MIT */
#include "store_bed.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t
read_now(void *arg)
{
    const struct bed *bed = arg;

    return __atomic_load_n(&bed->now, __ATOMIC_RELAXED);
}

static void
on_trouble(void *arg, enum store_err err, const char *detail)
{
    struct bed *bed = arg;

    assert_non_null(detail);
    bed->trouble = err;
    bed->n_troubles++;
}

/* In memory when there is such a place: thousands of commits a test. */
static void
make_dir(struct bed *bed)
{
    const char *tmp = getenv("TMPDIR");

    if (tmp == NULL)
        tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(bed->dir, sizeof bed->dir, "%s/rouse-store-XXXXXX", tmp);
    assert_non_null(mkdtemp(bed->dir));
}

struct bed *
bed_new(void)
{
    struct bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    make_dir(bed);
    bed->loop = ev_loop_new(EVFLAG_AUTO);
    assert_non_null(bed->loop);
    bed->now = BED_NOW;
    return bed;
}

static void
remove_dir(const char *dir)
{
    DIR *entries = opendir(dir);
    const struct dirent *entry;
    char path[BED_PATH + 300];

    if (entries == NULL)
        return;
    while ((entry = readdir(entries)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        unlink(path);
    }
    closedir(entries);
    rmdir(dir);
}

void
bed_free(struct bed *bed)
{
    bed_close(bed);
    ev_loop_destroy(bed->loop);
    remove_dir(bed->dir);
    free(bed);
}

enum store_err
bed_open(struct bed *bed)
{
    struct store_options options = {
        .dir = bed->dir,
        .vfs = bed->vfs,
        .now_ms = read_now,
        .now_arg = bed,
        .on_trouble = on_trouble,
        .on_trouble_arg = bed,
    };

    return store_open(bed->loop, &options, &bed->store, bed->why);
}

void
bed_close(struct bed *bed)
{
    store_batch_free(bed->batch);
    bed->batch = NULL;
    store_close(bed->store);
    bed->store = NULL;
}

struct bed *
bed_start(void)
{
    struct bed *bed = bed_new();

    assert_int_equal(bed_open(bed), STORE_OK);
    return bed;
}

void
bed_reopen(struct bed *bed)
{
    bed_close(bed);
    assert_int_equal(bed_open(bed), STORE_OK);
}

static void
copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct stat found;

    assert_true(in >= 0 && out >= 0);
    assert_int_equal(fstat(in, &found), 0);
    assert_true(found.st_size == 0 ||
                sendfile(out, in, NULL, (size_t)found.st_size) ==
                    found.st_size);
    close(in);
    close(out);
}

void
bed_copy(const char *from, const char *to)
{
    DIR *entries = opendir(from);
    const struct dirent *entry;
    char old[BED_PATH + 300], new[BED_PATH + 300];

    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(old, sizeof old, "%s/%s", from, entry->d_name);
        snprintf(new, sizeof new, "%s/%s", to, entry->d_name);
        copy_file(old, new);
    }
    closedir(entries);
}

const char *
bed_path(const struct bed *bed, const char *name)
{
    static char path[BED_PATH + 64];

    snprintf(path, sizeof path, "%s/%s", bed->dir, name);
    return path;
}

/* The store alone keeps no loop running, so something else has to. */
static void
on_guard(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)timer;
    (void)events;
    fail_msg("no completion came");
}

void
bed_wait(struct bed *bed, int n)
{
    ev_timer guard;

    ev_timer_init(&guard, on_guard, 60., 0.);
    ev_timer_start(bed->loop, &guard);
    for (int turn = 0; bed->n_done < n; turn++) {
        assert_true(turn < BED_TURNS);
        ev_run(bed->loop, EVRUN_ONCE);
    }
    ev_timer_stop(bed->loop, &guard);
}

static void
begin(struct bed *bed)
{
    bed->n_done = 0;
    bed->texts_len = 0;
}

static enum store_err
finish(struct bed *bed, enum store_err err)
{
    if (err != STORE_OK)
        return err;
    bed_wait(bed, 1);
    return bed->err;
}

enum store_err
bed_checkin_as(struct bed *bed, const struct store_checkin *checkin)
{
    begin(bed);
    return finish(bed, store_checkin(bed->store, checkin, bed_on_checkin, bed));
}

enum store_err
bed_checkin(struct bed *bed, enum store_checkin_type type, const char *id,
            int64_t at)
{
    struct store_checkin checkin = {
        .type = type,
        .at_ms = at,
        .id = id,
        .topic = BED_TOPIC,
        .token = (const uint8_t *)"0123456789abcdef",
        .token_len = 16,
        .magic = "magic",
    };

    return bed_checkin_as(bed, &checkin);
}

struct store_enrollment
bed_enrollment(const char *id)
{
    return (struct store_enrollment){
        .id = id,
        .parent = "",
        .serial = "",
        .topic = BED_TOPIC,
        .token = (const uint8_t *)"0123456789abcdef0123456789abcdef",
        .token_len = 32,
        .magic = "7C8F3F0B-7D1F-4E1C-8E4A-6C2F4E6A3B10",
        .state = STORE_STATE_ENABLED,
        .token_at_ms = BED_NOW - 1000,
        .seen_at_ms = BED_NOW - 1000,
        .tally = 1,
    };
}

enum store_err
bed_put(struct bed *bed, const struct store_enrollment *it, size_t n)
{
    begin(bed);
    return finish(bed,
                  store_enrollment_put(bed->store, it, n, bed_on_done, bed));
}

const struct store_enrollment *
bed_get(struct bed *bed, const char *id)
{
    begin(bed);
    assert_int_equal(finish(bed, store_enrollment_get(bed->store, &id, 1,
                                                      bed_on_enrollments, bed)),
                     STORE_OK);
    return bed->n == 0 ? NULL : &bed->enrollments[0];
}

enum store_state
bed_state(struct bed *bed, const char *id)
{
    const struct store_enrollment *it = bed_get(bed, id);

    assert_non_null(it);
    return it->state;
}

enum store_err
bed_list(struct bed *bed, const struct store_filter *filter, int64_t after,
         size_t limit)
{
    begin(bed);
    return finish(bed, store_enrollment_list(bed->store, filter, after, limit,
                                             bed_on_enrollments, bed));
}

int64_t
bed_count(struct bed *bed, const struct store_filter *filter)
{
    begin(bed);
    assert_int_equal(finish(bed, store_enrollment_count(bed->store, filter,
                                                        bed_on_count, bed)),
                     STORE_OK);
    return bed->count;
}

int64_t
bed_delete(struct bed *bed, const char *id)
{
    begin(bed);
    assert_int_equal(
        finish(bed, store_enrollment_delete(bed->store, &id, 1, NULL,
                                            bed_on_count, bed)),
        STORE_OK);
    return bed->count;
}

enum store_asked
bed_ask_as(struct bed *bed, const char *id,
           const struct store_wake_terms *terms)
{
    begin(bed);
    assert_int_equal(finish(bed, store_wake_ask(bed->store, &id, 1, terms,
                                                bed_on_asked, bed)),
                     STORE_OK);
    return bed->answers[0].asked;
}

enum store_asked
bed_ask(struct bed *bed, const char *id)
{
    struct store_wake_terms terms = {.deadline_ms = bed->now + 3600000};

    return bed_ask_as(bed, id, &terms);
}

size_t
bed_claim_held(struct bed *bed, const char *topic, size_t max)
{
    begin(bed);
    assert_int_equal(
        finish(bed, store_wake_claim(bed->store, bed->now, &topic,
                                     topic != NULL, max, bed_on_claimed, bed)),
        STORE_OK);
    return bed->n;
}

size_t
bed_claim(struct bed *bed)
{
    return bed_claim_held(bed, NULL, STORE_MAX_BATCH);
}

int64_t
bed_next(struct bed *bed)
{
    begin(bed);
    assert_int_equal(
        finish(bed, store_wake_next(bed->store, NULL, 0, bed_on_count, bed)),
        STORE_OK);
    return bed->count;
}

int64_t
bed_cancel(struct bed *bed, const char *id)
{
    begin(bed);
    assert_int_equal(finish(bed, store_wake_cancel(bed->store, &id, 1, NULL,
                                                   bed_on_count, bed)),
                     STORE_OK);
    return bed->count;
}

enum store_err
bed_settle(struct bed *bed, const struct store_settled *settled, size_t n)
{
    begin(bed);
    return finish(bed,
                  store_settle(bed->store, settled, n, bed_on_settled, bed));
}

struct store_settled
bed_settled(const struct bed *bed, const struct store_due *due,
            enum store_effect effect)
{
    return (struct store_settled){
        .row = due->row,
        .wave = due->wave,
        .tally = due->tally,
        .ask_no = due->ask_no,
        .again = due->again,
        .effect = effect,
        .pushed_at_ms = effect == STORE_EFFECT_WAIT ? 0 : bed->now,
        .due_ms = bed->now + 60000,
        .wait_ms = 60000,
        .deadline_ms = due->deadline_ms,
        .died_at_ms = bed->now,
        .status = effect == STORE_EFFECT_ACCEPTED ? 200 : 410,
        .reason = effect == STORE_EFFECT_ACCEPTED ? "" : "Unregistered",
        .apns_id = "123e4567-e89b-12d3-a456-426614174000",
    };
}

int64_t
bed_wave_ask(struct bed *bed, const struct store_filter *filter)
{
    struct store_wave wave = {.filter = *filter, .asked_by = "test"};

    begin(bed);
    assert_int_equal(
        finish(bed, store_wave_ask(bed->store, &wave, bed_on_waves, bed)),
        STORE_OK);
    return bed->wave.id;
}

const struct store_wave *
bed_wave(struct bed *bed, int64_t id)
{
    begin(bed);
    assert_int_equal(
        finish(bed, store_wave_get(bed->store, id, bed_on_waves, bed)),
        STORE_OK);
    return &bed->wave;
}

enum store_err
bed_wave_claim(struct bed *bed, int64_t id, int64_t after, size_t max)
{
    begin(bed);
    return finish(
        bed, store_wave_claim(bed->store, id, after, max, bed_on_page, bed));
}

enum store_err
bed_wave_pass(struct bed *bed, int64_t id, int64_t cursor, bool is_end)
{
    begin(bed);
    return finish(
        bed, store_wave_pass(bed->store, id, cursor, is_end, bed_on_done, bed));
}

enum store_err
bed_wave_cancel(struct bed *bed, int64_t id)
{
    begin(bed);
    return finish(bed, store_wave_cancel(bed->store, id, bed_on_done, bed));
}

const struct store_stats *
bed_stats(struct bed *bed)
{
    begin(bed);
    assert_int_equal(
        finish(bed, store_stats_get(bed->store, bed_on_stats, bed)), STORE_OK);
    return &bed->stats;
}

int
bed_set_up(void **state)
{
    *state = bed_start();
    return 0;
}

int
bed_tear_down(void **state)
{
    bed_free(*state);
    return 0;
}

struct bed *
bed_start_with(int n)
{
    struct bed *bed = bed_start();
    char id[16];

    for (int i = 0; i < n; i++) {
        struct store_enrollment it;

        snprintf(id, sizeof id, "d%d", i);
        it = bed_enrollment(id);
        assert_int_equal(bed_put(bed, &it, 1), STORE_OK);
    }
    return bed;
}

void
bed_settle_all(struct bed *bed, enum store_effect effect)
{
    struct store_settled settled[BED_MAX];
    size_t n = bed->batch->n;

    assert_true(n <= BED_MAX);
    for (size_t i = 0; i < n; i++)
        settled[i] = bed_settled(bed, &bed->batch->due[i], effect);
    assert_int_equal(bed_settle(bed, settled, n), STORE_OK);
}
