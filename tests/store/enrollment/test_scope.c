/* SPDX-License-Identifier: MIT */

/*
 * Callers that may reach a topic or a group alone: what counts is where an
 * enrollment is when their request takes effect, not where it was seen.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#define OTHER_TOPIC "com.apple.mgmt.External.other"
#define N_IDS       70 /* more than are prompt: requests keep their order */

static const struct store_scope in_school = {.group = "school"};
static const struct store_scope in_topic = {.topic = BED_TOPIC};
static const struct store_scope in_both = {BED_TOPIC, "school"};

static void
on_group(void *arg, enum store_err err, enum store_group_fault fault,
         const struct store_group *groups, size_t n)
{
    (void)fault;
    (void)groups;
    (void)n;
    bed_on_done(arg, err);
}

static void
make_group(struct bed *bed, const char *path)
{
    struct store_group group = {.path = path};

    bed->n_done = 0;
    assert_int_equal(store_group_put(bed->store, &group, on_group, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
}

/* Asked for, and not awaited. */
static void
move(struct bed *bed, const char *id, const char *path,
     const struct store_scope *scope)
{
    assert_int_equal(
        store_group_assign(bed->store, id, path, scope, bed_on_done, bed),
        STORE_OK);
}

static enum store_err
assign(struct bed *bed, const char *id, const char *path,
       const struct store_scope *scope)
{
    bed->n_done = 0;
    move(bed, id, path, scope);
    bed_wait(bed, 1);
    return bed->err;
}

/* a is in the school, b in a class of it, c in none, d of another topic. */
static int
set_up(void **state)
{
    struct bed *bed = bed_start();
    struct store_enrollment four[] = {
        bed_enrollment("a"),
        bed_enrollment("b"),
        bed_enrollment("c"),
        bed_enrollment("d"),
    };

    four[3].topic = OTHER_TOPIC;
    assert_int_equal(bed_put(bed, four, 4), STORE_OK);
    make_group(bed, "school");
    make_group(bed, "school/class");
    make_group(bed, "schooling");
    assert_int_equal(assign(bed, "a", "school", NULL), STORE_OK);
    assert_int_equal(assign(bed, "b", "school/class", NULL), STORE_OK);
    assert_int_equal(assign(bed, "d", "school", NULL), STORE_OK);
    *state = bed;
    return 0;
}

EACH(set_up, bed_tear_down);

static enum store_asked
ask(struct bed *bed, const char *id, const struct store_scope *scope)
{
    struct store_wake_terms terms = {.scope = *scope};

    return bed_ask_as(bed, id, &terms);
}

static int64_t
cancel(struct bed *bed, const char *id, const struct store_scope *scope)
{
    bed->n_done = 0;
    assert_int_equal(
        store_wake_cancel(bed->store, &id, 1, scope, bed_on_count, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->count;
}

static int64_t
erase(struct bed *bed, const char *id, const struct store_scope *scope)
{
    bed->n_done = 0;
    assert_int_equal(
        store_enrollment_delete(bed->store, &id, 1, scope, bed_on_count, bed),
        STORE_OK);
    bed_wait(bed, 1);
    return bed->count;
}

TEST(beyond_the_scope_nobody_is_known)
{
    struct bed *bed = *state;

    assert_int_equal(ask(bed, "c", &in_school), STORE_ASKED_UNKNOWN);
    assert_int_equal(ask(bed, "d", &in_topic), STORE_ASKED_UNKNOWN);
    assert_int_equal(ask(bed, "d", &in_both), STORE_ASKED_UNKNOWN);
    assert_int_equal(ask(bed, "nobody", &in_both), STORE_ASKED_UNKNOWN);
    assert_int_equal(bed_stats(bed)->n_wakes, 0);
    assert_int_equal(ask(bed, "a", &in_both), STORE_ASKED_NEW);
    assert_int_equal(ask(bed, "b", &in_school), STORE_ASKED_NEW);
    assert_int_equal(ask(bed, "c", &in_topic), STORE_ASKED_NEW);
    assert_int_equal(ask(bed, "d", &in_school), STORE_ASKED_NEW);

    assert_int_equal(cancel(bed, "c", &in_school), 0);
    assert_int_equal(cancel(bed, "d", &in_both), 0);
    assert_int_equal(cancel(bed, "a", &in_both), 1);
    assert_int_equal(cancel(bed, "d", NULL), 1);

    assert_int_equal(assign(bed, "c", "school", &in_school), STORE_ENOTFOUND);
    assert_int_equal(assign(bed, "a", "school/class", &in_both), STORE_OK);

    assert_int_equal(erase(bed, "c", &in_school), 0);
    assert_int_equal(erase(bed, "d", &in_topic), 0);
    assert_int_equal(erase(bed, "a", &in_both), 1);
    assert_int_equal(erase(bed, "d", &in_school), 1);
}

TEST(a_name_that_begins_alike_is_beyond)
{
    struct bed *bed = *state;

    assert_int_equal(assign(bed, "a", "schooling", NULL), STORE_OK);
    assert_int_equal(ask(bed, "a", &in_school), STORE_ASKED_UNKNOWN);
}

static void
on_asked(void *arg, enum store_err err, const struct store_wake_answer *answers,
         size_t n, struct store_batch *batch)
{
    assert_int_equal(err, STORE_OK);
    assert_int_equal(n, N_IDS);
    assert_null(batch);
    assert_int_equal(answers[0].asked, STORE_ASKED_UNKNOWN);
    assert_int_equal(answers[0].row, 0);
    assert_int_equal(answers[1].asked, STORE_ASKED_NEW);
    bed_on_done(arg, err);
}

/* All that a caller wants is on its way already when the enrollment moves. */
TEST(who_left_before_its_turn_is_out_of_reach)
{
    struct bed *bed = *state;
    struct store_wake_terms terms = {.scope = in_school};
    const char *ids[N_IDS];

    for (size_t i = 0; i < N_IDS; i++)
        ids[i] = i == 0 ? "a" : "b";
    assert_int_equal(bed_ask(bed, "a"), STORE_ASKED_NEW);
    bed->n_done = 0;
    move(bed, "a", "", NULL);
    assert_int_equal(
        store_wake_ask(bed->store, ids, N_IDS, &terms, on_asked, bed),
        STORE_OK);
    assert_int_equal(
        store_wake_cancel(bed->store, ids, 1, &in_school, bed_on_count, bed),
        STORE_OK);
    assert_int_equal(store_enrollment_delete(bed->store, ids, 1, &in_school,
                                             bed_on_count, bed),
                     STORE_OK);
    move(bed, "a", "school", &in_school);
    bed_wait(bed, 5);
    assert_int_equal(bed->count, 0);
    assert_int_equal(bed->err, STORE_ENOTFOUND);
    assert_non_null(bed_get(bed, "a"));
    assert_true(bed_get(bed, "a")->wake.exists);
    assert_string_equal(bed_get(bed, "a")->group, "");
}

static void
on_import(void *arg, enum store_err err,
          const struct store_import_answer *answer)
{
    struct bed *bed = arg;

    bed->n = 0;
    for (size_t i = 0; answer != NULL && i < answer->n_refused; i++) {
        assert_int_equal(answer->refused[i].fault, STORE_GROUP_FAULT_SCOPE);
        bed->n |= (size_t)1 << answer->refused[i].i;
    }
    bed_on_done(bed, err);
}

/* A bit for each of a, b, c, d and a new one that was refused. */
static size_t
import(struct bed *bed, const struct store_scope *scope)
{
    struct store_enrollment five[] = {
        bed_enrollment("a"), bed_enrollment("b"),   bed_enrollment("c"),
        bed_enrollment("d"), bed_enrollment("new"),
    };

    bed->n_done = 0;
    assert_int_equal(store_enrollment_import(bed->store, five, 5, false, scope,
                                             on_import, bed),
                     STORE_OK);
    bed_wait(bed, 1);
    assert_int_equal(bed->err, STORE_OK);
    return bed->n;
}

TEST(an_import_changes_nothing_beyond_the_scope)
{
    struct bed *bed = *state;

    assert_int_equal(import(bed, &in_school), 1 << 2 | 1 << 4);
    assert_string_equal(bed_get(bed, "d")->topic, BED_TOPIC);
    assert_null(bed_get(bed, "new"));
    assert_int_equal(import(bed, &in_both), 1 << 2 | 1 << 4);
    assert_int_equal(import(bed, &in_topic), 0);
    assert_non_null(bed_get(bed, "new"));
}

TEST(an_import_takes_nothing_from_another_topic)
{
    struct bed *bed = *state;

    assert_int_equal(import(bed, &in_topic), 1 << 3);
    assert_string_equal(bed_get(bed, "d")->topic, OTHER_TOPIC);
    assert_non_null(bed_get(bed, "new"));
    assert_int_equal(import(bed, NULL), 0);
    assert_string_equal(bed_get(bed, "d")->topic, BED_TOPIC);
}
