/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/objects.h>

#include "made_up.h"

/* What fits what, what is wrong, and what can be imported. */

static struct made_up m;
static char detail[CERTLIFE_MAX_DETAIL];

static int
set_up(void **state)
{
    (void)state;
    made_up_init(&m);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    made_up_fini(&m);
    return 0;
}

static int
forget_files(void **state)
{
    (void)state;
    made_up_files_free();
    made_up_errors();
    return 0;
}

static struct certlife_check *
check_all(const struct certlife_file *files, size_t n_files, int64_t now)
{
    struct certlife_check *check = NULL;

    assert_int_equal(
        certlife_check_make(files, n_files, NULL, 0, now, &check, detail),
        CERTLIFE_OK);
    return check;
}

/* The worst finding with that word; -1: none has it. */
static int
found(const struct certlife_check *check, const char *word)
{
    int worst = -1;

    for (size_t i = 0; i < check->n_findings; i++)
        if (strstr(check->findings[i].text, word) != NULL &&
            (int)check->findings[i].severity > worst)
            worst = (int)check->findings[i].severity;
    return worst;
}

static int
n_problems(const struct certlife_check *check)
{
    int n = 0;

    for (size_t i = 0; i < check->n_findings; i++)
        n += check->findings[i].severity == CERTLIFE_PROBLEM;
    return n;
}

static void
certificate_and_its_key_fit(void **state)
{
    struct certlife_file files[] = {
        made_up_key_pem("other.key", m.wwdr_key),
        made_up_cert_der("push.cer", m.push),
        made_up_key_as("push.key", m.push_key, MADE_UP_SEALED_DER, "pass"),
        made_up_csr("push.csr", m.push_key),
    };
    struct certlife_check *check = check_all(files, 4, MADE_UP_NOW);

    (void)state;
    assert_int_equal(check->objects[0].fits, 0);
    assert_int_equal(check->objects[1].fits, 4 | 8);
    assert_int_equal(check->objects[2].fits, 2 | 8);
    assert_int_equal(check->objects[3].fits, 2 | 4);
    assert_int_equal(found(check, "push.key belongs to the push certificate"),
                     CERTLIFE_FINE);
    assert_int_equal(found(check, "other.key fits nothing"), CERTLIFE_WARNING);
    assert_int_equal(n_problems(check), 0);
    certlife_check_free(check);
}

