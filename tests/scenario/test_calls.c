/* SPDX-License-Identifier: MIT */

/*
 * Every call of the façade, and what holds for all of them: whoever asked is
 * told once, or the call itself says why not; an engine that closes takes
 * nothing new and ends what is underway; without memory nothing is begun.
 */

#include <stdlib.h>

#include "server/rouse_backup.h"
#include "server/rouse_cert.h"
#include "server/rouse_group.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/world.h"
#include "tests/support/failing_memory.h"
#include "tests/support/unit.h"

#define TOPIC     "com.apple.mgmt.a"
#define MAX_NTH   60
#define MAX_STEPS 1000 /* of the store; then nothing more comes */

struct call;

/* One call of one engine. */
struct told {
    struct rouse *rouse;
    const struct call *call;
    uint32_t n;
    enum rouse_err err;
    bool asks_again; /* from inside the completion */
    enum rouse_err again;
};

struct call {
    const char *name;
    enum rouse_err (*begin)(struct rouse *rouse, struct told *told);
    enum rouse_err end; /* of an engine with a certificate and a device */
    bool is_a_look;     /* also one that drains answers it */
};

static void
note(void *arg, enum rouse_err err)
{
    struct told *told = arg;

    told->n++;
    told->err = err;
    if (!told->asks_again)
        return;
    told->asks_again = false;
    told->again = told->call->begin(told->rouse, told);
}

/* Completions, of which the error alone is looked at. */
#define X __attribute__((unused))
#define ON(name, ...)                                                 \
    static void on_##name(void *arg, enum rouse_err err, __VA_ARGS__) \
    {                                                                 \
        note(arg, err);                                               \
    }
ON(wake, X const struct rouse_wake_answer *a, X size_t n)
ON(waves, X const struct rouse_wave *a, X size_t n, X int64_t next)
ON(checkin, X const struct rouse_checkin_answer *a)
ON(import, X const struct rouse_import_answer *a)
ON(alerts, X const struct rouse_alert *a, X size_t n)
ON(requests, X const struct rouse_cert_refusal *r,
   X const struct rouse_cert_request *a, X size_t n)
ON(vendor, X const struct rouse_cert_refusal *r,
   X const struct rouse_cert_vendor *a)
ON(records, X const struct rouse_cert_record *a, X size_t n)
ON(check, X const struct rouse_cert_refusal *r, X const char *json,
   X const char *text)
ON(test, X const struct rouse_cert_refusal *r,
   X const struct rouse_cert_test *a)
ON(files, X const struct rouse_cert_refusal *r,
   X const struct rouse_cert_import_answer *a)
ON(count, X const struct rouse_cert_refusal *r, X uint64_t n)
ON(export, X const struct rouse_cert_refusal *r, X const unsigned char *der,
   X size_t len)
ON(groups, X const char *why, X const struct rouse_group *a, X size_t n)
ON(member, X const struct rouse_member *a)
ON(backup, X int64_t n_bytes)
#undef X

static const struct rouse_cert_file garbage_file = {
    .name = "a.txt", .bytes = "garbage", .len = 7};
static const struct rouse_cert_files garbage = {.file = &garbage_file, .n = 1};

#define BEGIN(name, ...)                                                \
    static enum rouse_err begin_##name(struct rouse *r, struct told *t) \
    {                                                                   \
        return __VA_ARGS__;                                             \
    }
static const char *const ids[] = {"d1"};

BEGIN(wake, rouse_wake(r, ids, 1, NULL, on_wake, t))
BEGIN(push, rouse_push(r, ids, 1, NULL, 0, on_wake, t))
BEGIN(wave_ask, rouse_wave_ask(r, NULL, NULL, on_waves, t))
BEGIN(wave_get, rouse_wave_get(r, 99, on_waves, t))
BEGIN(wave_list, rouse_wave_list(r, false, 0, 10, on_waves, t))
BEGIN(wave_cancel, rouse_wave_cancel(r, 99, note, t))
BEGIN(checkin, rouse_checkin(r, "no plist", 8, NULL, on_checkin, t))
BEGIN(import, rouse_cert_import(r, TOPIC " 02", 19, NULL, on_import, t))
BEGIN(alert_list, rouse_alert_list(r, false, 10, on_alerts, t))
BEGIN(make, rouse_cert_request_make(r,
                                    &(struct rouse_cert_wish){.topic = "none",
                                                              .by = "b"},
                                    on_requests, t))
