/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "server/certlife/certlife.h"
#include "tests/support/unit.h"

#define NOW   INT64_C(1790000000)
#define DAY   INT64_C(86400)
#define OLD   "com.apple.mgmt.External.old"
#define OTHER "com.apple.mgmt.External.other"

static struct apns_cert
cert(const char *topic, const char *sha256, int64_t from, int64_t to)
{
    struct apns_cert made = {.not_before_unix = from,
                             .not_after_unix = to,
                             .has_client_auth = true,
                             .serial = "0123456789ABCDEF"};

    snprintf(made.topic, sizeof made.topic, "%s", topic);
    snprintf(made.sha256, sizeof made.sha256, "%s", sha256);
    snprintf(made.subject, sizeof made.subject, "UID=%s", topic);
    return made;
}

struct scene {
    struct apns_cert fresh;
    struct apns_cert certs[2];
    struct certlife_held held[2];
    struct certlife_import import;
};

/* Two identities: OLD with 3000 enrollments, OTHER with 20. */
static void
set(struct scene *scene, const char *fresh_topic)
{
    memset(scene, 0, sizeof *scene);
    scene->fresh = cert(fresh_topic, "new", NOW - DAY, NOW + 364 * DAY);
    scene->certs[0] = cert(OTHER, "aa", NOW - 300 * DAY, NOW + 65 * DAY);
    scene->certs[1] = cert(OLD, "bb", NOW - 360 * DAY, NOW + 5 * DAY);
    scene->held[0] = (struct certlife_held){
        .cert = &scene->certs[0], .n_enrollments = 20, .is_taken = true};
    scene->held[1] =
        (struct certlife_held){.cert = &scene->certs[1],
                               .n_enrollments = 3000,
                               .apple_account = "it@school.example",
                               .is_taken = true};
    scene->import.fresh = &scene->fresh;
    scene->import.held = scene->held;
    scene->import.n_held = 2;
}

static enum certlife_verdict
ask(const struct scene *scene, struct certlife_answer *answer)
{
    certlife_compare(&scene->import, NOW, answer);
    assert_true(answer->text[0] != '\0');
    return answer->verdict;
}

TEST(renewal_of_the_same_topic_is_fine)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_true(certlife_verdict_is_ok(answer.verdict));
    assert_int_equal(answer.current, 1);
    assert_int_equal(answer.n_silenced, 0);
}

/* It must come back, also where it is no newer than the one in force. */
TEST(a_certificate_whose_key_is_lost_stands_in_nobodys_way)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    scene.held[1].is_key_lost = true;
    scene.fresh = scene.certs[1];
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_int_equal(answer.current, 1);
    assert_non_null(strstr(answer.text, "is lost"));
    snprintf(scene.fresh.sha256, sizeof scene.fresh.sha256, "before");
    scene.fresh.not_after_unix -= DAY;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    scene.held[1].is_key_lost = false;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OLDER_THAN_CURRENT);
}

TEST(first_identity_is_fine)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    scene.import.n_held = 0;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_NEW_IDENTITY);
    assert_int_equal(answer.current, -1);
}

TEST(another_topic_is_refused_with_numbers_and_causes)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, "com.apple.mgmt.External.new");
    scene.import.renew_topic = OLD;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_TOPIC_MISMATCH);
    assert_false(certlife_verdict_is_ok(answer.verdict));
    assert_int_equal(answer.current, 1);
    assert_int_equal(answer.n_silenced, 3000);
    assert_non_null(strstr(answer.text, OLD));
    assert_non_null(strstr(answer.text, "com.apple.mgmt.External.new"));
    assert_non_null(strstr(answer.text, "3000 enrollments"));
    assert_non_null(strstr(answer.text, "another Apple Account"));
    assert_non_null(strstr(answer.text, "it@school.example"));
    assert_non_null(strstr(answer.text, "another certificate of the same"));
    assert_non_null(strstr(answer.text, "0123456789ABCDEF"));
    assert_non_null(strstr(answer.text, "Create a Certificate"));
    assert_non_null(strstr(answer.text, "--add"));
}

TEST(held_topic_is_no_way_around_the_guard)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OTHER);
    scene.import.renew_topic = OLD;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_TOPIC_MISMATCH);
    assert_int_equal(answer.n_silenced, 3000);
}

TEST(unknown_topic_is_refused_unless_wanted_beside_the_others)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, "com.apple.mgmt.External.new");
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_TOPIC_MISMATCH);
    assert_int_equal(answer.current, 1); /* the one with most to lose */
    scene.import.as_additional = true;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_ADDITIONAL);
    assert_int_equal(answer.current, -1);
    assert_int_equal(answer.n_silenced, 0);
}

