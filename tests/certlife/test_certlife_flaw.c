/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "desk.h"
#include "tests/support/unit.h"

/* What no import takes, what is only worth a warning, and which of the files
 * given is the trouble: the check and the import say it in the same words. */

#define PREFIX "com.apple.mgmt."

static struct certlife_check *
check_all(const struct certlife_file *files, size_t n_files)
{
    struct certlife_check *check = NULL;

    assert_int_equal(
        certlife_check_make(files, n_files, NULL, 0, MADE_UP_NOW, &check, NULL),
        CERTLIFE_OK);
    return check;
}

static const char *
first_of(const struct certlife_check *check, enum certlife_severity severity)
{
    for (size_t i = 0; i < check->n_findings; i++)
        if (check->findings[i].severity == severity)
            return check->findings[i].text;
    return "";
}

/* The import's verdict about the same certificate, alone. */
static enum certlife_verdict
ask_import(const struct certlife_check *check, int push, char *text)
{
    const struct certlife_object *object = &check->objects[push];
    struct certlife_import import = {
        .fresh = &object->cert,
        .fault = object->fault,
        .fault_detail = object->fault_detail,
        .name = "push.pem",
    };
    struct certlife_answer answer;

    certlife_compare(&import, MADE_UP_NOW, &answer);
    snprintf(text, CERTLIFE_MAX_TEXT, "%.511s", answer.text);
    return answer.verdict;
}

/* Both say no, and the same; and the sentence about it never claims that
 * Apple gave it. Frees the certificate. */
static void
is_refused(X509 *cert, EVP_PKEY *key, enum certlife_verdict verdict,
           const char *why)
{
    struct certlife_file files[] = {made_up_cert_pem("push.pem", cert),
                                    made_up_key_pem("push.key", key)};
    struct certlife_check *check = check_all(files, 2);
    int push = certlife_check_push(check);
    char text[CERTLIFE_MAX_TEXT];
    const char *problem = first_of(check, CERTLIFE_PROBLEM);
    struct apns_credential *credential;
    char detail[CERTLIFE_MAX_DETAIL];

    assert_int_equal(push, 0);
    assert_int_equal(ask_import(check, push, text), verdict);
    if (strstr(problem, why) == NULL || strcmp(problem, text) != 0)
        fail_msg("check: %s\nimport: %s\nnot: %s", problem, text, why);
    assert_non_null(strstr(check->objects[0].sentence, "cannot be used"));
    assert_null(strstr(check->objects[0].sentence, "Apple gives"));
    assert_int_equal(
        certlife_check_credential(check, files, 0, NULL, &credential, detail),
        CERTLIFE_EIDENTITY);
    assert_null(credential);
    certlife_check_free(check);
    X509_free(cert);
}

static X509 *
make(const struct desk *desk, struct made_up_spec spec)
{
    spec.cn = "APSP:made-up";
    spec.issuer = desk->made_up.aai;
    spec.issuer_key = desk->made_up.aai_key;
    spec.eku = "clientAuth";
    if (spec.uid == NULL)
        spec.uid = MADE_UP_TOPIC;
    if (spec.key == NULL)
        spec.key = desk->made_up.push_key;
    return made_up_cert(&spec);
}

EACH(NULL, made_up_forget);
ALL(desk_set_up, desk_tear_down);

TEST(two_uids_are_refused_whichever_comes_first)
{
    const struct desk *desk = *state;
    EVP_PKEY *key = desk->made_up.push_key;

    is_refused(make(desk, (struct made_up_spec){.uid = "OTHER",
                                                .second_uid = MADE_UP_TOPIC}),
               key, CERTLIFE_VERDICT_BAD_TOPIC,
               "more than one UID (OTHER and " MADE_UP_TOPIC ")");
    is_refused(make(desk, (struct made_up_spec){.second_uid = "OTHER"}), key,
               CERTLIFE_VERDICT_BAD_TOPIC,
               "more than one UID (" MADE_UP_TOPIC " and OTHER)");
}