BEGIN(requests, rouse_cert_request_list(r, NULL, on_requests, t))
BEGIN(request_delete, rouse_cert_request_delete(r, "none", "b", note, t))
BEGIN(open_mail,
      rouse_cert_request_open_mail(r, "none", "x", 1, on_requests, t))
BEGIN(vendor_put, rouse_cert_vendor_put(r, &garbage, "b", on_vendor, t))
BEGIN(vendor_get, rouse_cert_vendor_get(r, on_vendor, t))
BEGIN(vendor_delete, rouse_cert_vendor_delete(r, "b", note, t))
BEGIN(cert_list, rouse_cert_list(r, TOPIC, on_records, t))
BEGIN(history, rouse_cert_history(r, NULL, on_records, t))
BEGIN(check, rouse_cert_check(r, &garbage, on_check, t))
BEGIN(test_topic, rouse_cert_test_topic(r, "none", 0, "b", on_test, t))
BEGIN(test_wake,
      rouse_cert_test_wake(r,
                           &(struct rouse_cert_test_terms){
                               .topic = "none", .enrollment = "d1", .by = "b"},
                           on_test, t))
BEGIN(test_files, rouse_cert_test_files(r, &garbage, 0, on_test, t))
BEGIN(files, rouse_cert_import_files(
                 r, &(struct rouse_cert_import){.files = garbage, .by = "b"},
                 on_files, t))
BEGIN(revert, rouse_cert_revert(r, TOPIC, "b", NULL, true, on_files, t))
BEGIN(cert_remove, rouse_cert_remove(r, TOPIC, false, 0, "b", on_count, t))
BEGIN(export, rouse_cert_export(r, TOPIC, "short", "b", on_export, t))
BEGIN(rotate, rouse_cert_rotate_master(r, "b", on_count, t))
BEGIN(group_put,
      rouse_group_put(r, &(struct rouse_group){.path = "g", .topic = TOPIC},
                      "b", on_groups, t))
BEGIN(group_get, rouse_group_get(r, "none", on_groups, t))
BEGIN(group_list, rouse_group_list(r, "", on_groups, t))
BEGIN(group_delete, rouse_group_delete(r, "none", "b", on_groups, t))
BEGIN(group_assign, rouse_group_assign(r, "d1", "", NULL, note, t))
BEGIN(group_of, rouse_group_of(r, "d1", on_member, t))
BEGIN(backup, rouse_backup(r, "/nowhere/at/all", on_backup, t))

static const struct call calls[] = {
    {"wake", begin_wake, ROUSE_OK, false},
    {"push", begin_push, ROUSE_OK, false},
    {"wave_ask", begin_wave_ask, ROUSE_OK, false},
    {"wave_get", begin_wave_get, ROUSE_ENOTFOUND, true},
    {"wave_list", begin_wave_list, ROUSE_OK, true},
    {"wave_cancel", begin_wave_cancel, ROUSE_ENOTFOUND, false},
    {"checkin", begin_checkin, ROUSE_EPLIST, false},
    {"cert_import", begin_import, ROUSE_OK, false},
    {"alert_list", begin_alert_list, ROUSE_OK, false},
    {"cert_request_make", begin_make, ROUSE_EGUARD, false},
    {"cert_request_list", begin_requests, ROUSE_OK, true},
    {"cert_request_delete", begin_request_delete, ROUSE_ENOTFOUND, false},
    {"cert_request_open_mail", begin_open_mail, ROUSE_ENOTFOUND, false},
    {"cert_vendor_put", begin_vendor_put, ROUSE_EGUARD, false},
    {"cert_vendor_get", begin_vendor_get, ROUSE_ENOTFOUND, true},
    {"cert_vendor_delete", begin_vendor_delete, ROUSE_ENOTFOUND, false},
    {"cert_list", begin_cert_list, ROUSE_OK, false},
    {"cert_history", begin_history, ROUSE_OK, false},
    {"cert_check", begin_check, ROUSE_OK, false},
    {"cert_test_topic", begin_test_topic, ROUSE_ENOTFOUND, false},
    {"cert_test_wake", begin_test_wake, ROUSE_EGUARD, false},
    {"cert_test_files", begin_test_files, ROUSE_EGUARD, false},
    {"cert_import_files", begin_files, ROUSE_EGUARD, false},
    {"cert_revert", begin_revert, ROUSE_OK, false},
    {"cert_remove", begin_cert_remove, ROUSE_EGUARD, false},
    {"cert_export", begin_export, ROUSE_EGUARD, false},
    {"cert_rotate_master", begin_rotate, ROUSE_OK, false},
    {"group_put", begin_group_put, ROUSE_OK, false},
    {"group_get", begin_group_get, ROUSE_ENOTFOUND, false},
    {"group_list", begin_group_list, ROUSE_OK, false},
    {"group_delete", begin_group_delete, ROUSE_ENOTFOUND, false},
    {"group_assign", begin_group_assign, ROUSE_OK, false},
    {"group_of", begin_group_of, ROUSE_OK, false},
    {"backup", begin_backup, ROUSE_ESTATE, false},
};

