/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apns/link/pool.h"

#define MS UINT64_C(1000)

/* One open connection, nothing to do, at an hour of the clock. */
static struct pool_view
at_rest(void)
{
    return (struct pool_view){
        .now_us = 3600000 * MS,
        .dialled_at_us = 1 * MS,
        .settle_us = 500 * MS,
        .idle_close_us = 300000 * MS,
        .n_open = 1,
        .n_min = 1,
        .n_max = 8,
    };
}

/* Pushes have waited for all streams for a minute. */
static struct pool_view
saturated(void)
{
    struct pool_view view = at_rest();

    view.n_waiting = 1000;
    view.saturated_since_us = view.now_us - 60000 * MS;
    return view;
}

static enum pool_action
action(struct pool_view view)
{
    return pool_decide(&view).action;
}

static void
nothing_is_done_at_rest(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, 0);
}

static void
minimum_is_dialled_without_pushes(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.n_open = 0;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_min = 3;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_min = 0;
    view.n_dialing = 0;
    assert_int_equal(action(view), POOL_WAIT);
}

static void
without_minimum_a_push_or_a_new_certificate_dials(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.n_open = 0;
    view.n_min = 0;
    view.n_waiting = 1;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_waiting = 0;
    view.wants_to_try = true;
    assert_int_equal(action(view), POOL_DIAL);
}

static void
dials_keep_a_settle_time_between_them(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.n_open = 0;
    view.dialled_at_us = view.now_us - 100 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us,
                     view.dialled_at_us + 500 * MS);
    view.dialled_at_us = view.now_us - 500 * MS;
    assert_int_equal(action(view), POOL_DIAL);
    view.dialled_at_us = 0;
    assert_int_equal(action(view), POOL_DIAL);
}

static void
breaker_holds_the_dial_back(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.n_open = 0;
    view.not_before_us = view.now_us + 7000 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.not_before_us);
}

static void
stopped_identity_probes_with_one(void **state)
{
    struct pool_view view = saturated();

    (void)state;
    view.is_stopped = true;
    view.n_min = 4;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_open = 0;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    assert_int_equal(action(view), POOL_WAIT);
}

static void
lasting_saturation_opens_one_more_up_to_the_maximum(void **state)
{
    struct pool_view view = saturated();

    (void)state;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_dialing = 0;
    view.n_open = 8;
    assert_int_equal(action(view), POOL_WAIT);
}

static void
suspects_get_one_connection_beyond_the_others(void **state)
{
    struct pool_view view = saturated();

    (void)state;
    view.n_open = 8;
    view.n_apart = 3;
    assert_int_equal(action(view), POOL_DIAL_APART);
    view.has_apart = true;
    assert_int_equal(action(view), POOL_WAIT);
    view.has_apart = false;
    view.dialled_at_us = view.now_us - 100 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    view.dialled_at_us = 0;
    view.n_open = 0;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    view.is_stopped = true;
    assert_int_equal(action(view), POOL_WAIT);
}

static void
short_saturation_opens_nothing(void **state)
{
    struct pool_view view = saturated();

    (void)state;
    view.saturated_since_us = view.now_us - 499 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.now_us + 1 * MS);
    view.saturated_since_us = 0;
    assert_int_equal(action(view), POOL_WAIT);
}

static void
lowered_limit_opens_nothing(void **state)
{
    struct pool_view view = saturated();

    (void)state;
    view.has_shrunk = true;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, 0);
}

static void
unused_surplus_is_closed_after_a_while(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.n_open = 2;
    view.idle_since_us = view.now_us - 300000 * MS;
    assert_int_equal(action(view), POOL_CLOSE);
    view.idle_since_us += 1 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.now_us + 1 * MS);
}

static void
last_one_stays_warm(void **state)
{
    struct pool_view view = at_rest();

    (void)state;
    view.idle_since_us = 1;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_min = 0;
    assert_int_equal(action(view), POOL_CLOSE);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_done_at_rest),
        cmocka_unit_test(minimum_is_dialled_without_pushes),
        cmocka_unit_test(without_minimum_a_push_or_a_new_certificate_dials),
        cmocka_unit_test(dials_keep_a_settle_time_between_them),
        cmocka_unit_test(breaker_holds_the_dial_back),
        cmocka_unit_test(stopped_identity_probes_with_one),
        cmocka_unit_test(lasting_saturation_opens_one_more_up_to_the_maximum),
        cmocka_unit_test(suspects_get_one_connection_beyond_the_others),
        cmocka_unit_test(short_saturation_opens_nothing),
        cmocka_unit_test(lowered_limit_opens_nothing),
        cmocka_unit_test(unused_surplus_is_closed_after_a_while),
        cmocka_unit_test(last_one_stays_warm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
