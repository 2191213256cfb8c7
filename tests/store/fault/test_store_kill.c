/* SPDX-License-Identifier: MIT */

/*
 * kill -9 in the middle of commits: what was completed is there afterwards.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_KILLS   20
#define N_AT_ONCE 8 /* requests on their way at any time */

struct writer {
    struct bed *bed;
    int pipe;
    uint32_t next; /* number of the next enrollment */
};

struct put {
    struct writer *writer;
    uint32_t number;
};

static void send_next(struct put *put);

static void
on_put(void *arg, enum store_err err)
{
    struct put *put = arg;

    if (err != STORE_OK || write(put->writer->pipe, &put->number,
                                 sizeof put->number) != sizeof put->number)
        _exit(1);
    send_next(put);
}

static void
send_next(struct put *put)
{
    struct store_enrollment it;
    char id[16];

    put->number = put->writer->next++;
    snprintf(id, sizeof id, "n%u", put->number);
    it = bed_enrollment(id);
    if (store_enrollment_put(put->writer->bed->store, &it, 1, on_put, put) !=
        STORE_OK)
        _exit(1);
}

/* Write for ever; every completed number goes to the pipe. */
static void
run_writer(struct bed *bed, int pipe, uint32_t first)
{
    struct writer writer = {bed, pipe, first};
    struct put puts[N_AT_ONCE];

    bed->loop = ev_loop_new(EVFLAG_AUTO); /* the other is the parent's */
    bed->n_done = 0;
    if (bed_open(bed) != STORE_OK)
        _exit(1);
    for (int i = 0; i < N_AT_ONCE; i++) {
        puts[i].writer = &writer;
        send_next(&puts[i]);
    }
    for (;;)
        bed_wait(bed, 1);
}

static bool
read_number(int pipe, uint32_t *number)
{
    ssize_t n;

    do {
        n = read(pipe, number, sizeof *number);
    } while (n < 0 && errno == EINTR);
    assert_true(n == 0 || n == sizeof *number);
    return n > 0;
}

/* Kill it behind its ${after}-th completion; the highest number it told. */
static uint32_t
kill_writer(struct bed *bed, uint32_t first, uint32_t after)
{
    uint32_t number = first, n = 0;
    int pipes[2], status;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        run_writer(bed, pipes[1], first);
    }
    close(pipes[1]);
    while (read_number(pipes[0], &number)) {
        if (++n == after)
            kill(child, SIGKILL);
    }
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_true(n >= after);
    return number;
}

TEST(every_completed_request_survives_a_kill)
{
    struct bed *bed = bed_new();
    uint32_t chance = 12345, last = 0;

    for (int i = 0; i < N_KILLS; i++) {
        chance = chance * 1664525 + 1013904223;
        last = kill_writer(bed, last + 1, 1 + (chance >> 24));
        assert_int_equal(bed_open(bed), STORE_OK);
        for (uint32_t number = last > 300 ? last - 300 : 1; number <= last;
             number++) {
            char id[16];

            snprintf(id, sizeof id, "n%u", number);
            assert_non_null(bed_get(bed, id));
        }
        /* What was on its way is there as a whole or not at all. */
        assert_in_range(bed_stats(bed)->n_enrollments, last,
                        last + (uint32_t)(i + 1) * N_AT_ONCE);
        assert_int_equal(bed->topic.n[STORE_STATE_ENABLED],
                         bed->stats.n_enrollments);
        bed_close(bed);
    }
    bed_free(bed);
}