static void
key_among_the_known_ones_is_named(void **state)
{
    struct certlife_file key = made_up_key_pem("key", m.push_key);
    struct certlife_file file = made_up_cert_pem("push.pem", m.push);
    struct certlife_check *check = check_all(&key, 1, MADE_UP_NOW);
    char spki[65];
    struct certlife_known known[2] = {
        {"the pending request 2026", "no such digest"},
        {"the pending request 2027", spki}};

    (void)state;
    memcpy(spki, check->objects[0].spki_sha256, sizeof spki);
    certlife_check_free(check);
    assert_int_equal(
        certlife_check_make(&file, 1, known, 2, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    assert_int_equal(check->objects[0].known, 2);
    assert_int_equal(found(check, "the pending request 2027"), CERTLIFE_FINE);
    assert_int_equal(n_problems(check), 0);
    certlife_check_free(check);
}

/* Where it is known what is held elsewhere; at a desk it may well be held. */
static void
missing_key_is_a_problem_where_no_other_is_held(void **state)
{
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", m.push),
        made_up_key_pem("vendor.key", m.vendor_key),
        made_up_cert_pem("vendor.pem", m.vendor),
    };
    struct certlife_known known = {"", ""};
    struct certlife_check *check = check_all(files, 3, MADE_UP_NOW);

    (void)state;
    assert_int_equal(found(check, "the import finds it"), CERTLIFE_WARNING);
    assert_int_equal(found(check, "vendor.key is the vendor's"),
                     CERTLIFE_WARNING);
    certlife_check_free(check);
    assert_int_equal(
        certlife_check_make(files, 3, &known, 0, MADE_UP_NOW, &check, detail),
        CERTLIFE_OK);
    assert_int_equal(found(check, "private key of this push certificate is "
                                  "not here"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
}

static void
dates_and_usage_are_problems(void **state)
{
    X509 *odd = made_up_cert(&(struct made_up_spec){.cn = "APSP",
                                                    .uid = MADE_UP_TOPIC,
                                                    .key = m.push_key,
                                                    .eku = "serverAuth"});
    struct certlife_file files[] = {made_up_cert_pem("push.pem", m.push),
                                    made_up_key_pem("key", m.push_key),
                                    made_up_cert_pem("odd.pem", odd)};
    struct certlife_check *check =
        check_all(files, 2, MADE_UP_NOW + 400 * MADE_UP_DAY);

    (void)state;
    assert_int_equal(found(check, "push certificate expired on 2027-09-20"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
    check = check_all(files, 2, MADE_UP_NOW - 40 * MADE_UP_DAY);
    assert_int_equal(found(check, "not valid before 2026-09-20"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
    check = check_all(files + 1, 2, MADE_UP_NOW);
    assert_int_equal(found(check, "client authentication"), CERTLIFE_PROBLEM);
    certlife_check_free(check);
    X509_free(odd);
}

static void
request_instead_of_certificate_is_explained(void **state)
{
    struct certlife_file files[] = {made_up_csr("push.csr", m.push_key),
                                    made_up_key_pem("push.key", m.push_key),
                                    made_up_text("x.html", "<html>")};
    struct certlife_check *check = check_all(files, 3, MADE_UP_NOW);

    (void)state;
    assert_int_equal(certlife_check_push(check), -1);
    assert_int_equal(found(check, "There is no certificate from Apple here"),
                     CERTLIFE_PROBLEM);
    assert_int_equal(found(check, "x.html: This is a web page"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
}

static void
two_topics_are_warned_of_and_the_later_one_is_taken(void **state)
{
    X509 *other = made_up_push(&m, "com.apple.mgmt.External.other", m.push_key,
                               MADE_UP_NOW - 5, MADE_UP_NOW + 9);
    struct certlife_file files[] = {made_up_cert_pem("a", other),
                                    made_up_cert_pem("b", m.push)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);

    (void)state;
    assert_int_equal(found(check, "different topics"), CERTLIFE_WARNING);
    assert_int_equal(certlife_check_push(check), 1);
    certlife_check_free(check);
    X509_free(other);
}

/* Both readings of the certificate agree in every field. */
static void
assert_same(const struct apns_cert *a, const struct apns_cert *b)
{
    assert_string_equal(a->topic, b->topic);
    assert_string_equal(a->subject, b->subject);
    assert_string_equal(a->issuer, b->issuer);
    assert_string_equal(a->serial, b->serial);
    assert_string_equal(a->sha256, b->sha256);
    assert_string_equal(a->sha1, b->sha1);
    assert_int_equal(a->not_before_unix, b->not_before_unix);
    assert_int_equal(a->not_after_unix, b->not_after_unix);
    assert_int_equal(a->has_client_auth, b->has_client_auth);
}

static void
identity_is_what_the_client_takes(void **state)
{
    struct certlife_file files[] = {made_up_key_pem("other.key", m.aai_key),
                                    made_up_p12("id.p12", m.push_key, m.push,
                                                "pass", NID_aes_256_cbc, 2048)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);
    int push = certlife_check_push(check);
    struct apns_cert cert;
    char *pem;

    (void)state;
    assert_true(push > 0);
    assert_int_equal(certlife_check_identity(check, (size_t)push, NULL,
                                             MADE_UP_NOW, &pem, &cert, detail),
                     CERTLIFE_OK);
    assert_same(&cert, &check->objects[push].cert);
    certlife_secret_free(pem);
    certlife_check_free(check);
}

static void
identity_takes_a_key_held_elsewhere(void **state)
{
    struct certlife_file files[] = {made_up_cert_pem("push.pem", m.push)};
    struct certlife_file key = made_up_key_pem("key", m.push_key);
    struct certlife_file wrong = made_up_key_pem("key", m.aai_key);
    struct certlife_check *check = check_all(files, 1, MADE_UP_NOW);
    struct apns_cert cert;
    char *pem;
    char text[4096];

    (void)state;
    assert_int_equal(certlife_check_identity(check, 0, NULL, MADE_UP_NOW, &pem,
                                             &cert, detail),
                     CERTLIFE_EIDENTITY);
    assert_null(pem);
    snprintf(text, sizeof text, "%.*s", (int)key.len, (const char *)key.bytes);
    assert_int_equal(certlife_check_identity(check, 0, text, MADE_UP_NOW, &pem,
                                             &cert, detail),
                     CERTLIFE_OK);
    certlife_secret_free(pem);
    snprintf(text, sizeof text, "%.*s", (int)wrong.len,
             (const char *)wrong.bytes);
    assert_int_equal(certlife_check_identity(check, 0, text, MADE_UP_NOW, &pem,
                                             &cert, detail),
                     CERTLIFE_EKEYMISMATCH);
    assert_null(pem);
    certlife_check_free(check);
}

static void
identity_of_anything_else_is_refused(void **state)
{
    struct certlife_file files[] = {made_up_cert_pem("vendor", m.vendor),
                                    made_up_key_pem("key", m.vendor_key),
                                    made_up_cert_pem("push", m.push),
                                    made_up_key_pem("key", m.push_key)};
    int64_t later = MADE_UP_NOW + 400 * MADE_UP_DAY;
    struct certlife_check *check = check_all(files, 4, later);
    struct apns_cert cert;
    char *pem;

    (void)state;
    assert_int_equal(
        certlife_check_identity(check, 0, NULL, later, &pem, &cert, detail),
        CERTLIFE_EIDENTITY);
    assert_non_null(strstr(detail, "vendor certificate"));
    assert_int_equal(
        certlife_check_identity(check, 2, NULL, later, &pem, &cert, detail),
        CERTLIFE_EIDENTITY);
    assert_non_null(strstr(detail, "expired"));
    assert_string_equal(cert.topic, MADE_UP_TOPIC);
    certlife_check_free(check);
}

static void
pem_of_each_object_reads_as_the_same(void **state)
{
    struct certlife_file files[] = {
        made_up_cert_der("push", m.push), made_up_csr("csr", m.push_key),
        made_up_key_as("key", m.push_key, MADE_UP_OLD_SEALED_PEM, "pass"),
        made_up_text("html", "<html>")};
    struct certlife_check *check = check_all(files, 4, MADE_UP_NOW);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *pem = certlife_check_pem(check, i);
        struct certlife_file file = made_up_text("again", pem);
        struct certlife_check *again = check_all(&file, 1, MADE_UP_NOW);

        assert_int_equal(again->objects[0].kind, check->objects[i].kind);
        assert_string_equal(again->objects[0].spki_sha256,
                            check->objects[i].spki_sha256);
        certlife_check_free(again);
        certlife_secret_free(pem);
    }
    assert_null(certlife_check_pem(check, 3));
    certlife_check_free(check);
}

static void
json_has_every_object_and_finding(void **state)
{
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", m.push),
        made_up_key_pem("bad \xff name", m.push_key)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);
    json_t *json = certlife_check_json(check, files, 2);
    json_t *object = json_array_get(json_object_get(json, "objects"), 0);

    (void)state;
    assert_int_equal(json_array_size(json_object_get(json, "objects")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "findings")),
                     check->n_findings);
    assert_string_equal(json_string_value(json_object_get(object, "kind")),
                        "push certificate");
    assert_string_equal(json_string_value(json_object_get(object, "not_after")),
                        "2027-09-20T14:13:19.000Z");
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(object, "fits"), 0)),
        1);
    object = json_array_get(json_object_get(json, "objects"), 1);
    assert_string_equal(json_string_value(json_object_get(object, "file")),
                        "bad ? name");
    json_decref(json);
    certlife_check_free(check);
}

static void
no_files_at_all_have_no_certificate(void **state)
{
    struct certlife_check *check = check_all(NULL, 0, MADE_UP_NOW);

    (void)state;
    assert_int_equal(check->n_objects, 0);
    assert_int_equal(n_problems(check), 1);
    certlife_check_free(check);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget_files)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(certificate_and_its_key_fit),
        TEST(key_among_the_known_ones_is_named),
        TEST(missing_key_is_a_problem_where_no_other_is_held),
        TEST(dates_and_usage_are_problems),
        TEST(request_instead_of_certificate_is_explained),
        TEST(two_topics_are_warned_of_and_the_later_one_is_taken),
        TEST(identity_is_what_the_client_takes),
        TEST(identity_takes_a_key_held_elsewhere),
        TEST(identity_of_anything_else_is_refused),
        TEST(pem_of_each_object_reads_as_the_same),
        TEST(json_has_every_object_and_finding),
        TEST(no_files_at_all_have_no_certificate),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
