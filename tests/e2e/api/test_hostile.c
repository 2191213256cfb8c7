/* SPDX-License-Identifier: MIT */

/*
 * Clients that mean harm, against the real daemon: it stays up, answers the
 * others, and its memory stays bounded.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/base/proc.h"
#include "tests/e2e/e2e_stage.h"
#include "tests/support/http_raw.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define CORPUS      SOURCE_DIR "/tests/fuzz/corpus/checkin_plist"
#define N_MUTANTS   30 /* of each plist of the corpus */
#define N_FLEET     5000
#define N_CLIENTS   240 /* below what one address may have open: 256 */
#define N_FLOOD     700 /* above it, and above max_connections */
#define MAX_PATH    (64 * 1024)
#define ENDLESS     (64 * 1024 * 1024) /* bytes of a body without end */
#define MAX_RSS_KIB (160 * 1024)       /* whatever they do, in a plain build */

static int
set_up(void **state)
{
    static const char *const options[] = {"--listen", "127.0.0.1:0", NULL};

    *state = e2e_stage_new(NULL, options);
    return 0;
}

EACH(set_up, e2e_stage_tear_down);

static void
assert_small(const struct e2e_stage *stage)
{
    uint64_t kib = proc_rss_kib(stage->daemon->child.pid);

    assert_true(kib > 0);
    if (e2e_stage_scaled(10) == 10 && kib > MAX_RSS_KIB)
        fail_msg("%lu KiB resident, at most %d", (unsigned long)kib,
                 MAX_RSS_KIB);
}

static uint32_t
draw(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* 200 or the client's fault, never the daemon's. */
static void
put_plist(struct e2e_stage *stage, const char *name, const char *body,
          size_t len)
{
    struct http_call call = {
        .socket = stage->daemon->socket,
        .method = "PUT",
        .path = "/v1/checkin",
        .body = body,
        .body_len = len,
    };
    struct http_answer answer;

    http_call_send(&call, &answer);
    if (answer.status != 200 && answer.status != 400 && answer.status != 413)
        fail_msg("%s: %ld %s", name, answer.status, answer.body);
    http_call_free(&answer);
}

/* As it is; then cut off somewhere, or with some bytes changed. */
static void
put_mutants(struct e2e_stage *stage, const char *name, uint32_t *seed)
{
    char *path = temp_dir_path(CORPUS, "%s", name);
    size_t len;
    char *body = temp_dir_read(path, &len);

    assert_true(len > 0);
    put_plist(stage, name, body, len);
    for (size_t i = 0; i < e2e_stage_scaled(N_MUTANTS); i++) {
        char *mutant = malloc(len);

        assert_non_null(mutant);
        memcpy(mutant, body, len);
        for (uint32_t n = draw(seed) % 4; n > 0; n--)
            mutant[draw(seed) % len] = (char)draw(seed);
        put_plist(stage, name, mutant, 1 + draw(seed) % len);
        free(mutant);
    }
    free(body);
    free(path);
}

TEST(hostile_plists_are_answered)
{
    struct e2e_stage *stage = *state;
    DIR *dir = opendir(CORPUS);
    uint32_t seed = 20251122;
    struct dirent *entry;
    size_t n = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        put_mutants(stage, entry->d_name, &seed);
        n++;
    }
    closedir(dir);
    assert_true(n > 10);
    assert_int_equal(e2e_stage_status(stage, "/healthz"), 200);
    assert_small(stage);
}

/* Says as much as the daemon takes of it now. */
static void
say_some(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n <= 0)
            break;
        text += n;
        len -= (size_t)n;
    }
}

static char *
make_long(const char *head, size_t len)
{
    char *text = malloc(len + 1);
    size_t head_len = strlen(head);

    assert_non_null(text);
    memset(text, 'A', len);
    memcpy(text, head, head_len);
    text[len] = '\0';
    return text;
}

/* Each in its own way in the middle of a request. */
static void
open_half_requests(struct e2e_stage *stage, int *fds, size_t n)
{
    static const char *const starts[] = {
        "",
        "G",
        "GET /v1/sta",
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-",
        "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n<pl",
    };
    char *path = make_long("GET /v1/push/", MAX_PATH / 2);
    char *header = make_long("GET / HTTP/1.1\r\nX: ", 64 * 1024);

    for (size_t i = 0; i < n; i++) {
        size_t way = i % 7;

        fds[i] = http_raw_open(NULL, stage->daemon->port);
        if (way == 5)
            say_some(fds[i], path, MAX_PATH / 2);
        else if (way == 6)
            say_some(fds[i], header, 64 * 1024);
        else
            say_some(fds[i], starts[way], strlen(starts[way]));
    }
    free(path);
    free(header);
}

