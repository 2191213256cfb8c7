/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/objects.h>

#include "made_up.h"
#include "tests/support/unit.h"

/* What fits what, what is wrong, and what can be imported. */

static char detail[CERTLIFE_MAX_DETAIL];

EACH(NULL, made_up_forget);
ALL(made_up_set_up, made_up_tear_down);

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

TEST(certificate_and_its_key_fit)
{
    struct certlife_file files[] = {
        made_up_key_pem("other.key", apple.wwdr_key),
        made_up_cert_der("push.cer", apple.push),
        made_up_key_as("push.key", apple.push_key, MADE_UP_SEALED_DER, "pass"),
        made_up_csr("push.csr", apple.push_key),
    };
    struct certlife_check *check = check_all(files, 4, MADE_UP_NOW);

    assert_int_equal(check->objects[0].fits, 0);
    assert_int_equal(check->objects[1].fits, 4 | 8);
    assert_int_equal(check->objects[2].fits, 2 | 8);
    assert_int_equal(check->objects[3].fits, 2 | 4);
    assert_int_equal(found(check, "push.key is the key of push.cer"),
                     CERTLIFE_FINE);
    assert_int_equal(
        found(check, "other.key is the key of another certificate"),
        CERTLIFE_WARNING);
    assert_int_equal(n_problems(check), 0);
    certlife_check_free(check);
}