TEST(held_topic_is_not_additional)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OTHER);
    scene.import.renew_topic = OLD;
    scene.import.as_additional = true;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_TOPIC_MISMATCH);
    scene.import.renew_topic = NULL;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_int_equal(answer.current, 0);
}

TEST(replacing_by_a_held_topic_may_not_put_an_older_one_in_force)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OTHER);
    scene.import.replace_topic = OLD;
    scene.import.has_confirm = true;
    scene.import.confirm = 3000;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_REPLACE_TOPIC);
    assert_int_equal(answer.n_silenced, 3000);
    scene.fresh.not_after_unix = scene.certs[0].not_after_unix - 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OLDER_THAN_CURRENT);
    assert_int_equal(answer.n_silenced, 0);
}

TEST(replacing_needs_the_exact_number)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, "com.apple.mgmt.External.new");
    scene.import.replace_topic = OLD;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_CONFIRM_WRONG);
    scene.import.has_confirm = true;
    scene.import.confirm = 2999;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_CONFIRM_WRONG);
    assert_non_null(strstr(answer.text, "3000 enrollments"));
    /* A guard whose refusal can be pasted is none. */
    assert_null(strstr(answer.text, "--confirm"));
    scene.import.confirm = 3000;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_REPLACE_TOPIC);
    assert_int_equal(answer.n_silenced, 3000);
    scene.import.replace_topic = "com.apple.mgmt.nobody";
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_UNKNOWN_TOPIC);
}

TEST(confirming_zero_must_be_said_too)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, "com.apple.mgmt.External.new");
    scene.held[1].n_enrollments = 0;
    scene.import.replace_topic = OLD;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_CONFIRM_WRONG);
    scene.import.has_confirm = true;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_REPLACE_TOPIC);
}

TEST(last_years_file_is_refused)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    scene.fresh.not_after_unix = scene.certs[1].not_after_unix - 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OLDER_THAN_CURRENT);
    /* Two of one second are told by their beginning. */
    scene.fresh.not_after_unix++;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    scene.fresh.not_before_unix = scene.certs[1].not_before_unix - 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OLDER_THAN_CURRENT);
}

/* What APNs does not take, or was never seen to take, bars none that it may
 * take. */
TEST(a_certificate_that_does_not_work_bars_no_earlier_one)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    scene.fresh.not_after_unix = scene.certs[1].not_after_unix - 1;
    scene.held[1].marks = CERTLIFE_MARK_REFUSED;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_non_null(strstr(answer.text, "APNs refuses that one"));
    scene.held[1].marks = CERTLIFE_MARK_REVOKED;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    scene.held[1].marks = CERTLIFE_MARK_TEST_FAILED;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OLDER_THAN_CURRENT);
    scene.held[1].marks = 0;
    scene.held[1].is_taken = false;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_non_null(strstr(answer.text, "not been seen to accept"));
}

TEST(both_ends_of_a_renewal_are_said)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    assert_non_null(
        strstr(answer.text, "valid until 2027-09-20 instead of 2026-09-26."));
}

TEST(same_one_twice_and_one_from_the_past_are_refused)
{
    static const char *const past[] = {"cc", "new"};
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    snprintf(scene.certs[1].sha256, sizeof scene.certs[1].sha256, "new");
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_SAME_CERTIFICATE);
    assert_int_equal(answer.current, 1);
    set(&scene, OLD);
    scene.import.past_sha256 = past;
    scene.import.n_past = 2;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_ALREADY_IMPORTED);
    assert_int_equal(answer.current, 1);
    scene.import.n_past = 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
}

TEST(bad_certificates_are_refused_for_what_they_are)
{
    struct scene scene;
    struct certlife_answer answer;

    set(&scene, OLD);
    scene.fresh.not_after_unix = NOW;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_EXPIRED);
    set(&scene, OLD);
    scene.fresh.not_before_unix = NOW + 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_NOT_YET_VALID);
    assert_non_null(strstr(answer.text, "2026-09-21 14:13:21 UTC"));
    assert_non_null(strstr(answer.text, "2026-09-21 14:13:20 UTC"));
    scene.fresh.not_before_unix = NOW;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_OK_RENEWAL);
    scene.fresh.not_after_unix = NOW - 1;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_BAD_CERTIFICATE);
    assert_non_null(strstr(answer.text, "before it begins"));
    set(&scene, OLD);
    scene.fresh.has_client_auth = false;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_NO_CLIENT_AUTH);
    set(&scene, OLD);
    scene.import.fault = APNS_EBADUID;
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_BAD_TOPIC);
    scene.import.fault = APNS_EMANYUIDS;
    scene.import.fault_detail = "A and B";
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_BAD_TOPIC);
    assert_non_null(strstr(answer.text, "more than one UID (A and B)"));
    scene.import.fault = APNS_EWEAKSIGN;
    scene.import.fault_detail = "SHA-1";
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_BAD_CERTIFICATE);
    assert_non_null(strstr(answer.text, "signed with SHA-1"));
    set(&scene, OLD);
    scene.import.renew_topic = "com.apple.mgmt.nobody";
    assert_int_equal(ask(&scene, &answer), CERTLIFE_VERDICT_UNKNOWN_TOPIC);
    assert_string_equal(answer.text,
                        "There is no push certificate for the topic "
                        "com.apple.mgmt.nobody here; see rouse cert list.");
}

