/* SPDX-License-Identifier: MIT */

/*
 * Limits of a listening socket: who waits, and who gives place.
 */

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/api/api_private.h"
#include "server/api/auth/keyring.h"
#include "server/api/http/http_conns.h"
#include "server/api/http/httpd.h"
#include "tests/support/unit.h"

#define MAX_CONNS  8
#define REST_S     0.1   /* shorter than the pause without descriptors */
#define MAX_PASSES 20    /* of a loop that has nothing to do */
#define PATIENCE_S 120.0 /* before a test gives up */
#define ASK        "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"

struct bed {
    struct api api;
    struct httpd *httpd;
    struct sockaddr_in address;
    struct rlimit files;
    int clients[2 * MAX_CONNS];
    size_t n_clients;
    double began; /* no connection is older */
};

static int
set_up_with(void **state, uint32_t max_per_ip)
{
    struct bed *bed = calloc(1, sizeof *bed);
    socklen_t len = sizeof bed->address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_non_null(bed);
    bed->address.sin_family = AF_INET;
    bed->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&bed->address, len), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&bed->address, &len),
                     0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &bed->files), 0);
    bed->api.loop = ev_loop_new(EVBACKEND_EPOLL);
    bed->api.keyring = keyring_new();
    bed->api.config.max_conns = MAX_CONNS;
    bed->api.config.max_conns_per_ip = max_per_ip;
    bed->api.config.timeout_s = 60;
    bed->httpd = httpd_new(&bed->api, fd, false);
    bed->began = ev_time();
    assert_non_null(bed->httpd);
    *state = bed;
    return 0;
}

static int
set_up(void **state)
{
    return set_up_with(state, 0);
}

static int
set_up_per_ip(void **state)
{
    return set_up_with(state, 2);
}

static int
tear_down(void **state)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < bed->n_clients; i++)
        close(bed->clients[i]);
    httpd_free(bed->httpd);
    keyring_free(bed->api.keyring);
    ev_loop_destroy(bed->api.loop);
    free(bed);
    return 0;
}

EACH(set_up, tear_down);

/* A client from 127.0.0.${host}. */
static int
dial(struct bed *bed, unsigned host)
{
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr =
                                   htonl(INADDR_LOOPBACK - 1 + host)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(
        connect(fd, (struct sockaddr *)&bed->address, sizeof bed->address), 0);
    bed->clients[bed->n_clients++] = fd;
    return fd;
}

static void
say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void
on_time(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)timer;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

/* Runs the loop until ${fd} can be read or ${span_s} is over; -1: only that.
   Returns how often it went round. */
static unsigned
run(struct bed *bed, int fd, double span_s)
{
    unsigned before = ev_iteration(bed->api.loop);
    ev_timer timer;
    char byte;

    ev_now_update(bed->api.loop);
    ev_timer_init(&timer, on_time, span_s, 0);
    ev_timer_start(bed->api.loop, &timer);
    while (ev_is_active(&timer) &&
           (fd < 0 || recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0))
        ev_run(bed->api.loop, EVRUN_ONCE);
    ev_timer_stop(bed->api.loop, &timer);
    before = ev_iteration(bed->api.loop) - before;
    /* What was ready may take some rounds, also when the time was over. */
    for (int i = 0; fd < 0 && i < MAX_PASSES; i++)
        ev_run(bed->api.loop, EVRUN_NOWAIT);
    return before;
}

static void
expect_answer(struct bed *bed, int fd)
{
    char text[512] = "";

    run(bed, fd, PATIENCE_S);
    assert_true(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) > 0);
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
}

static void
expect_silence(struct bed *bed, int fd)
{
    char byte;

    run(bed, -1, REST_S);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
}

/* While its place is not to be had: no guest is that old. */
static void
expect_silence_in_grace(struct bed *bed, int fd)
{
    char byte;
    ssize_t n;

    run(bed, -1, REST_S);
    n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (ev_time() - bed->began < HTTP_CONN_IDLE_GRACE_S)
        assert_int_equal(n, -1);
}

TEST(without_descriptors_it_rests_and_tries_again)
{
    struct bed *bed = *state;
    struct rlimit none = {.rlim_cur = 0, .rlim_max = bed->files.rlim_max};
    int fd = dial(bed, 2);
    unsigned n_passes;
    uint32_t n_taken;

    say(fd, ASK);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    n_passes = run(bed, -1, REST_S);
    n_taken = httpd_count(bed->httpd);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &bed->files), 0);
    assert_int_equal(n_taken, 0);
    assert_in_range(n_passes, 1, MAX_PASSES);
    expect_answer(bed, fd);
}

/* Idle ones are taken for used until their grace is over. */
TEST(beyond_the_limit_they_wait_until_one_ends)
{
    struct bed *bed = *state;
    int late;

    for (int i = 0; i < MAX_CONNS; i++)
        dial(bed, 2);
    run(bed, -1, REST_S);
    assert_int_equal(httpd_count(bed->httpd), MAX_CONNS);
    late = dial(bed, 2);
    say(late, ASK);
    expect_silence_in_grace(bed, late);
    close(bed->clients[3]);
    bed->clients[3] = -1;
    expect_answer(bed, late);
}

