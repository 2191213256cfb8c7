/* SPDX-License-Identifier: MIT */

/*
 * Groups: the rules as a table, the tree and its members in the store.
 */

#include <stdio.h>
#include <string.h>

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#define EITHER   STORE_PERMISSION_EITHER
#define INHERIT  STORE_PERMISSION_INHERIT
#define OVERRIDE STORE_PERMISSION_OVERRIDE

TEST(a_group_has_a_topic_of_its_own_as_the_one_above_says)
{
    static const struct {
        bool has_parent;
        enum store_permission parent;
        bool has_topic;
        enum store_permission own;
        int64_t n_with, n_without; /* right below */
        enum store_group_fault fault;
    } rows[] = {
        {false, EITHER, true, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {false, EITHER, false, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {false, INHERIT, true, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {true, EITHER, true, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {true, EITHER, false, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {true, INHERIT, false, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {true, INHERIT, true, EITHER, 0, 0, STORE_GROUP_FAULT_MUST_INHERIT},
        {true, OVERRIDE, true, EITHER, 0, 0, STORE_GROUP_FAULT_NONE},
        {true, OVERRIDE, false, EITHER, 0, 0, STORE_GROUP_FAULT_MUST_OVERRIDE},
        {false, EITHER, true, INHERIT, 0, 3, STORE_GROUP_FAULT_NONE},
        {false, EITHER, true, INHERIT, 1, 3, STORE_GROUP_FAULT_BELOW_HAS_TOPIC},
        {false, EITHER, true, OVERRIDE, 3, 0, STORE_GROUP_FAULT_NONE},
        {false, EITHER, true, OVERRIDE, 3, 1, STORE_GROUP_FAULT_BELOW_HAS_NONE},
        {false, EITHER, true, EITHER, 3, 1, STORE_GROUP_FAULT_NONE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(store_group_rule(rows[i].has_parent, rows[i].parent,
                                          rows[i].has_topic, rows[i].own,
                                          rows[i].n_with, rows[i].n_without),
                         rows[i].fault);
}

TEST(beyond_the_words_there_is_none)
{
    enum store_permission permission;

    for (unsigned i = 0; i < STORE_N_PERMISSIONS; i++) {
        const char *text =
            store_group_permission_text((enum store_permission)i);

        assert_true(store_group_permission_read(text, &permission));
        assert_int_equal(permission, i);
    }
    assert_false(store_group_permission_read("", &permission));
    assert_string_equal(store_group_permission_text(STORE_N_PERMISSIONS), "");
    assert_string_equal(store_group_fault_text(STORE_GROUP_N_FAULTS), "");
}

TEST(a_path_is_made_of_parts)
{
    char path[300];

    assert_true(store_group_path_ok("org/school/site 3"));
    assert_true(store_group_path_ok("1/2/3/4/5/6/7/8"));
    assert_false(store_group_path_ok("1/2/3/4/5/6/7/8/9"));
    assert_false(store_group_path_ok(""));
    assert_false(store_group_path_ok("/org"));
    assert_false(store_group_path_ok("org/"));
    assert_false(store_group_path_ok("org//site"));
    assert_false(store_group_path_ok("org/../site"));
    assert_false(store_group_path_ok("org/\n"));
    memset(path, 'x', sizeof path);
    path[63] = '\0';
    assert_true(store_group_path_ok(path));
    path[63] = 'x';
    path[64] = '\0';
    assert_false(store_group_path_ok(path));
}

TEST(a_group_covers_itself_and_those_below_it)
{
    assert_true(store_group_covers("", "org"));
    assert_true(store_group_covers("", ""));
    assert_true(store_group_covers("org", "org"));
    assert_true(store_group_covers("org", "org/school"));
    assert_false(store_group_covers("org", "organ"));
    assert_false(store_group_covers("org", ""));
    assert_false(store_group_covers("org/school", "org"));
}

/*
 * In the store.
 */

struct heard {
    struct bed *bed;
    enum store_group_fault fault;
    struct {
        char path[64], topic[64], effective[64];
        int64_t n_enrollments, n_mismatched;
    } groups[16];
    size_t n;
};

static void
on_groups(void *arg, enum store_err err, enum store_group_fault fault,
          const struct store_group *groups, size_t n)
{
    struct heard *heard = arg;

    heard->bed->err = err;
    heard->bed->n_done++;
    heard->fault = fault;
    heard->n = n;
    for (size_t i = 0; i < n && i < 16; i++) {
        snprintf(heard->groups[i].path, 64, "%s", groups[i].path);
        snprintf(heard->groups[i].topic, 64, "%s", groups[i].topic);
        snprintf(heard->groups[i].effective, 64, "%s", groups[i].effective);
        heard->groups[i].n_enrollments = groups[i].n_enrollments;
        heard->groups[i].n_mismatched = groups[i].n_mismatched;
    }
}

static enum store_err
await(struct heard *heard, enum store_err asked)
{
    assert_int_equal(asked, STORE_OK);
    heard->bed->n_done = 0;
    bed_wait(heard->bed, 1);
    return heard->bed->err;
}

static enum store_err
put(struct heard *heard, const char *path, const char *topic,
    enum store_permission permission)
{
    struct store_group group = {
        .path = path, .topic = topic, .permission = permission};

    return await(heard,
                 store_group_put(heard->bed->store, &group, on_groups, heard));
}

static enum store_err
assign(struct heard *heard, const char *id, const char *path)
{
    return await(heard, store_group_assign(heard->bed->store, id, path, NULL,
                                           bed_on_done, heard->bed));
}

static enum store_err
remove_group(struct heard *heard, const char *path)
{
    return await(heard,
                 store_group_delete(heard->bed->store, path, on_groups, heard));
}

static void
expect_effective(struct heard *heard, const char *path, const char *topic)
{
    assert_int_equal(await(heard, store_group_get(heard->bed->store, path,
                                                  on_groups, heard)),
                     STORE_OK);
    assert_string_equal(heard->groups[0].effective, topic);
}

TEST(a_topic_is_inherited_down_to_the_next_of_its_own)
{
    struct heard heard = {.bed = bed_start()};

    assert_int_equal(put(&heard, "org", "t.org", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org/a", "", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org/a/site", "", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org/b", "t.b", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org/b/site", "", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "organ", "", EITHER), STORE_OK);
    expect_effective(&heard, "org/a/site", "t.org");
    expect_effective(&heard, "org/b/site", "t.b");
    expect_effective(&heard, "organ", "");
    assert_int_equal(put(&heard, "org", "t.new", EITHER), STORE_OK);
    bed_reopen(heard.bed);
    expect_effective(&heard, "org/a/site", "t.new");
    expect_effective(&heard, "org/b/site", "t.b");
    assert_int_equal(put(&heard, "org/b", "", EITHER), STORE_OK);
    expect_effective(&heard, "org/b/site", "t.new");
    assert_int_equal(await(&heard, store_group_list(heard.bed->store, "org",
                                                    100, on_groups, &heard)),
                     STORE_OK);
    assert_int_equal(heard.n, 5);
    bed_free(heard.bed);
}

TEST(what_the_tree_does_not_allow_changes_nothing)
{
    struct heard heard = {.bed = bed_start()};

    assert_int_equal(put(&heard, "org/a", "", EITHER), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_NO_PARENT);
    assert_int_equal(put(&heard, "org", "t", INHERIT), STORE_OK);
    assert_int_equal(put(&heard, "org/a", "t.a", EITHER), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_MUST_INHERIT);
    assert_int_equal(put(&heard, "org/a", "", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org", "t", OVERRIDE), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_BELOW_HAS_NONE);
    assert_int_equal(put(&heard, "org", "t", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org/a", "t.a", EITHER), STORE_OK);
    assert_int_equal(put(&heard, "org", "t", INHERIT), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_BELOW_HAS_TOPIC);
    assert_int_equal(remove_group(&heard, "org"), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_HAS_GROUPS);
    assert_int_equal(
        bed_checkin(heard.bed, STORE_CHECKIN_TOKEN_UPDATE, "d1", BED_NOW),
        STORE_OK);
    assert_int_equal(assign(&heard, "d1", "org/a"), STORE_OK);
    assert_int_equal(remove_group(&heard, "org/a"), STORE_ECONFLICT);
    assert_int_equal(heard.fault, STORE_GROUP_FAULT_HAS_ENROLLMENTS);
    assert_int_equal(assign(&heard, "d1", ""), STORE_OK);
    assert_int_equal(remove_group(&heard, "org/a"), STORE_OK);
    assert_int_equal(remove_group(&heard, "org/a"), STORE_ENOTFOUND);
    bed_free(heard.bed);
}

TEST(what_a_put_keeps_stays)
{
    struct heard heard = {.bed = bed_start()};
    struct store_group put_topic = {
        .path = "org", .topic = "t.new", .keeps_permission = true};
    struct store_group put_permission = {
        .path = "org", .permission = EITHER, .keeps_topic = true};
    struct store_group fresh = {
        .path = "new", .keeps_topic = true, .keeps_permission = true};
    struct store *store = heard.bed->store;

    assert_int_equal(put(&heard, "org", "t", INHERIT), STORE_OK);
    assert_int_equal(put(&heard, "org/a", "", EITHER), STORE_OK);
    assert_int_equal(
        await(&heard, store_group_put(store, &put_topic, on_groups, &heard)),
        STORE_OK);
    assert_int_equal(put(&heard, "org/a", "t.a", EITHER), STORE_ECONFLICT);
    expect_effective(&heard, "org/a", "t.new");
    assert_int_equal(await(&heard, store_group_put(store, &put_permission,
                                                   on_groups, &heard)),
                     STORE_OK);
    expect_effective(&heard, "org/a", "t.new");
    assert_int_equal(put(&heard, "org/a", "t.a", EITHER), STORE_OK);
    assert_int_equal(
        await(&heard, store_group_put(store, &fresh, on_groups, &heard)),
        STORE_OK);
    expect_effective(&heard, "new", "");
    bed_free(heard.bed);
}

TEST(a_bad_path_is_told_by_the_limit_it_breaks)
{
    static const struct {
        const char *path;
        const char *flaw; /* NULL: none */
    } cases[] = {
        {"school", NULL},
        {"\xe5\xad\xa6\xe6\xa0\xa1/1 a", NULL},
        {"", "empty"},
        {"/school", "begin with \"/\""},
        {"school/", "end with \"/\""},
        {"a//b", "empty part"},
        {"a/../b", "\"..\""},
        {"a/b\tc", "control"},
        {"1/2/3/4/5/6/7/8", NULL},
        {"1/2/3/4/5/6/7/8/9", "more than 8 parts"},
        {"a/0123456789012345678901234567890123456789012345678901234567890123",
         "more than 63 bytes"},
    };
    char longest[STORE_MAX_GROUP_PATH + 2];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *flaw = store_group_path_flaw(cases[i].path);

        assert_int_equal(flaw == NULL, cases[i].flaw == NULL);
        if (flaw != NULL)
            assert_non_null(strstr(flaw, cases[i].flaw));
    }
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_non_null(
        strstr(store_group_path_flaw(longest), "more than 255 bytes"));
}

TEST(members_with_another_topic_are_mismatched_and_found_by_filter)
{
    struct heard heard = {.bed = bed_start()};
    struct store_filter filter = {.group = "org"};
    const struct store_enrollment *found;
    const struct store_wave *wave;

    for (int i = 0; i < 3; i++) {
        char id[8];

        snprintf(id, sizeof id, "d%d", i);
        bed_checkin(heard.bed, STORE_CHECKIN_TOKEN_UPDATE, id, BED_NOW);
    }
    put(&heard, "org", BED_TOPIC, EITHER);
    put(&heard, "org/a", "t.other", EITHER);
    put(&heard, "organ", "", EITHER);
    assert_int_equal(assign(&heard, "d0", "org"), STORE_OK);
    assert_int_equal(assign(&heard, "d1", "org/a"), STORE_OK);
    assert_int_equal(assign(&heard, "d2", "organ"), STORE_OK);
    assert_int_equal(assign(&heard, "nobody", "org"), STORE_ENOTFOUND);
    assert_int_equal(assign(&heard, "d0", "nowhere"), STORE_ECONFLICT);
    found = bed_get(heard.bed, "d0");
    assert_false(found->is_mismatched);
    found = bed_get(heard.bed, "d1");
    assert_true(found->is_mismatched);
    expect_effective(&heard, "org/a", "t.other");
    assert_int_equal(heard.groups[0].n_enrollments, 1);
    assert_int_equal(heard.groups[0].n_mismatched, 1);
    assert_int_equal(bed_count(heard.bed, &filter), 2);
    wave = bed_wave(heard.bed, bed_wave_ask(heard.bed, &filter));
    assert_int_equal(wave->n_total, 2);
    filter.group = "org/a";
    assert_int_equal(bed_count(heard.bed, &filter), 1);
    filter.group = "nowhere";
    assert_int_equal(bed_count(heard.bed, &filter), 0);
    heard.bed->n_done = 0;
    assert_int_equal(store_wave_ask(heard.bed->store,
                                    &(struct store_wave){.filter = filter},
                                    bed_on_waves, heard.bed),
                     STORE_OK);
    bed_wait(heard.bed, 1);
    assert_int_equal(heard.bed->err, STORE_ENOTFOUND);
    /* Who is gone leaves, and does not come back by himself. */
    assert_int_equal(bed_delete(heard.bed, "d0"), 1);
    bed_checkin(heard.bed, STORE_CHECKIN_TOKEN_UPDATE, "d0", BED_NOW);
    expect_effective(&heard, "org", BED_TOPIC);
    assert_int_equal(heard.groups[0].n_enrollments, 0);
    bed_free(heard.bed);
}
