/* SPDX-License-Identifier: MIT */

/*
 * Connections before they have said anything.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/api/front.h"

#define REST_S     0.1  /* shorter than the front's pause */
#define MAX_PASSES 20   /* of a loop that has nothing to do */
#define PATIENCE_S 10.0 /* before a test gives up */

struct bed {
    struct ev_loop *loop;
    struct front *front;
    int client;
    struct rlimit files;
};

static void
on_spoken(void *arg, int fd, const struct sockaddr *peer, socklen_t peer_len,
          bool is_wide)
{
    (void)arg;
    (void)peer;
    (void)peer_len;
    (void)is_wide;
    close(fd);
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)timer;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

/* Listens on an abstract name that the kernel chooses. */
static int
set_up(void **state)
{
    static const struct front_limits limits = {.max_waiting = 8,
                                               .timeout_s = 60};
    static struct bed bed;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t len = sizeof address;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)),
                     0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &bed.files), 0);
    bed.loop = ev_loop_new(EVBACKEND_EPOLL);
    bed.front = front_new(bed.loop, fd, &limits, on_spoken, NULL);
    bed.client = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_non_null(bed.front);
    assert_int_equal(connect(bed.client, (struct sockaddr *)&address, len), 0);
    *state = &bed;
    return 0;
}

static int
tear_down(void **state)
{
    struct bed *bed = *state;

    front_free(bed->front);
    ev_loop_destroy(bed->loop);
    close(bed->client);
    return 0;
}

/* For a while, or until the connection was accepted. */
static unsigned
count_passes(struct bed *bed, double span_s)
{
    unsigned before = ev_iteration(bed->loop);
    ev_timer timer;

    ev_timer_init(&timer, on_time, span_s, 0);
    ev_timer_start(bed->loop, &timer);
    while (ev_is_active(&timer) && front_waiting(bed->front) == 0)
        ev_run(bed->loop, EVRUN_ONCE);
    ev_timer_stop(bed->loop, &timer);
    return ev_iteration(bed->loop) - before;
}

static void
without_descriptors_it_rests_and_tries_again(void **state)
{
    struct bed *bed = *state;
    struct rlimit none = {.rlim_cur = 0, .rlim_max = bed->files.rlim_max};
    unsigned n_passes;
    uint32_t n_taken;

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    n_passes = count_passes(bed, REST_S);
    n_taken = front_waiting(bed->front);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &bed->files), 0);
    assert_int_equal(n_taken, 0);
    assert_in_range(n_passes, 1, MAX_PASSES);
    count_passes(bed, PATIENCE_S);
    assert_int_equal(front_waiting(bed->front), 1);
}

static void
only_long_paths_are_wide(void **state)
{
    static const char *const wide[] = {"GET /v1/push/", "PUT /v1/push/AB",
                                       "POST /v1/push/A"};
    static const char *const narrow[] = {"",
                                         "G",
                                         "GET /v1/push",
                                         "GET  /v1/push/",
                                         "DELETE /v1/push/",
                                         "GET /v1/pushcert"};

    (void)state;
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        assert_true(front_is_wide(wide[i], strlen(wide[i])));
    for (size_t i = 0; i < sizeof narrow / sizeof narrow[0]; i++)
        assert_false(front_is_wide(narrow[i], strlen(narrow[i])));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            without_descriptors_it_rests_and_tries_again, set_up, tear_down),
        cmocka_unit_test(only_long_paths_are_wide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
