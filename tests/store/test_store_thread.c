/* SPDX-License-Identifier: MIT */

/*
 * Many requests while completions run; meant for the thread sanitizer, too.
 */

#include "store_bed.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "store/store_request.h"
#include "tests/support/unit.h"

#define N_CHAINS 64
#define N_LINKS  50

struct chain {
    struct bed *bed;
    int number;
    int n_left;
    bool is_read;
};

static int n_ended;

static void go_on(struct chain *chain);

static void
on_written(void *arg, enum store_err err)
{
    struct chain *chain = arg;

    assert_int_equal(err, STORE_OK);
    chain->is_read = true;
    go_on(chain);
}

static void
on_read(void *arg, enum store_err err,
        const struct store_enrollment *enrollments, size_t n, int64_t next)
{
    struct chain *chain = arg;

    (void)next;
    assert_int_equal(err, STORE_OK);
    /* A read sees all writes made before it. */
    assert_int_equal(n, 1);
    assert_int_equal(enrollments[0].tally, chain->n_left);
    chain->is_read = false;
    chain->n_left--;
    go_on(chain);
}

static void
go_on(struct chain *chain)
{
    struct store *store = chain->bed->store;
    char id[16];
    const char *ids[] = {id};
    struct store_enrollment it;

    snprintf(id, sizeof id, "c%d", chain->number);
    it = bed_enrollment(id);
    if (chain->n_left == 0) {
        n_ended++;
        return;
    }
    it.tally = (uint32_t)chain->n_left;
    if (chain->is_read)
        assert_int_equal(store_enrollment_get(store, ids, 1, on_read, chain),
                         STORE_OK);
    else
        assert_int_equal(store_enrollment_put(store, &it, 1, on_written, chain),
                         STORE_OK);
    if (chain->number % 3 == 0)
        store_hand_over(store);
}

TEST(completions_may_make_requests)
{
    struct bed *bed = bed_start();
    static struct chain chains[N_CHAINS];

    n_ended = 0;
    for (int i = 0; i < N_CHAINS; i++) {
        chains[i] = (struct chain){bed, i, N_LINKS, false};
        go_on(&chains[i]);
    }
    for (int turn = 0; n_ended < N_CHAINS; turn++) {
        assert_true(turn < BED_TURNS);
        bed->n_done = 0;
        bed_stats(bed); /* keeps the loop turning */
    }
    /* Requests that waited together were committed together. */
    assert_true(bed_stats(bed)->n_commits < N_CHAINS * N_LINKS);
    assert_true(bed->stats.n_requests >= 2 * N_CHAINS * N_LINKS);
    bed_free(bed);
}

TEST(completions_come_in_the_order_of_the_requests)
{
    struct bed *bed = bed_start();
    struct store_enrollment it = bed_enrollment("a");
    struct store_filter all = {0};

    bed->n_done = 0;
    assert_int_equal(
        store_enrollment_count(bed->store, &all, bed_on_count, bed), STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->count, 0);
    assert_int_equal(store_enrollment_put(bed->store, &it, 1, NULL, NULL),
                     STORE_OK);
    assert_int_equal(
        store_enrollment_count(bed->store, &all, bed_on_count, bed), STORE_OK);
    bed_wait(bed, 2);
    assert_int_equal(bed->count, 1);
    bed_free(bed);
}

TEST(too_many_pending_are_refused)
{
    struct bed *bed = bed_start();
    struct store_filter all = {0};

    bed->n_done = 0;
    for (int i = 0; i < STORE_MAX_PENDING; i++)
        assert_int_equal(
            store_enrollment_count(bed->store, &all, bed_on_count, bed),
            STORE_OK);
    assert_int_equal(
        store_enrollment_count(bed->store, &all, bed_on_count, bed),
        STORE_EBUSY);
    bed_wait(bed, STORE_MAX_PENDING);
    assert_int_equal(
        store_enrollment_count(bed->store, &all, bed_on_count, bed), STORE_OK);
    bed_wait(bed, STORE_MAX_PENDING + 1);
    bed_free(bed);
}

