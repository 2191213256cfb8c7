/* SPDX-License-Identifier: MIT */

/*
 * The courier against receivers and commands, good and bad, with the real
 * store. The wall clock is the test's: what is put off comes when it is set.
 */

#include <ev.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/courier/courier.h"
#include "server/courier/parcel.h"
#include "store/store.h"
#include "tests/courier/hook_server.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"

#define KEY        "a key of thirty-one characters."
#define PATIENCE_S 60
#define GAP_S      0.5 /* no turn of the loop may take longer */

struct office {
    char *dir;
    char *pki; /* a throwaway CA and its server certificate */
    char *ca;
    struct ev_loop *loop;
    struct store *store;
    struct courier_config config;
    struct courier *courier;
    struct hook_server *server;
    char url[128];
    int64_t now_ms;
    char log[65536];
    size_t n_waiting; /* last answer of look() */
    uint32_t attempt;
    bool is_back;
    ev_tstamp last_turn;
    ev_tstamp longest;
};

static int64_t
now_ms(void *arg)
{
    return ((struct office *)arg)->now_ms;
}

static void
on_log(void *arg, enum apns_log_level level, const char *line)
{
    struct office *office = arg;
    size_t len = strlen(office->log);

    (void)level;
    snprintf(office->log + len, sizeof office->log - len, "%s\n", line);
}

static void
open_office(struct office *office)
{
    struct store_options options = {
        .dir = office->dir, .now_ms = now_ms, .now_arg = office};
    char why[256];

    if (store_open(office->loop, &options, &office->store, why) != STORE_OK)
        fail_msg("store_open: %s", why);
    if (!courier_new(office->loop, office->store, &office->config,
                     &office->courier, why))
        fail_msg("courier_new: %s", why);
}

static void
close_office(struct office *office)
{
    courier_close(office->courier);
    store_close(office->store);
    courier_free(office->courier);
    office->courier = NULL;
}

static int
prepare(void **state)
{
    struct office *office = calloc(1, sizeof *office);

    assert_non_null(office);
    office->dir = temp_dir_new();
    office->pki = temp_dir_new();
    free(pki_make(SIM_PROC_PROGRAM, office->pki, "com.apple.mgmt.External.hook",
                  NULL));
    office->ca = temp_dir_path(office->pki, "ca.pem");
    office->loop = ev_loop_new(EVFLAG_AUTO);
    office->server = hook_server_new(office->pki);
    office->now_ms = INT64_C(1800000000000);
    snprintf(office->url, sizeof office->url, "https://127.0.0.1:%u/hook?a=b",
             hook_server_port(office->server));
    courier_config_init(&office->config);
    office->config.webhook_url = office->url;
    office->config.webhook_key = KEY;
    office->config.webhook_ca = office->ca;
    office->config.timeout_s = 1;
    office->config.now_ms = now_ms;
    office->config.now_arg = office;
    office->config.seed = 7;
    office->config.log = on_log;
    office->config.log_arg = office;
    *state = office;
    return 0;
}

static int
clear(void **state)
{
    struct office *office = *state;

    if (office->courier != NULL)
        close_office(office);
    if (office->server != NULL)
        hook_server_free(office->server);
    ev_loop_destroy(office->loop);
    temp_dir_free(office->dir);
    temp_dir_free(office->pki);
    free(office->ca);
    free(office);
    return 0;
}

/*
 * Turning the loop until something is so.
 */

static void
on_pulse(struct ev_loop *loop, ev_timer *pulse, int revents)
{
    struct office *office = pulse->data;
    ev_tstamp now = ev_time();

    (void)loop;
    (void)revents;
    if (now - office->last_turn > office->longest)
        office->longest = now - office->last_turn;
    office->last_turn = now;
}

static void
turn_until(struct office *office, bool (*is_so)(struct office *office))
{
    ev_tstamp begin = ev_time();
    ev_timer pulse;

    office->last_turn = begin;
    office->longest = 0;
    ev_timer_init(&pulse, on_pulse, 0.01, 0.01);
    pulse.data = office;
    ev_timer_start(office->loop, &pulse);
    while (!is_so(office)) {
        ev_run(office->loop, EVRUN_ONCE);
        if (ev_time() - begin > PATIENCE_S)
            fail_msg("it takes too long; log:\n%s", office->log);
    }
    ev_timer_stop(office->loop, &pulse);
}

