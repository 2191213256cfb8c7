/* SPDX-License-Identifier: MIT */

/*
 * What a request takes with it: texts and ids are checked by their table and
 * copied, so that the caller may forget them.
 */

#include "store_bed.h"

#include <stdio.h>
#include <string.h>

#include "store/store_request.h"
#include "tests/support/unit.h"

#define MAX 5

struct record {
    struct store_request request;
    struct bed *bed;
    int number;
    const char *needed;
    const char *given;
    const char *maybe;
    struct store_ids ids;
};

static char seen[256];

static enum store_err
run_record(struct store_request *request, struct db *db)
{
    const struct record *it = (struct record *)request;
    int len = snprintf(seen, sizeof seen, "%d %s %s %s", it->number, it->needed,
                       it->given, it->maybe == NULL ? "NULL" : it->maybe);

    (void)db;
    for (size_t i = 0; i < it->ids.n; i++)
        len += snprintf(seen + len, sizeof seen - (size_t)len, " %s",
                        it->ids.ids[i]);
    snprintf(seen + len, sizeof seen - (size_t)len, "%s%s",
             request->is_prompt ? " prompt" : "",
             request->arena.is_secret ? " secret" : "");
    return STORE_OK;
}

static void
complete_record(struct store_request *request, enum store_err err)
{
    bed_on_done(((struct record *)request)->bed, err);
}

static const struct store_text texts[] = {
    TEXT(record, needed, MAX, NEEDED),
    TEXT(record, given, MAX, GIVEN),
    TEXT(record, maybe, MAX, MAYBE),
    {0},
};

static const struct store_request_kind kind = {
    .run = run_record,
    .complete = complete_record,
    .size = sizeof(struct record),
    .texts = texts,
    .ids = offsetof(struct record, ids),
};

EACH(bed_set_up, bed_tear_down);

static enum store_err
put(struct bed *bed, struct record *like)
{
    like->bed = bed;
    return store_request_put(bed->store, &kind, like, bed);
}

TEST(a_request_keeps_copies)
{
    struct bed *bed = *state;
    char needed[] = "one", given[] = "two", maybe[] = "three";
    char first[] = "four", second[] = "five";
    const char *ids[] = {first, second};
    struct record like = {.number = 7,
                          .needed = needed,
                          .given = given,
                          .maybe = maybe,
                          .ids = {ids, 2}};

    bed->n_done = 0;
    assert_int_equal(put(bed, &like), STORE_OK);
    needed[0] = given[0] = maybe[0] = first[0] = second[0] = '?';
    ids[0] = ids[1] = NULL;
    memset(&like, 0, sizeof like);
    bed_wait(bed, 1);
    assert_string_equal(seen, "7 one two three four five");
}

TEST(what_is_missing_is_empty_or_stays_missing)
{
    struct bed *bed = *state;
    struct record like = {.needed = "n"};

    like.request.is_prompt = true;
    like.request.arena.is_secret = true;
    bed->n_done = 0;
    assert_int_equal(put(bed, &like), STORE_OK);
    bed_wait(bed, 1);
    assert_string_equal(seen, "0 n  NULL prompt secret");
}

TEST(a_text_that_breaks_its_limit_is_refused)
{
    struct bed *bed = *state;
    struct record like = {
        .needed = "12345", .given = "12345", .maybe = "12345"};

    bed->n_done = 0;
    assert_int_equal(put(bed, &like), STORE_OK);
    bed_wait(bed, 1);
    like.needed = "123456";
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    like.needed = "";
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    like.needed = NULL;
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    like.needed = "1";
    like.given = "123456";
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    like.given = "";
    like.maybe = "123456";
    assert_int_equal(put(bed, &like), STORE_EINVAL);
}

TEST(an_id_that_breaks_its_limit_is_refused)
{
    static const char *many[STORE_MAX_BATCH + 1];
    struct bed *bed = *state;
    char longest[STORE_MAX_ID + 2];
    const char *ids[] = {"a", longest};
    struct record like = {.needed = "n", .ids = {ids, 2}};

    memset(longest, 'x', sizeof longest);
    longest[STORE_MAX_ID + 1] = '\0';
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    longest[0] = '\0';
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    for (size_t i = 0; i < STORE_MAX_BATCH + 1; i++)
        many[i] = "x";
    like.ids = (struct store_ids){many, STORE_MAX_BATCH + 1};
    assert_int_equal(put(bed, &like), STORE_EINVAL);
    like.ids = (struct store_ids){ids, 1};
    bed->n_done = 0;
    assert_int_equal(put(bed, &like), STORE_OK);
    bed_wait(bed, 1);
    assert_string_equal(seen, "0 n  NULL a");
}