/*
 * Lanes: requests of our own, whose first one keeps the store thread until
 * the others wait.
 */

#define MAX_NOTED 16

struct noted {
    struct store_request request;
    struct bed *bed;
    char name; /* lower case: usual; upper case: prompt */
};

static sem_t begun, gate;
static char ran[MAX_NOTED + 1]; /* names, in the order of their runs */
static size_t n_ran;

static enum store_err
run_noted(struct store_request *request, struct db *db)
{
    struct noted *it = (struct noted *)request;

    (void)db;
    ran[n_ran++] = it->name;
    if (it->name == 'a' || it->name == 'A') {
        sem_post(&begun);
        sem_wait(&gate);
    }
    return STORE_OK;
}

static void
complete_noted(struct store_request *request, enum store_err err)
{
    struct noted *it = (struct noted *)request;

    assert_int_equal(err, STORE_OK);
    it->bed->n_done++;
}

static const struct store_request_kind noted_write = {
    .is_write = true,
    .run = run_noted,
    .complete = complete_noted,
    .size = sizeof(struct noted),
};

static const struct store_request_kind noted_read = {
    .run = run_noted,
    .complete = complete_noted,
    .size = sizeof(struct noted),
};

static void
make_noted(struct bed *bed, const struct store_request_kind *kind,
           const char *names)
{
    for (; *names != '\0'; names++) {
        struct noted like = {.bed = bed, .name = *names};

        like.request.is_prompt = *names >= 'A' && *names <= 'Z';
        assert_int_equal(store_request_put(bed->store, kind, &like, NULL),
                         STORE_OK);
    }
}

/* ${then} comes while the 'a' or 'A' of ${first} is run. */
static void
run_lanes(struct bed *bed, const struct store_request_kind *kind,
          const char *first, const char *then)
{
    memset(ran, 0, sizeof ran);
    n_ran = 0;
    bed->n_done = 0;
    assert_int_equal(sem_init(&begun, 0, 0), 0);
    assert_int_equal(sem_init(&gate, 0, 0), 0);
    make_noted(bed, kind, first);
    store_hand_over(bed->store);
    sem_wait(&begun);
    make_noted(bed, kind, then);
    store_hand_over(bed->store);
    sem_post(&gate);
    bed_wait(bed, (int)(strlen(first) + strlen(then)));
    sem_destroy(&gate);
    sem_destroy(&begun);
}

TEST(prompt_requests_end_a_transaction_of_others)
{
    struct bed *bed = bed_start();

    run_lanes(bed, &noted_write, "abcd", "XeY");
    assert_string_equal(ran, "aXYbcde");
    run_lanes(bed, &noted_read, "abcd", "XeY");
    assert_string_equal(ran, "aXYbcde");
    bed_free(bed);
}

/* Z could follow A at once, but b waits as well. */
TEST(prompt_requests_do_not_starve_the_others)
{
    struct bed *bed = bed_start();

    run_lanes(bed, &noted_write, "bAc", "Z");
    assert_string_equal(ran, "AbZc");
    bed_free(bed);
}

static enum store_err late;

static void
on_late(void *arg, enum store_err err)
{
    struct bed *bed = arg;

    assert_int_equal(err, STORE_OK);
    late = store_enrollment_put(bed->store, NULL, 0, NULL, NULL);
}

TEST(a_closing_store_takes_no_more)
{
    struct bed *bed = bed_start();
    struct store_enrollment it = bed_enrollment("a");

    late = STORE_OK;
    assert_int_equal(store_enrollment_put(bed->store, &it, 1, on_late, bed),
                     STORE_OK);
    bed_close(bed);
    assert_int_equal(late, STORE_ECLOSED);
    bed_free(bed);
}