TEST(odd_topics_are_refused_for_what_is_odd)
{
    static const struct {
        const char *uid;
        int len;
        const char *why;
    } odd[] = {
        {PREFIX, 0, "\"" PREFIX "\" has nothing after com.apple.mgmt."},
        {PREFIX "a b", 0, "\"" PREFIX "a?b\" contains a space"},
        {PREFIX "a\0b", 18, "\"" PREFIX "a?b\" contains a space"},
        {"Com.Apple.Mgmt.x", 0, "\"Com.Apple.Mgmt.x\" has capital letters"},
    };
    const struct desk *desk = *state;

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        is_refused(make(desk, (struct made_up_spec){.uid = odd[i].uid,
                                                    .uid_len = odd[i].len}),
                   desk->made_up.push_key, CERTLIFE_VERDICT_BAD_TOPIC,
                   odd[i].why);
}

static EVP_PKEY *
make_pss_key(void)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA_PSS, NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

TEST(weak_and_odd_keys_are_refused)
{
    const struct desk *desk = *state;
    struct {
        EVP_PKEY *key;
        const char *why;
    } odd[] = {
        {EVP_RSA_gen(1024), "RSA of 1024 bits, not 2048 to 8192"},
        {EVP_RSA_gen(512), "RSA of 512 bits"},
        {EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "neither RSA nor EC"},
        {make_pss_key(), "neither RSA nor EC"},
    };

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        assert_non_null(odd[i].key);
        is_refused(make(desk, (struct made_up_spec){.key = odd[i].key}),
                   odd[i].key, CERTLIFE_VERDICT_BAD_CERTIFICATE, odd[i].why);
        EVP_PKEY_free(odd[i].key);
    }
}

TEST(weak_signatures_are_refused_by_name)
{
    const struct desk *desk = *state;

    is_refused(make(desk, (struct made_up_spec){.digest = "SHA1"}),
               desk->made_up.push_key, CERTLIFE_VERDICT_BAD_CERTIFICATE,
               "is signed with SHA-1, which is too weak");
    is_refused(make(desk, (struct made_up_spec){.digest = "MD5"}),
               desk->made_up.push_key, CERTLIFE_VERDICT_BAD_CERTIFICATE,
               "is signed with MD5, which is too weak");
}

/*
 * What nothing forbids.
 */

/* No problem, and a warning that goes along with the import. */
static void
is_warned_of(X509 *cert, EVP_PKEY *key, const char *why, const char *sentence)
{
    struct certlife_file files[] = {made_up_cert_pem("push.pem", cert),
                                    made_up_key_pem("push.key", key)};
    struct certlife_check *check = check_all(files, 2);
    bool is_said = false;

    assert_string_equal(first_of(check, CERTLIFE_PROBLEM), "");
    for (size_t i = 0; i < check->n_findings; i++)
        is_said = is_said || (check->findings[i].goes_along &&
                              check->findings[i].severity == CERTLIFE_WARNING &&
                              strstr(check->findings[i].text, why) != NULL);
    if (!is_said)
        fail_msg("nowhere: %s", why);
    assert_null(strstr(check->objects[0].sentence, "Apple"));
    assert_non_null(strstr(check->objects[0].sentence, sentence));
    certlife_check_free(check);
    X509_free(cert);
}

TEST(what_apple_did_not_issue_is_not_called_apples)
{
    const struct desk *desk = *state;
    const struct made_up *made_up = &desk->made_up;
    struct made_up_spec mock = {.cn = "mock",
                                .uid = MADE_UP_TOPIC,
                                .key = made_up->push_key,
                                .eku = "clientAuth"};
    struct made_up_spec forged = mock;

    is_warned_of(made_up_cert(&mock), made_up->push_key,
                 "self-signed, not signed by Apple",
                 "push certificate, self-signed, for the topic");
    mock.is_ca = true;
    is_warned_of(made_up_cert(&mock), made_up->push_key,
                 "marked as a CA certificate", "self-signed");
    /* The issuer's name, and another's signature. */
    forged.issuer = made_up->aai;
    forged.issuer_key = made_up->wwdr_key;
    X509 *cert = made_up_cert(&forged);
    struct certlife_file files[] = {made_up_cert_pem("push.pem", cert),
                                    made_up_cert_pem("aai.pem", made_up->aai)};
    struct certlife_check *check = check_all(files, 2);

    assert_non_null(strstr(first_of(check, CERTLIFE_WARNING),
                           "does not match the issuer that it names"));
    certlife_check_free(check);
    X509_free(cert);
}