#define N_CALLS (sizeof calls / sizeof calls[0])

static struct world *
new_world(void)
{
    struct world *world = world_new();

    scenario_do(world, "cert 01");
    scenario_do(world, "enroll d1");
    return world;
}

static void
await(struct world *world, struct told *told)
{
    for (int i = 0; told->n == 0; i++) {
        if (i == MAX_STEPS)
            fail_msg("%s was never completed", told->call->name);
        world_step(world);
    }
}

static void
expect(const struct call *call, enum rouse_err err, enum rouse_err expected)
{
    if (err != expected)
        fail_msg("%s: %s instead of %s", call->name, rouse_err_name(err),
                 rouse_err_name(expected));
}

TEST(each_is_told_once)
{
    struct world *world = new_world();

    for (size_t i = 0; i < N_CALLS; i++) {
        struct told told = {.rouse = world->rouse, .call = &calls[i]};

        expect(&calls[i], calls[i].begin(world->rouse, &told), ROUSE_OK);
        assert_int_equal(told.n, 0);
        await(world, &told);
        expect(&calls[i], told.err, calls[i].end);
        world_run(world);
        assert_int_equal(told.n, 1);
    }
    world_free(world);
}

/* Each is underway when the engine is freed, and asks for more when it is
   told so. */
TEST(what_is_underway_ends_with_the_engine)
{
    struct world *world = new_world();
    struct told told[N_CALLS];

    for (size_t i = 0; i < N_CALLS; i++) {
        told[i] = (struct told){
            .rouse = world->rouse, .call = &calls[i], .asks_again = true};
        expect(&calls[i], calls[i].begin(world->rouse, &told[i]), ROUSE_OK);
    }
    world_free(world);
    for (size_t i = 0; i < N_CALLS; i++) {
        assert_int_equal(told[i].n, 1);
        if (told[i].err != calls[i].end)
            expect(&calls[i], told[i].err, ROUSE_ECLOSED);
        expect(&calls[i], told[i].again, ROUSE_ECLOSED);
    }
}

TEST(an_engine_that_drains_takes_nothing_new)
{
    struct world *world = new_world();

    rouse_drain(world->rouse, NULL, NULL);
    for (size_t i = 0; i < N_CALLS; i++) {
        struct told told = {.rouse = world->rouse, .call = &calls[i]};
        enum rouse_err err = calls[i].begin(world->rouse, &told);

        expect(&calls[i], err, calls[i].is_a_look ? ROUSE_OK : ROUSE_ECLOSED);
        if (err == ROUSE_OK)
            await(world, &told);
        assert_int_equal(told.n, err == ROUSE_OK);
    }
    world_free(world);
}

/* What fails at once is not completed; what is, says so; and all is as
   before. */
TEST(without_memory_nothing_is_begun)
{
    struct world *world = new_world();

    for (size_t i = 0; i < N_CALLS; i++) {
        bool is_hit = true;
        int nth;

        for (nth = 1; is_hit; nth++) {
            struct told told = {.rouse = world->rouse, .call = &calls[i]};
            enum rouse_err err;

            assert_true(nth < MAX_NTH);
            arm(nth);
            err = calls[i].begin(world->rouse, &told);
            is_hit = disarm();
            expect(&calls[i], err, is_hit ? ROUSE_ENOMEM : ROUSE_OK);
            if (err == ROUSE_OK)
                await(world, &told);
            world_run(world);
            assert_int_equal(told.n, err == ROUSE_OK);
        }
        assert_true(nth > 2);
    }
    world_free(world);
}

TEST(a_plist_that_is_too_large_is_not_taken)
{
    struct world *world = new_world();
    struct told told = {0};
    char *plist = calloc(1, ROUSE_MAX_PLIST + 1);

    assert_non_null(plist);
    assert_int_equal(rouse_checkin(world->rouse, plist, ROUSE_MAX_PLIST + 1,
                                   NULL, on_checkin, &told),
                     ROUSE_ETOOLARGE);
    world_run(world);
    assert_int_equal(told.n, 0);
    free(plist);
    world_free(world);
}