static bool
is_back(struct office *office)
{
    return office->is_back;
}

static void
on_put(void *arg, enum store_err err, const struct store_alert *alerts,
       size_t n)
{
    struct office *office = arg;

    (void)alerts;
    assert_int_equal(err, STORE_OK);
    assert_int_equal(n, 1);
    office->is_back = true;
}

static void
tell(struct office *office, const char *text)
{
    struct store_alert alert = {
        .kind = "expiry",
        .topic = "com.apple.mgmt.External.hook",
        .severity = "warning",
        .text = text,
        .cert = "",
        .threshold_days = 15,
    };

    office->is_back = false;
    assert_int_equal(store_alert_put(office->store, &alert, NULL,
                                     courier_channels(&office->config), on_put,
                                     office),
                     STORE_OK);
    turn_until(office, is_back);
    courier_stir(office->courier);
}

static void
on_next(void *arg, enum store_err err, const struct store_message *message)
{
    struct office *office = arg;

    assert_int_equal(err, STORE_OK);
    office->n_waiting = message != NULL;
    office->attempt = message != NULL ? message->attempt : 0;
    office->is_back = true;
}

static void
look(struct office *office, uint32_t channel)
{
    office->is_back = false;
    assert_int_equal(store_outbox_next(office->store, channel, on_next, office),
                     STORE_OK);
    turn_until(office, is_back);
}

static bool
is_delivered(struct office *office)
{
    return strstr(office->log, "event=alert_delivered") != NULL;
}

static bool
has_failed(struct office *office)
{
    return strstr(office->log, "event=alert_not_delivered") != NULL;
}

static void
await_empty(struct office *office, uint32_t channel)
{
    do
        look(office, channel);
    while (office->n_waiting > 0);
}

/*
 * The webhook.
 */

static void
sign(const char *body, char value[65])
{
    unsigned char mac[32];

    HMAC(EVP_sha256(), KEY, (int)strlen(KEY), (const unsigned char *)body,
         strlen(body), mac, NULL);
    for (int i = 0; i < 32; i++)
        snprintf(value + 2 * (size_t)i, 3, "%02x", mac[i]);
}

static void
an_alert_arrives_signed_and_leaves_the_outbox(void **state)
{
    struct office *office = *state;
    char header[128] = "X-Rouse-Signature: sha256=";
    const char *request, *body;

    open_office(office);
    tell(office, "in 15 days");
    turn_until(office, is_delivered);
    await_empty(office, COURIER_WEBHOOK);
    assert_int_equal(hook_server_count(office->server), 1);
    request = hook_server_request(office->server, 0);
    assert_ptr_equal(strstr(request, "POST /hook?a=b HTTP/"), request);
    body = strstr(request, "\r\n\r\n");
    assert_non_null(body);
    body += 4;
    sign(body, header + strlen(header));
    assert_non_null(strstr(request, header));
    assert_non_null(strstr(body, "\"text\":\"in 15 days\""));
    assert_non_null(strstr(body, "\"threshold_days\":15"));
    assert_non_null(strstr(body, "\"state\":\"open\""));
    assert_non_null(strstr(body, "\"at\":\"2027-01-15T08:00:00.000Z\""));
}

static void
a_failure_is_put_off_and_tried_again(void **state)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_FAILS);
    open_office(office);
    tell(office, "first");
    turn_until(office, has_failed);
    look(office, COURIER_WEBHOOK);
    assert_int_equal(office->attempt, 1);
    assert_non_null(strstr(office->log, "answered 500"));
    hook_server_set(office->server, HOOK_SERVER_TAKES);
    courier_stir(office->courier);
    look(office, COURIER_WEBHOOK);
    assert_int_equal(hook_server_count(office->server), 1); /* not due */
    office->now_ms += 2000;
    courier_stir(office->courier);
    turn_until(office, is_delivered);
    await_empty(office, COURIER_WEBHOOK);
}