TEST(words_are_all_different)
{
    /* A further topic is a new one as well, to those who ask. */
    for (int i = 0; i < CERTLIFE_N_VERDICTS; i++)
        for (int j = 0; j < i && i != CERTLIFE_VERDICT_OK_ADDITIONAL; j++)
            assert_string_not_equal(
                certlife_verdict_word((enum certlife_verdict)i),
                certlife_verdict_word((enum certlife_verdict)j));
    assert_string_equal(certlife_verdict_word(CERTLIFE_VERDICT_TOPIC_MISMATCH),
                        "topic_mismatch");
}

TEST(sides_show_every_row_within_80_columns)
{
    static const char *const labels[] = {
        "subject",    "topic",         "serial",     "issuer",
        "valid from", "valid to",      "SHA-256",    "SHA-1",
        "days left",  "Apple Account", "enrollments"};
    struct scene scene;
    char *text;

    set(&scene, OLD);
    memset(scene.fresh.sha256, 'f', 64);
    memset(scene.certs[1].sha256, 'e', 64);
    text = certlife_sides_text(&scene.held[1], &scene.fresh,
                               "öffentlich@schule.example", NOW);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        assert_non_null(strstr(text, labels[i]));
    assert_non_null(strstr(text, "364"));
    assert_non_null(strstr(text, "3000"));
    assert_non_null(strstr(text, "it@school.example"));
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1)
        assert_true(end - line <= 81); /* one ö */
    free(text);
    text = certlife_sides_text(NULL, &scene.fresh, NULL, NOW);
    assert_non_null(strstr(text, "(none yet)"));
    free(text);
}

/* A kanji takes two columns: the right side begins where it does elsewhere. */
TEST(sides_count_columns_and_not_letters)
{
    static const char kanji[] = "\xe6\xa0\xaa\xe5\xbc\x8f"
                                "\xe4\xbc\x9a\xe7\xa4\xbe";
    struct scene scene;
    char *text, *at;

    set(&scene, OLD);
    snprintf(scene.certs[1].issuer, sizeof scene.certs[1].issuer, "%s", kanji);
    snprintf(scene.fresh.issuer, sizeof scene.fresh.issuer, "right");
    text = certlife_sides_text(&scene.held[1], &scene.fresh, NULL, NOW);
    at = strstr(text, kanji);
    assert_non_null(at);
    assert_int_equal(strspn(at + strlen(kanji), " "), 32 + 2 - 8);
    free(text);
    /* 40 of them are 80 columns: five lines of 16. */
    for (int i = 0; i < 10; i++)
        memcpy(scene.certs[1].issuer + i * 12, kanji, sizeof kanji);
    text = certlife_sides_text(&scene.held[1], &scene.fresh, NULL, NOW);
    at = strstr(text, kanji);
    assert_int_equal(strcspn(at, " \n"), 16 * 3);
    free(text);
    /* As macOS writes an accent: a mark that takes no column. */
    snprintf(scene.certs[1].issuer, sizeof scene.certs[1].issuer, "E\xcc\x81!");
    text = certlife_sides_text(&scene.held[1], &scene.fresh, NULL, NOW);
    assert_int_equal(strspn(strchr(text, '!') + 1, " "), 32 + 2 - 2);
    free(text);
}

TEST(sides_as_json_say_what_differs)
{
    struct scene scene;
    json_t *json;

    set(&scene, "com.apple.mgmt.External.new");
    json = certlife_sides_json(&scene.held[1], &scene.fresh, NULL, NOW);
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(json, "current"), "topic")),
                        OLD);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json, "current"), "enrollments")),
                     3000);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(json, "new"), "enrollments")),
                     0);
    assert_true(json_is_null(
        json_object_get(json_object_get(json, "new"), "apple_account")));
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(json, "differs"), 1)),
        "topic");
    json_decref(json);
    json = certlife_sides_json(NULL, &scene.fresh, NULL, NOW);
    assert_true(json_is_null(json_object_get(json, "current")));
    assert_int_equal(json_array_size(json_object_get(json, "differs")), 0);
    json_decref(json);
}