TEST(few_days_are_worth_a_warning)
{
    const struct desk *desk = *state;
    EVP_PKEY *key = desk->made_up.push_key;
    struct made_up_spec spec = {.to_unix = MADE_UP_NOW + 2 * MADE_UP_DAY};

    is_warned_of(make(desk, spec), key, "2026-09-23, in 2 whole days",
                 "(2 days left)");
    spec.to_unix = MADE_UP_NOW + 60;
    is_warned_of(make(desk, spec), key, "in 0 whole days", "(0 days left)");
}

TEST(of_two_of_one_topic_the_one_taken_is_named)
{
    const struct desk *desk = *state;
    X509 *old = make(desk, (struct made_up_spec){
                               .from_unix = MADE_UP_NOW - 300 * MADE_UP_DAY});
    struct certlife_file files[] = {
        made_up_cert_pem("old.pem", old),
        made_up_cert_pem("new.pem", desk->made_up.push),
        made_up_cert_der("same.cer", desk->made_up.push),
        made_up_key_pem("push.key", desk->made_up.push_key)};
    struct certlife_check *check = check_all(files, 4);

    assert_int_equal(certlife_check_push(check), 1);
    assert_false(certlife_check_is_torn(check));
    assert_string_equal(first_of(check, CERTLIFE_PROBLEM), "");
    assert_non_null(
        strstr(first_of(check, CERTLIFE_WARNING),
               "new.pem and old.pem contain push certificates for one topic: "
               "new.pem, which expires last (2027-09-20), is used."));
    certlife_check_free(check);
    X509_free(old);
}

/*
 * The file that is the trouble.
 */

static void
is_blamed(const struct desk *desk, struct certlife_file key, const char *why)
{
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", desk->made_up.push), key};
    struct certlife_check *check = check_all(files, 2);
    struct apns_credential *credential;
    char detail[CERTLIFE_MAX_DETAIL];

    assert_int_equal(
        certlife_check_credential(check, files, 0, NULL, &credential, detail),
        CERTLIFE_ENOKEY);
    if (strstr(detail, why) == NULL)
        fail_msg("%s\nnot: %s", detail, why);
    assert_string_equal(first_of(check, CERTLIFE_PROBLEM), detail);
    certlife_check_free(check);
}

static struct certlife_file
with_password(struct certlife_file file, const char *password)
{
    file.password = password;
    return file;
}

TEST(the_key_file_that_does_not_do_is_named)
{
    struct desk *desk = *state;
    const struct made_up *made_up = &desk->made_up;
    EVP_PKEY *ec = EVP_EC_gen("P-256");
    EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct certlife_file whole = made_up_key_pem("push.key", made_up->push_key);
    struct certlife_file own = made_up_cert_pem("push.pem", made_up->push);
    struct certlife_check *check = check_all(&own, 1);
    char fingerprint[128];

    snprintf(fingerprint, sizeof fingerprint,
             "other.key belongs to another certificate; the key needed has the "
             "fingerprint %.16s",
             check->objects[0].spki_sha256);
    certlife_check_free(check);
    is_blamed(desk,
              with_password(made_up_key_as("push.key", made_up->push_key,
                                           MADE_UP_SEALED_PEM, "sesame"),
                            NULL),
              "push.key is locked: rouse asks for the password on a terminal; "
              "elsewhere give --password-file FILE.");
    is_blamed(desk,
              with_password(made_up_key_as("push.key", made_up->push_key,
                                           MADE_UP_OLD_SEALED_PEM, "sesame"),
                            "wrong"),
              "push.key is locked, and the password given does not open it.");
    is_blamed(desk, made_up_key_pem("other.key", made_up->aai_key),
              fingerprint);
    is_blamed(desk, made_up_key_pem("AuthKey_X.p8", ec),
              "AuthKey_X.p8 is a key of another kind (EC 256), perhaps an "
              "AuthKey .p8");
    is_blamed(desk, made_up_key_pem("ed.key", ed),
              "ed.key is a kind of key that push certificates do not use "
              "(ED25519). The key needed is RSA 2048");
    whole.len /= 2;
    is_blamed(desk, whole,
              "push.key contains a truncated or damaged private key.");
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
}

