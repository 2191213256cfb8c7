/* SPDX-License-Identifier: MIT */

/*
 * Enrollments imported with their groups.
 */

#include <stdio.h>
#include <string.h>

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#define EITHER   STORE_PERMISSION_EITHER
#define OVERRIDE STORE_PERMISSION_OVERRIDE
#define MAX      8

struct heard {
    struct bed *bed;
    struct {
        size_t i;
        char path[64];
        enum store_group_fault fault;
    } refused[MAX];
    size_t n_refused;
    size_t n_groups_made;
};

static void
on_import(void *arg, enum store_err err,
          const struct store_import_answer *answer)
{
    struct heard *heard = arg;

    heard->bed->err = err;
    heard->bed->n_done++;
    heard->n_refused = 0;
    if (err != STORE_OK)
        return;
    heard->n_refused = answer->n_refused;
    heard->n_groups_made = answer->n_groups_made;
    for (size_t i = 0; i < answer->n_refused && i < MAX; i++) {
        heard->refused[i].i = answer->refused[i].i;
        heard->refused[i].fault = answer->refused[i].fault;
        snprintf(heard->refused[i].path, 64, "%s", answer->refused[i].path);
    }
}

static void
on_groups(void *arg, enum store_err err, enum store_group_fault fault,
          const struct store_group *groups, size_t n)
{
    struct heard *heard = arg;

    (void)groups;
    (void)fault;
    heard->bed->err = err;
    heard->bed->n_done++;
    heard->bed->n = n;
}

static void
put_group(struct heard *heard, const char *path, const char *topic,
          enum store_permission permission)
{
    struct store_group group = {
        .path = path, .topic = topic, .permission = permission};

    heard->bed->n_done = 0;
    assert_int_equal(
        store_group_put(heard->bed->store, &group, on_groups, heard), STORE_OK);
    bed_wait(heard->bed, 1);
    assert_int_equal(heard->bed->err, STORE_OK);
}

static bool
has_group(struct heard *heard, const char *path)
{
    heard->bed->n_done = 0;
    assert_int_equal(store_group_get(heard->bed->store, path, on_groups, heard),
                     STORE_OK);
    bed_wait(heard->bed, 1);
    return heard->bed->err == STORE_OK;
}

/* ${id} into ${group}. */
struct line {
    const char *id;
    const char *group;
};

static enum store_err
import(struct heard *heard, const struct line *lines, size_t n,
       bool makes_groups)
{
    struct store_enrollment rows[MAX];
    enum store_err err;

    for (size_t i = 0; i < n; i++) {
        rows[i] = bed_enrollment(lines[i].id);
        rows[i].group = lines[i].group;
    }
    heard->bed->n_done = 0;
    err = store_enrollment_import(heard->bed->store, rows, n, makes_groups,
                                  NULL, on_import, heard);
    if (err != STORE_OK)
        return err;
    bed_wait(heard->bed, 1);
    return heard->bed->err;
}

#define IMPORT(heard, makes, ...)                                            \
    import(heard, (const struct line[]){__VA_ARGS__},                        \
           sizeof((const struct line[]){__VA_ARGS__}) / sizeof(struct line), \
           makes)

static void
expect_group(struct heard *heard, const char *id, const char *group)
{
    const struct store_enrollment *found = bed_get(heard->bed, id);

    assert_non_null(found);
    assert_string_equal(found->group, group);
}

TEST(each_goes_where_its_line_says)
{
    struct heard heard = {.bed = bed_start()};

    put_group(&heard, "org", "", EITHER);
    put_group(&heard, "org/a", "", EITHER);
    assert_int_equal(IMPORT(&heard, false, {"d1", "org"}, {"d2", "org/a"},
                            {"d3", ""}, {"d4", NULL}, {"d5", "org"}),
                     STORE_OK);
    assert_int_equal(heard.n_refused, 0);
    assert_int_equal(heard.n_groups_made, 0);
    bed_reopen(heard.bed);
    expect_group(&heard, "d1", "org");
    expect_group(&heard, "d2", "org/a");
    expect_group(&heard, "d3", "");
    expect_group(&heard, "d4", "");
    expect_group(&heard, "d5", "org");
    /* again: moved, taken out, left alone */
    assert_int_equal(
        IMPORT(&heard, false, {"d1", "org/a"}, {"d2", ""}, {"d5", NULL}),
        STORE_OK);
    expect_group(&heard, "d1", "org/a");
    expect_group(&heard, "d2", "");
    expect_group(&heard, "d5", "org");
    bed_free(heard.bed);
}