static void
a_redirect_to_another_host_is_not_followed(void **state)
{
    struct office *office = *state;
    struct hook_server *other = hook_server_new(office->pki);
    char address[64];

    snprintf(address, sizeof address, "https://localhost:%u/",
             hook_server_port(other));
    hook_server_redirect(office->server, address);
    open_office(office);
    tell(office, "secret");
    turn_until(office, has_failed);
    assert_non_null(strstr(office->log, "no redirect is followed"));
    look(office, COURIER_WEBHOOK);
    assert_int_equal(office->n_waiting, 1);
    assert_int_equal(hook_server_count(other), 0);
    hook_server_free(other);
}

static void
one_that_hangs_is_left_after_the_timeout_and_blocks_nothing(void **state)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_HANGS);
    open_office(office);
    tell(office, "first");
    turn_until(office, has_failed);
    assert_true(office->longest < GAP_S);
    look(office, COURIER_WEBHOOK);
    assert_int_equal(office->attempt, 1);
}

static void
one_that_dribbles_is_left_after_the_timeout(void **state)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_DRIBBLES);
    open_office(office);
    tell(office, "first");
    turn_until(office, has_failed);
    assert_true(office->longest < GAP_S);
}

static void
a_receiver_whose_ca_is_not_trusted_gets_nothing(void **state)
{
    struct office *office = *state;

    office->config.webhook_ca = NULL;
    open_office(office);
    tell(office, "secret");
    turn_until(office, has_failed);
    assert_int_equal(hook_server_count(office->server), 0);
}

static bool
has_all(struct office *office)
{
    return hook_server_count(office->server) >= 50;
}

static void
a_full_outbox_is_delivered_in_order_after_a_restart(void **state)
{
    struct office *office = *state;
    char text[64];

    hook_server_set(office->server, HOOK_SERVER_HANGS);
    open_office(office);
    for (int i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "number %d.", i);
        tell(office, text);
    }
    close_office(office); /* in the middle of the first */
    hook_server_free(office->server);
    office->server = hook_server_new(office->pki);
    snprintf(office->url, sizeof office->url, "https://127.0.0.1:%u/",
             hook_server_port(office->server));
    open_office(office);
    turn_until(office, has_all);
    await_empty(office, COURIER_WEBHOOK);
    assert_int_equal(hook_server_count(office->server), 50);
    for (size_t i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "number %zu.", i);
        assert_non_null(strstr(hook_server_request(office->server, i), text));
    }
}

static bool
has_given_up(struct office *office)
{
    office->now_ms += 100000; /* some turns later any delay is over */
    courier_stir(office->courier);
    return strstr(office->log, "event=alert_given_up") != NULL;
}

static void
it_gives_up_after_about_a_day_and_says_so(void **state)
{
    struct office *office = *state;
    size_t n = 0;

    /* Nobody listens there any more. */
    hook_server_free(office->server);
    office->server = NULL;
    open_office(office);
    tell(office, "first");
    turn_until(office, has_given_up);
    await_empty(office, COURIER_WEBHOOK);
    for (const char *at = office->log;
         (at = strstr(at, "event=alert_not_delivered")) != NULL; at++)
        n++;
    assert_int_equal(n, COURIER_MAX_ATTEMPTS - 1);
}

static void
a_clock_that_was_ahead_does_not_hold_a_message_back(void **state)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_FAILS);
    office->now_ms += INT64_C(400) * 86400000;
    open_office(office);
    tell(office, "first");
    turn_until(office, has_failed);
    look(office, COURIER_WEBHOOK);
    office->now_ms -= INT64_C(400) * 86400000;
    hook_server_set(office->server, HOOK_SERVER_TAKES);
    courier_stir(office->courier);
    turn_until(office, is_delivered);
}

/*
 * The command.
 */

static void
use_command(struct office *office, const char *command)
{
    office->config.webhook_url = NULL;
    office->config.command = command;
    open_office(office);
}

static void
a_command_gets_the_alert_on_its_input(void **state)
{
    struct office *office = *state;
    char *path = temp_dir_path(office->dir, "got");
    char command[512];
    char *got;

    snprintf(command, sizeof command, "cat >'%s'", path);
    use_command(office, command);
    tell(office, "it's \\ \"quoted\" $HOME `id`");
    turn_until(office, is_delivered);
    await_empty(office, COURIER_COMMAND);
    got = temp_dir_read(path, NULL);
    assert_non_null(
        strstr(got, "\"text\":\"it's \\\\ \\\"quoted\\\" $HOME `id`\""));
    free(got);
    free(path);
}