static void
close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

/* Over TCP, where the hostile ones are. */
static void
await_tcp(struct e2e_stage *stage)
{
    struct http_call call = {
        .port = stage->daemon->port,
        .method = "GET",
        .path = "/healthz",
        .may_break = true,
    };
    int64_t since_ms = e2e_stage_now();
    long status = 0;

    while (status != 200) {
        struct http_answer answer;

        http_call_send(&call, &answer);
        status = answer.status;
        http_call_free(&answer);
        if (status != 200)
            e2e_stage_pause(since_ms, "an answer over TCP");
    }
}

TEST(half_requests_do_not_hold_up_a_wave)
{
    struct e2e_stage *stage = *state;
    struct fleet_tally tally;
    int fds[N_CLIENTS];
    int64_t wave;

    e2e_stage_enroll(stage, e2e_stage_scaled(N_FLEET));
    open_half_requests(stage, fds, N_CLIENTS);
    wave = e2e_stage_ask_wave(stage, 0);
    e2e_stage_await_wave(stage, wave);
    e2e_stage_assert_all_woken(stage, wave, &tally);
    await_tcp(stage);
    assert_small(stage);
    close_all(fds, N_CLIENTS);
    assert_int_equal(e2e_stage_status(stage, "/healthz"), 200);
}

TEST(a_flood_of_connections_is_survived)
{
    struct e2e_stage *stage = *state;
    int fds[N_FLOOD];

    open_half_requests(stage, fds, N_FLOOD);
    assert_int_equal(e2e_stage_status(stage, "/healthz"), 200);
    assert_small(stage);
    close_all(fds, N_FLOOD);
    await_tcp(stage);
    assert_small(stage);
}

/* Chunks for as long as it listens; what it took is not what it keeps. */
static void
say_endless(int fd)
{
    static const char begin[] = "PUT /v1/checkin HTTP/1.1\r\nHost: x\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n";
    char chunk[16 * 1024];
    size_t n_said = 0;

    memset(chunk, '<', sizeof chunk);
    memcpy(chunk, "3ff8\r\n", 6); /* 6 + 0x3ff8 + 2 bytes: the whole */
    memcpy(chunk + sizeof chunk - 2, "\r\n", 2);
    assert_int_equal(send(fd, begin, sizeof begin - 1, MSG_NOSIGNAL),
                     sizeof begin - 1);
    while (n_said < ENDLESS) {
        ssize_t n = send(fd, chunk, sizeof chunk, MSG_NOSIGNAL);

        if (n <= 0)
            break;
        n_said += (size_t)n;
    }
    assert_true(n_said < ENDLESS);
}

TEST(a_body_without_end_is_cut_off)
{
    struct e2e_stage *stage = *state;
    int fd = http_raw_open(stage->daemon->socket, 0);

    say_endless(fd);
    close(fd);
    assert_small(stage);
    assert_int_equal(e2e_stage_status(stage, "/healthz"), 200);
}

/* Ids of 63 letters in a path of ${len} bytes; what it is answered with. */
static char *
ask_path(struct e2e_stage *stage, size_t len)
{
    static const char rest[] = " HTTP/1.1\r\nHost: x\r\n"
                               "Connection: close\r\n\r\n";
    char *path = make_long("GET /v1/push/", len);
    int fd = http_raw_open(stage->daemon->socket, 0);

    for (size_t i = 64; i < len - 64; i += 64)
        path[i] = ',';
    http_raw_write(fd, path, len);
    http_raw_say(fd, rest);
    free(path);
    return http_raw_read(fd);
}

TEST(a_long_path_is_read_and_a_longer_one_refused)
{
    struct e2e_stage *stage = *state;
    char *answer = ask_path(stage, MAX_PATH / 2);

    if (strstr(answer, "push data missing for id") == NULL)
        fail_msg("answered %.300s", answer);
    free(answer);
    for (int i = 0; i < 4; i++) {
        answer = ask_path(stage, 2 * MAX_PATH);
        assert_memory_equal(answer, "HTTP/1.1 414 ", 13);
        free(answer);
    }
    assert_small(stage);
    assert_int_equal(e2e_stage_status(stage, "/healthz"), 200);
}