/* What is locked may hold it; what is a request is no step backwards. */
TEST(what_stands_in_for_the_certificate_is_named)
{
    const struct desk *desk = *state;
    const struct made_up *made_up = &desk->made_up;
    struct certlife_file locked =
        made_up_p12("id.p12", made_up->push_key, made_up->push, "sesame",
                    NID_aes_256_cbc, 2048);
    struct certlife_check *check;
    char *why;

    locked.password = NULL;
    check = check_all(&locked, 1);
    assert_string_equal(first_of(check, CERTLIFE_PROBLEM),
                        "id.p12 is locked: rouse asks for the password on a "
                        "terminal; elsewhere give --password-file FILE.");
    why = certlife_check_why(check, &locked);
    assert_non_null(why);
    assert_null(strstr(why, "There is no MDM push certificate"));
    free(why);
    certlife_check_free(check);

    struct certlife_file page = made_up_text("page.html", "<html>Sign in");

    check = check_all(&page, 1);
    why = certlife_check_why(check, &page);
    assert_string_equal(
        why, "page.html: This is a web page, saved instead of the certificate. "
             "Sign in to identity.apple.com/pushcert again and press "
             "Download.\n"
             "There is no MDM push certificate among these files.");
    free(why);
    certlife_check_free(check);
}

/*
 * Uploads.
 */

TEST(an_upload_is_good_or_its_chain_is_not)
{
    struct desk *desk = *state;
    struct certlife_check *check;
    struct certlife_file file;
    char *upload;

    desk_lay_out(desk);
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    file = made_up_text("request.plist", upload);
    free(upload);
    check = check_all(&file, 1);
    assert_string_equal(first_of(check, CERTLIFE_FINE),
                        "request.plist is good to upload: signature and chain "
                        "are in order.");
    /* Nothing to import all the same, and it says what to do. */
    assert_non_null(strstr(first_of(check, CERTLIFE_PROBLEM),
                           "request.plist is the request that you upload"));
    assert_non_null(strstr(first_of(check, CERTLIFE_PROBLEM),
                           "Create a Certificate for a first one only"));
    certlife_check_free(check);
    desk->signing.n_chain = 1; /* the root alone: a link is missing */
    assert_int_equal(desk_sign(desk, &upload), CERTLIFE_OK);
    file = made_up_text("request.plist", upload);
    free(upload);
    check = check_all(&file, 1);
    assert_string_equal(first_of(check, CERTLIFE_FINE), "");
    assert_non_null(strstr(first_of(check, CERTLIFE_WARNING),
                           "request.plist: The chain is incomplete"));
    assert_non_null(strstr(first_of(check, CERTLIFE_WARNING),
                           "(--chain FILE, or rouse cert vendor put) before "
                           "you upload."));
    certlife_check_free(check);
}

TEST(details_are_what_the_portal_shows)
{
    const struct desk *desk = *state;
    struct certlife_file files[] = {
        made_up_cert_pem("push.pem", desk->made_up.push),
        made_up_csr("push.csr", desk->made_up.push_key)};
    struct certlife_check *check = check_all(files, 2);
    const struct apns_cert *cert = &check->objects[0].cert;
    char *details = certlife_check_details(check, 0);
    char expected[512];

    snprintf(expected, sizeof expected,
             "serial   %s\n"
             "issuer   C=US,CN=Made-up Application Integration 2\n"
             "SHA-256  %s\n",
             cert->serial, cert->sha256);
    assert_string_equal(details, expected);
    assert_null(certlife_check_details(check, 1));
    free(details);
    certlife_check_free(check);
}
