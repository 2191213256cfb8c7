/* SPDX-License-Identifier: MIT */

/*
 * APNs refuses a new certificate, and the old one goes back into service by
 * itself; under both versions of TLS, in which the refusal comes at different
 * moments.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_stage.h"
#include "tests/support/unit.h"

static int
set_up_tls12(void **state)
{
    *state = life_stage_new("1.2");
    return 0;
}

EACH(life_stage_set_up, life_stage_tear_down);

static void
expect_event(struct life_stage *stage, const char *kind)
{
    json_t *json = daemon_proc_json(stage->daemon, "GET",
                                    "/v1/events?limit=500", NULL, 200);
    bool is_there = false;
    json_t *event;
    size_t i;

    json_array_foreach(json_object_get(json, "events"), i, event)
    {
        if (strcmp(life_stage_text(event, "kind"), kind) == 0)
            is_there = true;
    }
    if (!is_there)
        fail_msg("no event %s", kind);
    json_decref(json);
}

static void
fall_back(struct life_stage *stage, const char *fault)
{
    char *fresh = life_stage_make(stage, LIFE_STAGE_TOPIC, 500, fault);
    char *before, *after;
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 400);
    before = life_stage_sha(stage);
    json = life_stage_put(stage, "", fresh, 409);
    assert_string_equal(life_stage_text(json, "code"), "apns_refused");
    assert_true(json_is_true(json_object_get(json, "fell_back")));
    assert_true(
        json_is_false(json_object_get(json_object_get(json, "test"), "ok")));
    json_decref(json);
    after = life_stage_sha(stage);
    assert_string_equal(before, after);
    expect_event(stage, "pushcert.import_failed");
    life_stage_wake(stage, "AFTER-THE-FALL");
    free(before);
    free(after);
    free(fresh);
}

/* The one in force was never taken by APNs: a good one that ends earlier is
 * the way out, and no file of last year. */
TEST(one_that_apns_never_took_bars_none_that_ends_earlier)
{
    struct life_stage *stage = *state;
    char *bad = life_stage_make(stage, LIFE_STAGE_TOPIC, 500, "other-ca");
    char *good = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, NULL);
    char *earlier = life_stage_make(stage, LIFE_STAGE_TOPIC, 200, NULL);

    json_decref(life_stage_put(stage, "test=0", bad, 200));
    json_decref(life_stage_put(stage, "", good, 200));
    life_stage_wake(stage, "AFTER-THE-GOOD");
    /* That one works, and is not given up for an earlier one. */
    life_stage_refuse(stage, "", earlier, 409, "older_certificate");
    free(earlier);
    free(good);
    free(bad);
}
AGAIN(one_that_apns_never_took_bars_none_that_ends_earlier, set_up_tls12,
      life_stage_tear_down);

TEST(a_revoked_one_falls_back)
{
    fall_back(*state, "revoked");
}
AGAIN(a_revoked_one_falls_back, set_up_tls12, life_stage_tear_down);

TEST(one_of_another_ca_falls_back)
{
    fall_back(*state, "other-ca");
}
AGAIN(one_of_another_ca_falls_back, set_up_tls12, life_stage_tear_down);

/* Nobody tests it: the pool in service finds out. */
TEST(an_untested_one_falls_back_too)
{
    struct life_stage *stage = *state;
    char *fresh = life_stage_make(stage, LIFE_STAGE_TOPIC, 500, "revoked");
    char *before, *after;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 400);
    before = life_stage_sha(stage);
    json_decref(life_stage_put(stage, "test=0", fresh, 200));
    daemon_proc_await(stage->daemon, "event=import_failed");
    after = life_stage_sha(stage);
    assert_string_equal(before, after);
    life_stage_wake(stage, "AFTER-THE-FALL");
    free(before);
    free(after);
    free(fresh);
}
AGAIN(an_untested_one_falls_back_too, set_up_tls12, life_stage_tear_down);

/* The refusal comes in another life of the daemon than the import. */
TEST(a_crash_before_the_refusal_falls_back_after_the_start)
{
    struct life_stage *stage = *state;
    char *fresh = life_stage_make(stage, LIFE_STAGE_TOPIC, 500, "revoked");
    char *before, *after;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 400);
    before = life_stage_sha(stage);
    sim_proc_tell(stage->sim, "accept off");
    json_decref(life_stage_put(stage, "test=0", fresh, 200));
    daemon_proc_kill(stage->daemon);
    sim_proc_tell(stage->sim, "accept on");
    daemon_proc_again(stage->daemon);
    daemon_proc_await(stage->daemon, "event=import_failed");
    after = life_stage_sha(stage);
    assert_string_equal(before, after);
    life_stage_wake(stage, "AFTER-THE-CRASH");
    free(before);
    free(after);
    free(fresh);
}
AGAIN(a_crash_before_the_refusal_falls_back_after_the_start, set_up_tls12,
      life_stage_tear_down);

/* There is nothing to fall back to: it stays, and says that it is bad. */
TEST(the_first_one_stays_and_is_marked)
{
    struct life_stage *stage = *state;
    char *fresh = life_stage_make(stage, LIFE_STAGE_TOPIC, 500, "revoked");
    json_t *json = life_stage_put(stage, "", fresh, 200);
    const json_t *test = json_object_get(json, "test");

    assert_true(json_is_false(json_object_get(test, "ok")));
    assert_string_equal(life_stage_text(test, "reason"), "certificate_revoked");
    assert_true(strlen(life_stage_text(test, "what_to_do")) > 20);
    json_decref(json);
    json = daemon_proc_json(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, 200);
    assert_string_equal(life_stage_text(json, "life"), "revoked");
    json_decref(json);
    free(fresh);
}
AGAIN(the_first_one_stays_and_is_marked, set_up_tls12, life_stage_tear_down);
