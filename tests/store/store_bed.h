/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_BED_H
#define TESTS_STORE_BED_H

/*
 * A store in a directory of its own, with a clock that stands still until it
 * is moved, and calls that wait for their completion.
 */

#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store.h"

#define BED_TOPIC "com.apple.mgmt.External.test"
#define BED_MAX   64 /* enrollments or waves copied out of one answer */
#define BED_PATH  256
#define BED_NOW   1700000000000 /* where the clock begins */
#define BED_TURNS 1000000       /* of the loop before a test gives up */

struct bed {
    char dir[BED_PATH];
    struct ev_loop *loop;
    struct store *store;
    int64_t now;
    const char *vfs;
    char why[256];
    enum store_err trouble; /* what on_trouble said last */
    int n_troubles;
    /* The last answers. */
    int n_done;
    enum store_err err;
    size_t n;
    int64_t next;
    int64_t count;
    bool is_more;
    bool is_blocked; /* a wave's page */
    struct store_settle_answer settled;
    struct store_checkin_answer checkin;
    struct store_wake_answer answers[BED_MAX];
    struct store_batch *batch;
    struct store_wave wave;
    struct store_stats stats;
    struct store_topic_count topic; /* of BED_TOPIC */
    struct store_enrollment enrollments[BED_MAX];
    struct store_event events[BED_MAX];
    struct store_identity identities[BED_MAX];
    struct store_key keys[BED_MAX];
    char texts[1 << 16]; /* what those point to */
    size_t texts_len;
};

/** bed_new(): a fresh directory, the store not open yet. */
struct bed *bed_new(void);

/** bed_free(bed): close the store and remove the directory. */
void bed_free(struct bed *bed);

/** bed_open(bed): what store_open says; ${bed->why} is its reason. */
enum store_err bed_open(struct bed *bed);
void bed_close(struct bed *bed);

/** bed_start(): a bed with an open store. */
struct bed *bed_start(void);
/** bed_start_with(n): the same with d0, d1, …: ${n} devices. */
struct bed *bed_start_with(int n);
void bed_reopen(struct bed *bed);

/* For EACH: a bed with an open store as the test's state. */
int bed_set_up(void **state);
int bed_tear_down(void **state);

/** bed_copy(from, to): the files of one store's directory into another. */
void bed_copy(const char *from, const char *to);

/** bed_wait(bed, n): run the loop until ${n} completions came. */
void bed_wait(struct bed *bed, int n);

/** bed_path(bed, name): static. */
const char *bed_path(const struct bed *bed, const char *name);

/* Calls that wait. They answer with the completion's error. */
enum store_err bed_checkin(struct bed *bed, enum store_checkin_type type,
                           const char *id, int64_t at);
enum store_err bed_checkin_as(struct bed *bed,
                              const struct store_checkin *checkin);
enum store_err bed_put(struct bed *bed, const struct store_enrollment *it,
                       size_t n);
/** bed_get(bed, id): NULL when unknown; valid until the next call. */
const struct store_enrollment *bed_get(struct bed *bed, const char *id);
enum store_state bed_state(struct bed *bed, const char *id);
enum store_err bed_list(struct bed *bed, const struct store_filter *filter,
                        int64_t after, size_t limit);
int64_t bed_count(struct bed *bed, const struct store_filter *filter);
int64_t bed_delete(struct bed *bed, const char *id);

enum store_asked bed_ask(struct bed *bed, const char *id);
enum store_asked bed_ask_as(struct bed *bed, const char *id,
                            const struct store_wake_terms *terms);
/** bed_claim(bed): how many; the batch is the bed's. */
size_t bed_claim(struct bed *bed);
size_t bed_claim_held(struct bed *bed, const char *topic, size_t max);
int64_t bed_next(struct bed *bed);
int64_t bed_cancel(struct bed *bed, const char *id);
enum store_err bed_settle(struct bed *bed, const struct store_settled *settled,
                          size_t n);
/** bed_settle_all(bed, effect): all that the bed's batch holds. */
void bed_settle_all(struct bed *bed, enum store_effect effect);
/** bed_settled(bed, due, effect): of one claimed push, at the bed's now. */
struct store_settled bed_settled(const struct bed *bed,
                                 const struct store_due *due,
                                 enum store_effect effect);

/** bed_wave_ask(bed, filter): its id. */
int64_t bed_wave_ask(struct bed *bed, const struct store_filter *filter);
const struct store_wave *bed_wave(struct bed *bed, int64_t id);
enum store_err bed_wave_claim(struct bed *bed, int64_t id, int64_t after,
                              size_t max);
enum store_err bed_wave_pass(struct bed *bed, int64_t id, int64_t cursor,
                             bool is_end);
enum store_err bed_wave_cancel(struct bed *bed, int64_t id);

const struct store_stats *bed_stats(struct bed *bed);

/* Completions, for tests that do not wait after every call. */
void bed_on_done(void *arg, enum store_err err);
void bed_on_count(void *arg, enum store_err err, int64_t count);
void bed_on_checkin(void *arg, enum store_err err,
                    const struct store_checkin_answer *answer);
void bed_on_enrollments(void *arg, enum store_err err,
                        const struct store_enrollment *enrollments, size_t n,
                        int64_t next);
void bed_on_asked(void *arg, enum store_err err,
                  const struct store_wake_answer *answers, size_t n,
                  struct store_batch *batch);
void bed_on_claimed(void *arg, enum store_err err, struct store_batch *batch,
                    bool is_more);
void bed_on_waves(void *arg, enum store_err err, const struct store_wave *waves,
                  size_t n, int64_t next);
void bed_on_page(void *arg, enum store_err err, struct store_batch *batch,
                 const struct store_page *page);
void bed_on_settled(void *arg, enum store_err err,
                    const struct store_settle_answer *answer);
void bed_on_events(void *arg, enum store_err err,
                   const struct store_event *events, size_t n);
void bed_on_identities(void *arg, enum store_err err,
                       const struct store_identity *identities, size_t n);
void bed_on_keys(void *arg, enum store_err err, const struct store_key *keys,
                 size_t n, int64_t next);
void bed_on_stats(void *arg, enum store_err err,
                  const struct store_stats *stats);

/** bed_enrollment(id): an enabled device with token and magic; static texts */
struct store_enrollment bed_enrollment(const char *id);

#endif /* TESTS_STORE_BED_H */
