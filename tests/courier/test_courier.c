/* SPDX-License-Identifier: MIT */

/*
 * The courier and receivers, good and bad.
 */

#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/courier/courier.h"
#include "server/courier/parcel.h"
#include "store/store.h"
#include "tests/courier/office.h"
#include "tests/support/hook_server.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

/*
 * The webhook.
 */

EACH(office_prepare, office_clear);
ALL(office_ignore_pipe, NULL);

TEST(an_alert_arrives_signed_and_leaves_the_outbox)
{
    struct office *office = *state;
    const char *request, *body;

    office_open(office);
    office_tell(office, "in 15 days");
    office_turn(office, office_is_delivered);
    office_await_empty(office, COURIER_WEBHOOK);
    assert_int_equal(hook_server_count(office->server), 1);
    request = hook_server_request(office->server, 0);
    assert_ptr_equal(strstr(request, "POST /hook?a=b HTTP/"), request);
    assert_true(hook_server_is_signed(office->server, 0, OFFICE_KEY));
    assert_false(hook_server_is_signed(office->server, 0, "another key"));
    body = hook_server_body(office->server, 0);
    assert_non_null(strstr(body, "\"text\":\"in 15 days\""));
    assert_non_null(strstr(body, "\"threshold_days\":15"));
    assert_non_null(strstr(body, "\"state\":\"open\""));
    assert_non_null(strstr(body, "\"at\":\"2027-01-15T08:00:00.000Z\""));
}

TEST(a_failure_is_put_off_and_tried_again)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_FAILS);
    office_open(office);
    office_tell(office, "first");
    office_turn(office, office_has_failed);
    office_look(office, COURIER_WEBHOOK);
    assert_int_equal(office->attempt, 1);
    assert_non_null(strstr(office->log, "answered 500"));
    hook_server_set(office->server, HOOK_SERVER_TAKES);
    courier_stir(office->courier);
    office_look(office, COURIER_WEBHOOK);
    assert_int_equal(hook_server_count(office->server), 1); /* not due */
    office->now_ms += 2000;
    courier_stir(office->courier);
    office_turn(office, office_is_delivered);
    office_await_empty(office, COURIER_WEBHOOK);
}

TEST(a_redirect_to_another_host_is_not_followed)
{
    struct office *office = *state;
    struct hook_server *other = hook_server_new(office->pki);
    char address[64];

    snprintf(address, sizeof address, "https://localhost:%u/?key=s3cret",
             hook_server_port(other));
    hook_server_redirect(office->server, address);
    office_open(office);
    office_tell(office, "secret");
    office_turn(office, office_has_failed);
    assert_non_null(strstr(office->log, "no redirect is followed"));
    assert_null(strstr(office->log, "s3cret"));
    office_look(office, COURIER_WEBHOOK);
    assert_int_equal(office->n_waiting, 1);
    assert_int_equal(hook_server_count(other), 0);
    hook_server_free(other);
}

static bool
has_come_and_held_up_nothing(struct office *office)
{
    return hook_server_count(office->server) == 1 &&
           office->n_pulses >= OFFICE_PULSES;
}

TEST(one_that_hangs_holds_up_nothing)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_HANGS);
    office_open(office);
    office_tell(office, "first");
    office_turn(office, has_come_and_held_up_nothing);
    assert_string_equal(office->log, "");
}

TEST(one_that_hangs_is_left_after_the_timeout)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_HANGS);
    office->config.timeout_s = 1;
    office_open(office);
    office_tell(office, "first");
    office_turn(office, office_has_failed);
    office_look(office, COURIER_WEBHOOK);
    assert_int_equal(office->attempt, 1);
}

TEST(one_that_dribbles_is_left_after_the_timeout)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_DRIBBLES);
    office->config.timeout_s = 1;
    office_open(office);
    office_tell(office, "first");
    office_turn(office, office_has_failed);
}

TEST(a_receiver_whose_ca_is_not_trusted_gets_nothing)
{
    struct office *office = *state;

    office->config.webhook_ca = NULL;
    office_open(office);
    office_tell(office, "secret");
    office_turn(office, office_has_failed);
    assert_int_equal(hook_server_count(office->server), 0);
}

static bool
has_all(struct office *office)
{
    return hook_server_count(office->server) >= 50;
}

TEST(a_full_outbox_is_delivered_in_order_after_a_restart)
{
    struct office *office = *state;
    char text[64];

    hook_server_set(office->server, HOOK_SERVER_HANGS);
    office_open(office);
    for (int i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "number %d.", i);
        office_tell(office, text);
    }
    office_close(office); /* in the middle of the first */
    hook_server_free(office->server);
    office->server = hook_server_new(office->pki);
    snprintf(office->url, sizeof office->url, "https://127.0.0.1:%u/",
             hook_server_port(office->server));
    office_open(office);
    office_turn(office, has_all);
    office_await_empty(office, COURIER_WEBHOOK);
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

TEST(it_gives_up_after_about_a_day_and_says_so)
{
    struct office *office = *state;
    size_t n = 0;

    /* Nobody listens there any more. */
    hook_server_free(office->server);
    office->server = NULL;
    office_open(office);
    office_tell(office, "first");
    office_turn(office, has_given_up);
    office_await_empty(office, COURIER_WEBHOOK);
    for (const char *at = office->log;
         (at = strstr(at, "event=alert_not_delivered")) != NULL; at++)
        n++;
    assert_int_equal(n, COURIER_MAX_ATTEMPTS - 1);
}

TEST(a_clock_that_was_ahead_does_not_hold_a_message_back)
{
    struct office *office = *state;

    hook_server_set(office->server, HOOK_SERVER_FAILS);
    office->now_ms += INT64_C(400) * 86400000;
    office_open(office);
    office_tell(office, "first");
    office_turn(office, office_has_failed);
    office_look(office, COURIER_WEBHOOK);
    office->now_ms -= INT64_C(400) * 86400000;
    hook_server_set(office->server, HOOK_SERVER_TAKES);
    courier_stir(office->courier);
    office_turn(office, office_is_delivered);
}

/*
 * Without a network.
 */

TEST(delays_double_to_an_hour_and_make_a_day)
{
    int64_t sum = 0;

    assert_int_equal(parcel_delay_ms(1, 0), 750);
    assert_int_equal(parcel_delay_ms(1, UINT32_MAX), 1250);
    assert_int_equal(parcel_delay_ms(12, UINT32_MAX / 2 + 1) / 1000, 2048);
    assert_int_equal(parcel_delay_ms(13, UINT32_MAX), 4500000);
    assert_int_equal(parcel_delay_ms(UINT32_MAX, 0), 2700000);
    for (uint32_t i = 1; i < COURIER_MAX_ATTEMPTS; i++)
        sum += parcel_delay_ms(i, UINT32_MAX / 2);
    assert_true(sum > INT64_C(80000000) && sum < INT64_C(86400000));
}

TEST(what_is_not_https_is_refused_at_the_start)
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
