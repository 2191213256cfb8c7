/* SPDX-License-Identifier: MIT */
#include "tests/courier/office.h"

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
#include "tests/support/hook_server.h"
#include "tests/support/pki_make.h"
#include "tests/support/sim_proc.h"
#include "tests/support/temp_dir.h"

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

void
office_open(struct office *office)
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

void
office_close(struct office *office)
{
    courier_close(office->courier);
    store_close(office->store);
    courier_free(office->courier);
    office->courier = NULL;
}

int
office_ignore_pipe(__attribute__((unused)) void **state)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    return sigaction(SIGPIPE, &ignore, NULL);
}

int
office_prepare(void **state)
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
    office->config.webhook_key = OFFICE_KEY;
    office->config.webhook_ca = office->ca;
    office->config.timeout_s = COURIER_MAX_TIMEOUT_S;
    office->config.now_ms = now_ms;
    office->config.now_arg = office;
    office->config.seed = 7;
    office->config.log = on_log;
    office->config.log_arg = office;
    *state = office;
    return 0;
}

int
office_clear(void **state)
{
    struct office *office = *state;

    if (office->courier != NULL)
        office_close(office);
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

    (void)loop;
    (void)revents;
    office->n_pulses++;
}

void
office_turn(struct office *office, bool (*is_so)(struct office *office))
{
    ev_tstamp begin = ev_time();
    ev_timer pulse;

    office->n_pulses = 0;
    ev_timer_init(&pulse, on_pulse, 0.01, 0.01);
    pulse.data = office;
    ev_timer_start(office->loop, &pulse);
    while (!is_so(office)) {
        ev_run(office->loop, EVRUN_ONCE);
        if (ev_time() - begin > OFFICE_PATIENCE_S)
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

void
office_tell(struct office *office, const char *text)
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
    office_turn(office, is_back);
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

void
office_look(struct office *office, uint32_t channel)
{
    office->is_back = false;
    assert_int_equal(store_outbox_next(office->store, channel, on_next, office),
                     STORE_OK);
    office_turn(office, is_back);
}

bool
office_is_delivered(struct office *office)
{
    return strstr(office->log, "event=alert_delivered") != NULL;
}

bool
office_has_failed(struct office *office)
{
    return strstr(office->log, "event=alert_not_delivered") != NULL;
}

void
office_await_empty(struct office *office, uint32_t channel)
{
    do
        office_look(office, channel);
    while (office->n_waiting > 0);
}
