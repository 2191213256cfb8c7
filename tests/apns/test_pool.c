/* SPDX-License-Identifier: MIT */

#include "apns/link/pool.h"
#include "tests/support/unit.h"

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

TEST(nothing_is_done_at_rest)
{
    struct pool_view view = at_rest();

    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, 0);
}

TEST(minimum_is_dialled_without_pushes)
{
    struct pool_view view = at_rest();

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

TEST(without_minimum_a_push_or_a_new_certificate_dials)
{
    struct pool_view view = at_rest();

    view.n_open = 0;
    view.n_min = 0;
    view.n_waiting = 1;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_waiting = 0;
    view.wants_to_try = true;
    assert_int_equal(action(view), POOL_DIAL);
}

TEST(dials_keep_a_settle_time_between_them)
{
    struct pool_view view = at_rest();

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

TEST(breaker_holds_the_dial_back)
{
    struct pool_view view = at_rest();

    view.n_open = 0;
    view.not_before_us = view.now_us + 7000 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.not_before_us);
}

TEST(stopped_identity_probes_with_one)
{
    struct pool_view view = saturated();

    view.is_stopped = true;
    view.n_min = 4;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_open = 0;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    assert_int_equal(action(view), POOL_WAIT);
}

TEST(lasting_saturation_opens_one_more_up_to_the_maximum)
{
    struct pool_view view = saturated();

    assert_int_equal(action(view), POOL_DIAL);
    view.n_dialing = 1;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_dialing = 0;
    view.n_waiting = 1;
    assert_int_equal(action(view), POOL_DIAL);
    view.n_waiting = 0;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_waiting = 1000;
    view.n_open = 8;
    assert_int_equal(action(view), POOL_WAIT);
}

TEST(suspects_get_one_connection_beyond_the_others)
{
    struct pool_view view = saturated();

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

TEST(short_saturation_opens_nothing)
{
    struct pool_view view = saturated();

    view.saturated_since_us = view.now_us - 499 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.now_us + 1 * MS);
    view.saturated_since_us = 0;
    assert_int_equal(action(view), POOL_WAIT);
}

TEST(lowered_limit_opens_nothing)
{
    struct pool_view view = saturated();

    view.has_shrunk = true;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, 0);
}

TEST(unused_surplus_is_closed_after_a_while)
{
    struct pool_view view = at_rest();

    view.n_open = 2;
    view.idle_since_us = view.now_us - 300000 * MS;
    assert_int_equal(action(view), POOL_CLOSE);
    view.idle_since_us += 1 * MS;
    assert_int_equal(action(view), POOL_WAIT);
    assert_int_equal(pool_decide(&view).again_at_us, view.now_us + 1 * MS);
}

TEST(last_one_stays_warm)
{
    struct pool_view view = at_rest();

    view.idle_since_us = 1;
    assert_int_equal(action(view), POOL_WAIT);
    view.n_min = 0;
    assert_int_equal(action(view), POOL_CLOSE);
}