TEST(one_that_began_a_head_gives_its_place_first)
{
    struct bed *bed = *state;
    int late, slow;

    for (int i = 0; i < MAX_CONNS - 1; i++)
        dial(bed, 2);
    slow = dial(bed, 2);
    say(slow, "GET /ver");
    run(bed, -1, REST_S);
    late = dial(bed, 2);
    say(late, ASK);
    expect_answer(bed, late);
    run(bed, slow, PATIENCE_S);
    assert_true(recv(slow, &(char){0}, 1, MSG_DONTWAIT) <= 0);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 1);
    assert_int_equal(httpd_count(bed->httpd), MAX_CONNS);
}

/* A body for /version, which takes none, and an answer that is not read. */
TEST(one_without_a_key_gives_its_place_too)
{
    struct bed *bed = *state;
    int late;

    for (int i = 0; i < MAX_CONNS; i++)
        say(dial(bed, 2), "GET /version HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 99999\r\n\r\nx");
    run(bed, -1, REST_S);
    late = dial(bed, 2);
    say(late, ASK);
    expect_silence_in_grace(bed, late);
    expect_answer(bed, late);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 1);
}

/* And the others do not. */
TEST(without_need_nobody_gives_place)
{
    struct bed *bed = *state;

    for (int i = 0; i < MAX_CONNS; i++)
        say(dial(bed, 2), "GET /ver");
    run(bed, -1, 2 * HTTP_CONN_HEAD_GRACE_S);
    assert_int_equal(httpd_count(bed->httpd), MAX_CONNS);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 0);
    say(bed->clients[0], "sion HTTP/1.1\r\nHost: x\r\n\r\n");
    expect_answer(bed, bed->clients[0]);
}

TEST_WITH(beyond_its_share_an_address_waits_alone, set_up_per_ip, tear_down)
{
    struct bed *bed = *state;
    int late, other;

    dial(bed, 2);
    dial(bed, 2);
    run(bed, -1, REST_S);
    late = dial(bed, 2);
    say(late, ASK);
    expect_silence(bed, late);
    other = dial(bed, 3);
    say(other, ASK);
    expect_answer(bed, other);
    close(bed->clients[0]);
    bed->clients[0] = -1;
    expect_answer(bed, late);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_PER_ADDRESS), 0);
}

/* A pass of the loop may end several; each place is given to one who waits. */
TEST_WITH(all_places_that_come_free_are_given, set_up_per_ip, tear_down)
{
    struct bed *bed = *state;
    int late[2];

    dial(bed, 2);
    dial(bed, 2);
    run(bed, -1, REST_S);
    for (int i = 0; i < 2; i++) {
        late[i] = dial(bed, 2);
        say(late[i], ASK);
    }
    expect_silence(bed, late[1]);
    shutdown(bed->clients[0], SHUT_WR);
    shutdown(bed->clients[1], SHUT_WR);
    expect_answer(bed, late[0]);
    expect_answer(bed, late[1]);
}

/* However many it lets wait, they are in nobody else's way. */
TEST_WITH(those_that_wait_beyond_their_share_shut_nobody_out, set_up_per_ip,
          tear_down)
{
    struct bed *bed = *state;
    int other;

    for (int i = 0; i < 2 + MAX_CONNS + 4; i++)
        dial(bed, 2);
    run(bed, -1, REST_S);
    other = dial(bed, 3);
    say(other, ASK);
    expect_answer(bed, other);
    assert_int_equal(httpd_count(bed->httpd), 3);
    assert_true(httpd_ended(bed->httpd, HTTP_CONN_END_PER_ADDRESS) > 0);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 0);
}

/* All places taken, none of them for anything, and address 2 wants more. */
static void
crowd(struct bed *bed)
{
    for (unsigned i = 0; i < MAX_CONNS; i++)
        say(dial(bed, 2 + i / 2), "GET /ver");
    run(bed, -1, 2 * HTTP_CONN_HEAD_GRACE_S);
    dial(bed, 2);
    run(bed, -1, REST_S);
}

TEST_WITH(one_that_waits_for_its_address_takes_no_place, set_up_per_ip,
          tear_down)
{
    struct bed *bed = *state;

    crowd(bed);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 0);
    assert_int_equal(httpd_count(bed->httpd), MAX_CONNS);
}

TEST_WITH(a_place_that_was_made_goes_to_the_new_one, set_up_per_ip, tear_down)
{
    struct bed *bed = *state;
    int late;

    crowd(bed);
    late = dial(bed, 2 + MAX_CONNS / 2);
    say(late, ASK);
    expect_answer(bed, late);
    assert_int_equal(httpd_ended(bed->httpd, HTTP_CONN_END_CROWDED), 1);
    assert_int_equal(httpd_count(bed->httpd), MAX_CONNS);
}