TEST(key_among_the_known_ones_is_named)
{
    struct certlife_file key = made_up_key_pem("key", apple.push_key);
    struct certlife_file file = made_up_cert_pem("push.pem", apple.push);
    struct certlife_check *check = check_all(&key, 1, MADE_UP_NOW);
    char spki[65];
    struct certlife_known known[2] = {
        {"the pending request 2026", "no such digest"},
        {"the pending request 2027", spki}};

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
TEST(missing_key_is_a_problem_where_no_other_is_held)
{
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", apple.push),
        made_up_key_pem("vendor.key", apple.vendor_key),
        made_up_cert_pem("vendor.pem", apple.vendor),
    };
    struct certlife_known known = {"", ""};
    struct certlife_check *check = check_all(files, 3, MADE_UP_NOW);

    assert_int_equal(found(check, "the import finds it"), CERTLIFE_WARNING);
    assert_int_equal(found(check, "vendor.key is the vendor's"),
                     CERTLIFE_WARNING);
    certlife_check_free(check);
    assert_int_equal(
        certlife_check_make(files, 3, &known, 0, MADE_UP_NOW, &check, detail),
        CERTLIFE_OK);
    assert_int_equal(found(check, "push.pem is neither among the files nor"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
}

TEST(dates_and_usage_are_problems)
{
    X509 *odd = made_up_cert(&(struct made_up_spec){.cn = "APSP",
                                                    .uid = MADE_UP_TOPIC,
                                                    .key = apple.push_key,
                                                    .eku = "serverAuth"});
    struct certlife_file files[] = {made_up_cert_pem("push.pem", apple.push),
                                    made_up_key_pem("key", apple.push_key),
                                    made_up_cert_pem("odd.pem", odd)};
    struct certlife_check *check =
        check_all(files, 2, MADE_UP_NOW + 400 * MADE_UP_DAY);

    assert_int_equal(found(check, "push certificate expired on 2027-09-20"),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
    check = check_all(files, 2, MADE_UP_NOW - 40 * MADE_UP_DAY);
    assert_int_equal(found(check, "is not valid before 2026-09-20 "),
                     CERTLIFE_PROBLEM);
    certlife_check_free(check);
    check = check_all(files + 1, 2, MADE_UP_NOW);
    assert_int_equal(found(check, "client authentication"), CERTLIFE_PROBLEM);
    certlife_check_free(check);
    X509_free(odd);
}

TEST(request_instead_of_certificate_is_explained)
{
    struct certlife_file files[] = {made_up_csr("push.csr", apple.push_key),
                                    made_up_key_pem("push.key", apple.push_key),
                                    made_up_text("x.html", "<html>")};
    struct certlife_check *check = check_all(files, 3, MADE_UP_NOW);

    assert_int_equal(certlife_check_push(check), -1);
    assert_int_equal(found(check, "push.csr is a request: a vendor signs it"),
                     CERTLIFE_PROBLEM);
    assert_int_equal(n_problems(check), 1);
    certlife_check_free(check);
}

TEST(two_topics_are_a_problem_and_both_are_named)
{
    X509 *other =
        made_up_push(&apple, "com.apple.mgmt.External.other", apple.push_key,
                     MADE_UP_NOW - 5, MADE_UP_NOW + 9);
    struct certlife_file files[] = {made_up_cert_pem("a", other),
                                    made_up_cert_pem("b", apple.push)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);

    assert_int_equal(
        found(check,
              "b and a contain push certificates for two topics, " MADE_UP_TOPIC
              " and "
              "com.apple.mgmt.External.other"),
        CERTLIFE_PROBLEM);
    assert_true(certlife_check_is_torn(check));
    assert_int_equal(certlife_check_push(check), 1);
    assert_int_equal(
        certlife_check_push_of(check, "com.apple.mgmt.External.other"), 0);
    assert_int_equal(certlife_check_push_of(check, "com.apple.mgmt.x"), -1);
    certlife_check_free(check);
    X509_free(other);
}

/* As the import does, which takes the other one and is done. */
TEST(an_expired_one_beside_its_renewal_is_no_problem)
{
    X509 *old = made_up_push(&apple, MADE_UP_TOPIC, apple.push_key,
                             MADE_UP_NOW - 400 * MADE_UP_DAY,
                             MADE_UP_NOW - 35 * MADE_UP_DAY);
    struct certlife_file files[] = {
        made_up_cert_pem("last-year.pem", old),
        made_up_cert_pem("push.pem", apple.push),
        made_up_key_pem("push.key", apple.push_key)};
    struct certlife_check *check = check_all(files, 3, MADE_UP_NOW);

    assert_int_equal(n_problems(check), 0);
    assert_int_equal(
        found(check, "push.pem, which expires last (2027-09-20), is used."),
        CERTLIFE_WARNING);
    assert_int_equal(found(check, "push.key is the key of push.pem."),
                     CERTLIFE_FINE);
    certlife_check_free(check);
    X509_free(old);
}

/* As `cat` makes it; its name is not said twice. */
static struct certlife_check *
check_in_one_file(X509 *one, X509 *two)
{
    struct certlife_file a = made_up_cert_pem("a", one);
    struct certlife_file b = made_up_cert_pem("b", two);
    char text[16384];
    struct certlife_file both;

    assert_true(a.len + b.len < sizeof text);
    memcpy(text, a.bytes, a.len);
    memcpy(text + a.len, b.bytes, b.len);
    both = made_up_file("both.pem", text, a.len + b.len);
    return check_all(&both, 1, MADE_UP_NOW);
}

TEST(two_in_one_file_are_said_to_be_in_it)
{
    X509 *old = made_up_push(&apple, MADE_UP_TOPIC, apple.push_key,
                             MADE_UP_NOW - 5, MADE_UP_NOW + 9);
    X509 *other =
        made_up_push(&apple, "com.apple.mgmt.External.other", apple.push_key,
                     MADE_UP_NOW - 5, MADE_UP_NOW + 9);
    struct certlife_check *check = check_in_one_file(old, apple.push);

    assert_int_equal(
        found(check, "both.pem contains several push certificates for one "
                     "topic: the one that expires last (2027-09-20) is used."),
        CERTLIFE_WARNING);
    certlife_check_free(check);
    check = check_in_one_file(other, apple.push);
    assert_int_equal(
        found(
            check,
            "both.pem contains push certificates for two topics, " MADE_UP_TOPIC
            " and "
            "com.apple.mgmt.External.other. Give a file "
            "with one of them."),
        CERTLIFE_PROBLEM);
    certlife_check_free(check);
    X509_free(other);
    X509_free(old);
}

static enum certlife_err
credential_of(const struct certlife_check *check,
              const struct certlife_file *files, int object,
              const char *key_pem, struct apns_credential **credential)
{
    return certlife_check_credential(check, files, (size_t)object, key_pem,
                                     credential, detail);
}

TEST(identity_is_what_the_client_takes)
{
    struct certlife_file files[] = {made_up_key_pem("other.key", apple.aai_key),
                                    made_up_p12("id.p12", apple.push_key,
                                                apple.push, "pass",
                                                NID_aes_256_cbc, 2048)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);
    int push = certlife_check_push(check);
    struct apns_credential *credential;

    assert_true(push > 0);
    assert_int_equal(credential_of(check, files, push, NULL, &credential),
                     CERTLIFE_OK);
    assert_memory_equal(apns_credential_cert(credential),
                        &check->objects[push].cert, sizeof(struct apns_cert));
    apns_credential_free(credential);
    certlife_check_free(check);
}

TEST(identity_takes_a_key_held_elsewhere)
{
    struct certlife_file files[] = {made_up_cert_pem("push.pem", apple.push)};
    struct certlife_file key = made_up_key_pem("key", apple.push_key);
    struct certlife_file wrong = made_up_key_pem("key", apple.aai_key);
    struct certlife_check *check = check_all(files, 1, MADE_UP_NOW);
    struct apns_credential *credential;
    char text[4096];

    assert_int_equal(credential_of(check, files, 0, NULL, &credential),
                     CERTLIFE_ENOKEY);
    assert_null(credential);
    assert_non_null(strstr(detail, "push.pem is neither among the files"));
    snprintf(text, sizeof text, "%.*s", (int)key.len, (const char *)key.bytes);
    assert_int_equal(credential_of(check, files, 0, text, &credential),
                     CERTLIFE_OK);
    apns_credential_free(credential);
    snprintf(text, sizeof text, "%.*s", (int)wrong.len,
             (const char *)wrong.bytes);
    assert_int_equal(credential_of(check, files, 0, text, &credential),
                     CERTLIFE_EKEYMISMATCH);
    assert_null(credential);
    certlife_check_free(check);
}

/* The dates are for whoever compares; a credential knows no clock. */
TEST(identity_of_anything_else_is_refused)
{
    struct certlife_file files[] = {made_up_cert_pem("vendor", apple.vendor),
                                    made_up_key_pem("key", apple.vendor_key),
                                    made_up_cert_pem("push", apple.push),
                                    made_up_key_pem("key", apple.push_key)};
    int64_t later = MADE_UP_NOW + 400 * MADE_UP_DAY;
    struct certlife_check *check = check_all(files, 4, later);
    struct apns_credential *credential;

    assert_int_equal(credential_of(check, files, 0, NULL, &credential),
                     CERTLIFE_EIDENTITY);
    assert_non_null(strstr(detail, "vendor certificate"));
    assert_null(credential);
    assert_int_equal(credential_of(check, files, 2, NULL, &credential),
                     CERTLIFE_OK);
    apns_credential_free(credential);
    certlife_check_free(check);
}

TEST(pem_of_each_object_reads_as_the_same)
{
    struct certlife_file files[] = {
        made_up_cert_der("push", apple.push),
        made_up_csr("csr", apple.push_key),
        made_up_key_as("key", apple.push_key, MADE_UP_OLD_SEALED_PEM, "pass"),
        made_up_text("html", "<html>")};
    struct certlife_check *check = check_all(files, 4, MADE_UP_NOW);

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

TEST(json_has_every_object_and_finding)
{
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", apple.push),
        made_up_key_pem("bad \xff name", apple.push_key)};
    struct certlife_check *check = check_all(files, 2, MADE_UP_NOW);
    json_t *json = certlife_check_json(check, files, 2);
    json_t *object = json_array_get(json_object_get(json, "objects"), 0);

    assert_int_equal(json_array_size(json_object_get(json, "objects")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "findings")),
                     check->n_findings);
    assert_string_equal(json_string_value(json_object_get(object, "kind")),
                        "push certificate");
    assert_string_equal(json_string_value(json_object_get(object, "not_after")),
                        "2027-09-20T14:13:19.000Z");
    assert_string_equal(
        json_string_value(json_object_get(object, "not_before")),
        "2026-09-20T14:13:20.000Z");
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(object, "fits"), 0)),
        1);
    object = json_array_get(json_object_get(json, "objects"), 1);
    assert_string_equal(json_string_value(json_object_get(object, "file")),
                        "bad ? name");
    json_decref(json);
    certlife_check_free(check);
}

TEST(no_files_at_all_have_no_certificate)
{
    struct certlife_check *check = check_all(NULL, 0, MADE_UP_NOW);

    assert_int_equal(check->n_objects, 0);
    assert_int_equal(n_problems(check), 1);
    certlife_check_free(check);
}