TEST(one_whose_group_is_unknown_is_left_out_alone)
{
    struct heard heard = {.bed = bed_start()};

    put_group(&heard, "org", "", EITHER);
    assert_int_equal(IMPORT(&heard, false, {"d1", "org"}, {"d2", "nowhere"},
                            {"d3", "org/b"}, {"d4", "org"}),
                     STORE_OK);
    assert_int_equal(heard.n_refused, 2);
    assert_int_equal(heard.refused[0].i, 1);
    assert_string_equal(heard.refused[0].path, "nowhere");
    assert_int_equal(heard.refused[0].fault, STORE_GROUP_FAULT_NO_GROUP);
    assert_int_equal(heard.refused[1].i, 2);
    assert_string_equal(heard.refused[1].path, "org/b");
    assert_null(bed_get(heard.bed, "d2"));
    assert_null(bed_get(heard.bed, "d3"));
    expect_group(&heard, "d1", "org");
    expect_group(&heard, "d4", "org");
    bed_free(heard.bed);
}

TEST(missing_groups_are_made_when_asked_for)
{
    struct heard heard = {.bed = bed_start()};

    put_group(&heard, "org", "t.org", EITHER);
    assert_int_equal(IMPORT(&heard, true, {"d1", "org/a/site"}, {"d2", "org/a"},
                            {"d3", "new"}, {"d4", "org/a/site"}),
                     STORE_OK);
    assert_int_equal(heard.n_refused, 0);
    assert_int_equal(heard.n_groups_made, 3);
    assert_true(has_group(&heard, "org/a"));
    assert_true(has_group(&heard, "new"));
    expect_group(&heard, "d1", "org/a/site");
    expect_group(&heard, "d4", "org/a/site");
    /* It inherits what is above: the device has another topic. */
    assert_true(bed_get(heard.bed, "d1")->is_mismatched);
    bed_free(heard.bed);
}

TEST(what_the_tree_forbids_is_not_made)
{
    struct heard heard = {.bed = bed_start()};

    put_group(&heard, "strict", "t", OVERRIDE);
    assert_int_equal(IMPORT(&heard, true, {"d1", "strict/a/b"},
                            {"d2", "strict/a"}, {"d3", "strict"}),
                     STORE_OK);
    assert_int_equal(heard.n_refused, 2);
    assert_int_equal(heard.refused[0].fault, STORE_GROUP_FAULT_MUST_OVERRIDE);
    assert_int_equal(heard.refused[1].fault, STORE_GROUP_FAULT_MUST_OVERRIDE);
    assert_int_equal(heard.n_groups_made, 0);
    assert_false(has_group(&heard, "strict/a"));
    assert_null(bed_get(heard.bed, "d1"));
    expect_group(&heard, "d3", "strict");
    bed_free(heard.bed);
}

TEST(a_path_out_of_shape_takes_nothing)
{
    struct heard heard = {.bed = bed_start()};

    assert_int_equal(IMPORT(&heard, true, {"d1", "org"}, {"d2", "org//a"}),
                     STORE_EINVAL);
    assert_int_equal(IMPORT(&heard, true, {"d1", "org"}, {"", "org"}),
                     STORE_EINVAL);
    assert_null(bed_get(heard.bed, "d1"));
    assert_false(has_group(&heard, "org"));
    bed_free(heard.bed);
}

/* What is put as before stays in its group. */
TEST(a_put_leaves_the_group_alone)
{
    struct heard heard = {.bed = bed_start()};
    struct store_enrollment it = bed_enrollment("d1");

    put_group(&heard, "org", "", EITHER);
    assert_int_equal(IMPORT(&heard, false, {"d1", "org"}), STORE_OK);
    it.group = "";
    assert_int_equal(bed_put(heard.bed, &it, 1), STORE_OK);
    expect_group(&heard, "d1", "org");
    bed_free(heard.bed);
}
