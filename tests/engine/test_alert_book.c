/* SPDX-License-Identifier: MIT */
#include "server/engine/alert/alert_book.h"
#include "tests/support/unit.h"

static struct alert_book book;

static bool
put(int64_t id, const char *kind, const char *topic)
{
    const struct store_alert alert = {.id = id,
                                      .kind = kind,
                                      .topic = topic,
                                      .severity = "warning",
                                      .text = "text",
                                      .cert = "cert"};

    return alert_book_put(&book, &alert);
}

/* Its number; 0: none is open. */
static int64_t
find(enum alert_kind kind, const char *topic)
{
    const struct alert_open *open = alert_book_find(&book, kind, topic);

    return open != NULL ? open->id : 0;
}

TEST(an_alert_is_found_by_kind_and_topic)
{
    assert_true(put(1, "expiry", "a"));
    assert_true(put(2, "revoked", "a"));
    assert_true(put(3, "expiry", "b"));
    assert_int_equal(find(ALERT_KIND_EXPIRY, "a"), 1);
    assert_int_equal(find(ALERT_KIND_REVOKED, "a"), 2);
    assert_int_equal(find(ALERT_KIND_EXPIRY, "b"), 3);
    assert_int_equal(find(ALERT_KIND_REVOKED, "b"), 0);
    assert_true(put(4, "expiry", "a")); /* in place of the first */
    assert_int_equal(find(ALERT_KIND_EXPIRY, "a"), 4);
    assert_int_equal(book.n_open, 3);
    assert_false(put(5, "weather", "a"));
    assert_int_equal(book.n_open, 3);
    alert_book_fini(&book);
}

TEST(what_ends_leaves_the_others_open)
{
    for (int64_t id = 1; id <= 3; id++) {
        const char topic[] = {(char)('a' + id), '\0'};

        assert_true(put(id, "expiry", topic));
    }
    alert_book_drop(&book, 9);
    assert_int_equal(book.n_open, 3);
    alert_book_drop(&book, 2);
    assert_int_equal(book.n_open, 2);
    assert_int_equal(find(ALERT_KIND_EXPIRY, "b"), 1);
    assert_int_equal(find(ALERT_KIND_EXPIRY, "c"), 0);
    assert_int_equal(find(ALERT_KIND_EXPIRY, "d"), 3);
    alert_book_fini(&book);
}

TEST(what_was_told_of_one_certificate_is_forgotten_alone)
{
    static const struct certlife_told none, one = {.days = 1},
                                            two = {.days = 2};

    assert_true(alert_book_tell(&book, "x", &one));
    assert_true(alert_book_tell(&book, "y", &one));
    assert_true(alert_book_tell(&book, "y", &two));
    assert_int_equal(alert_book_told(&book, "x").days, 1);
    assert_int_equal(alert_book_told(&book, "y").days, 2);
    assert_true(alert_book_tell(&book, "x", NULL));
    assert_true(alert_book_tell(&book, "z", NULL));
    assert_int_equal(alert_book_told(&book, "x").days, none.days);
    assert_int_equal(alert_book_told(&book, "y").days, 2);
    alert_book_fini(&book);
}