static void
a_command_that_hangs_is_killed_with_its_children(void **state)
{
    struct office *office = *state;
    char *path = temp_dir_path(office->dir, "pid");
    char command[512];
    char *text;
    pid_t child;

    snprintf(command, sizeof command,
             "trap '' TERM; sleep 300 & echo $! >'%s'; wait", path);
    use_command(office, command);
    tell(office, "first");
    turn_until(office, has_failed);
    assert_non_null(strstr(office->log, "was killed"));
    assert_true(office->longest < GAP_S);
    text = temp_dir_read(path, NULL);
    child = (pid_t)strtol(text, NULL, 10);
    assert_true(child > 1);
    /* Gone, or a zombie that its new parent has not seen yet. */
    if (kill(child, 0) == 0) {
        char stat[64], line[256] = "";
        FILE *file;

        snprintf(stat, sizeof stat, "/proc/%d/stat", (int)child);
        if ((file = fopen(stat, "r")) != NULL) {
            assert_true(fgets(line, sizeof line, file) == NULL ||
                        strstr(line, ") Z") != NULL);
            fclose(file);
        }
    }
    free(text);
    free(path);
}

static void
a_command_that_fails_is_run_again(void **state)
{
    struct office *office = *state;

    use_command(office, "exit 3");
    tell(office, "first");
    turn_until(office, has_failed);
    assert_non_null(strstr(office->log, "ended with status 3"));
    look(office, COURIER_COMMAND);
    assert_int_equal(office->attempt, 1);
}

static void
a_command_that_reads_nothing_is_fine(void **state)
{
    struct office *office = *state;

    use_command(office, "true");
    tell(office, "first");
    turn_until(office, is_delivered);
}

/*
 * Without a network.
 */

static void
delays_double_to_an_hour_and_make_a_day(void **state)
{
    int64_t sum = 0;

    (void)state;
    assert_int_equal(parcel_delay_ms(1, 0), 750);
    assert_int_equal(parcel_delay_ms(1, UINT32_MAX), 1250);
    assert_int_equal(parcel_delay_ms(12, UINT32_MAX / 2 + 1) / 1000, 2048);
    assert_int_equal(parcel_delay_ms(13, UINT32_MAX), 4500000);
    assert_int_equal(parcel_delay_ms(UINT32_MAX, 0), 2700000);
    for (uint32_t i = 1; i < COURIER_MAX_ATTEMPTS; i++)
        sum += parcel_delay_ms(i, UINT32_MAX / 2);
    assert_true(sum > INT64_C(80000000) && sum < INT64_C(86400000));
}

static void
what_is_not_https_is_refused_at_the_start(void **state)
{
    struct office *office = *state;
    char why[COURIER_WHY];

    office->config.webhook_url = "http://127.0.0.1/";
    assert_false(courier_new(office->loop, NULL, &office->config,
                             &office->courier, why));
    assert_non_null(strstr(why, "webhook_url"));
    office->config.webhook_url = NULL;
    office->config.timeout_s = 0;
    assert_false(courier_new(office->loop, NULL, &office->config,
                             &office->courier, why));
    assert_non_null(strstr(why, "timeout_s"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_alert_arrives_signed_and_leaves_the_outbox),
        TEST(a_failure_is_put_off_and_tried_again),
        TEST(a_redirect_to_another_host_is_not_followed),
        TEST(one_that_hangs_is_left_after_the_timeout_and_blocks_nothing),
        TEST(one_that_dribbles_is_left_after_the_timeout),
        TEST(a_receiver_whose_ca_is_not_trusted_gets_nothing),
        TEST(a_full_outbox_is_delivered_in_order_after_a_restart),
        TEST(it_gives_up_after_about_a_day_and_says_so),
        TEST(a_clock_that_was_ahead_does_not_hold_a_message_back),
        TEST(a_command_gets_the_alert_on_its_input),
        TEST(a_command_that_hangs_is_killed_with_its_children),
        TEST(a_command_that_fails_is_run_again),
        TEST(a_command_that_reads_nothing_is_fine),
        cmocka_unit_test(delays_double_to_an_hour_and_make_a_day),
        TEST(what_is_not_https_is_refused_at_the_start),
    };
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
