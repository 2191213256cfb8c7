/* SPDX-License-Identifier: MIT */

/*
 * Requests that are signed for Apple's portal: with the vendor's credential
 * that the daemon holds, or by mdmcert.download.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "life_papers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unit.h"

#define VENDOR   "/v1/pushcerts/vendor"
#define REQUESTS "/v1/pushcerts/requests"
#define MDMCERT  "/v1/pushcerts/mdmcert"
#define WHOLE                                              \
    (LIFE_PAPER_BIT(VENDOR) | LIFE_PAPER_BIT(VENDOR_KEY) | \
     LIFE_PAPER_BIT(WWDR) | LIFE_PAPER_BIT(ROOT))

static json_t *
send_desk(struct life_desk *desk, const char *method, const char *path,
          const char *body, long status, const char *code)
{
    return life_papers_send(desk->life, method, path, body, status, code);
}

static void
do_desk(struct life_desk *desk, const char *method, const char *path,
        const char *body, long status, const char *code)
{
    json_decref(send_desk(desk, method, path, body, status, code));
}

static json_t *
put_vendor(struct life_desk *desk, unsigned set, const char *password,
           long status, const char *code)
{
    char *body = life_papers_body(&desk->papers, set, password);
    json_t *json = send_desk(desk, "PUT", VENDOR, body, status, code);

    free(body);
    return json;
}

static void
restart(struct life_desk *desk)
{
    daemon_proc_kill(desk->life->daemon);
    daemon_proc_again(desk->life->daemon);
}

/*
 * The vendor's credential.
 */

static void
expect_facts(const json_t *json)
{
    char *all = json_dumps(json, 0);

    assert_non_null(strstr(life_stage_text(json, "subject"), "MDM Vendor"));
    assert_int_equal(strlen(life_stage_text(json, "sha256")), 64);
    assert_int_equal(json_integer_value(json_object_get(json, "chain_length")),
                     3);
    assert_int_equal(json_array_size(json_object_get(json, "warnings")), 0);
    assert_null(strstr(all, "PRIVATE"));
    free(all);
}

EACH(life_papers_set_up, life_papers_tear_down);

TEST(a_credential_outlives_a_kill_and_is_shown_without_its_key)
{
    struct life_desk *desk = *state;
    json_t *json;

    do_desk(desk, "GET", VENDOR, NULL, 404, "not_found");
    do_desk(desk, "DELETE", VENDOR, NULL, 404, "not_found");
    json = put_vendor(desk, WHOLE, NULL, 200, NULL);
    expect_facts(json);
    json_decref(json);
    restart(desk);
    json = send_desk(desk, "GET", VENDOR, NULL, 200, NULL);
    expect_facts(json);
    json_decref(json);
    do_desk(desk, "DELETE", VENDOR, NULL, 204, NULL);
    restart(desk);
    do_desk(desk, "GET", VENDOR, NULL, 404, "not_found");
    do_desk(desk, "POST", REQUESTS, "{\"sign\":true}", 409, "no_vendor");
}

/* The kinds of what check finds in the text. */
static void
expect_checked(struct life_desk *desk, const char *text, const char *kind)
{
    struct http_answer answer;

    daemon_proc_send(desk->life->daemon, "POST", "/v1/pushcerts/check", NULL,
                     text, &answer);
    assert_int_equal(answer.status, 200);
    if (strstr(answer.body, kind) == NULL)
        fail_msg("no %s in %s", kind, answer.body);
    assert_null(strstr(answer.body, "signature does not match"));
    http_call_free(&answer);
}

TEST(a_request_is_made_and_signed_in_one_step)
{
    struct life_desk *desk = *state;
    json_t *json;

    json_decref(put_vendor(desk, WHOLE, NULL, 200, NULL));
    restart(desk);
    json = send_desk(desk, "POST", REQUESTS, "{\"name\":\"one\",\"sign\":true}",
                     201, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "warnings")), 0);
    expect_checked(desk, life_stage_text(json, "upload"),
                   "signed request for Apple");
    json_decref(json);
    json = send_desk(desk, "GET", REQUESTS "/one", NULL, 200, NULL);
    assert_true(strlen(life_stage_text(json, "upload")) > 1000);
    json_decref(json);
    json = send_desk(desk, "POST", REQUESTS, "{\"name\":\"two\"}", 201, NULL);
    assert_true(json_is_null(json_object_get(json, "upload")));
    json_decref(json);
}

TEST(what_apple_would_refuse_is_warned_of)
{
    struct life_desk *desk = *state;
    json_t *json =
        put_vendor(desk, WHOLE & ~LIFE_PAPER_BIT(WWDR), NULL, 200, NULL);
    const json_t *warnings = json_object_get(json, "warnings");

    assert_int_equal(json_array_size(warnings), 1);
    assert_non_null(
        strstr(json_string_value(json_array_get(warnings, 0)), "WWDR"));
    json_decref(json);
    json = send_desk(desk, "POST", REQUESTS, "{\"sign\":true}", 201, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "warnings")), 1);
    json_decref(json);
}

TEST(wrong_files_are_no_credential_and_change_nothing)
{
    static const struct {
        unsigned set;
        const char *code;
        const char *part;
    } wrong[] = {
        {LIFE_PAPER_BIT(VENDOR), "no_vendor_key", "private key"},
        {LIFE_PAPER_BIT(VENDOR) | LIFE_PAPER_BIT(PUSH_KEY), "no_vendor_key",
         "push.key"},
        {LIFE_PAPER_BIT(VENDOR) | LIFE_PAPER_BIT(LOCKED_KEY), "no_vendor_key",
         "password"},
        {LIFE_PAPER_BIT(VENDOR_KEY), "no_vendor_certificate", "vendor.key"},
        {LIFE_PAPER_BIT(PUSH) | LIFE_PAPER_BIT(PUSH_KEY),
         "no_vendor_certificate", "push certificate"},
        {LIFE_PAPER_BIT(CSR), "no_vendor_certificate", "request"},
        {LIFE_PAPER_BIT(HTML), "no_vendor_certificate", "web page"},
        {LIFE_PAPER_BIT(EMPTY), "no_vendor_certificate", "empty"},
        {LIFE_PAPER_BIT(NOISE), "no_vendor_certificate", "noise.der"},
        {LIFE_PAPER_BIT(LOCKED_PKCS12), "no_vendor_certificate", "password"},
    };
    struct life_desk *desk = *state;
    json_t *json;

    json_decref(put_vendor(desk, WHOLE, NULL, 200, NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json = put_vendor(desk, wrong[i].set, NULL, 400, wrong[i].code);
        if (strstr(life_stage_text(json, "error"), wrong[i].part) == NULL)
            fail_msg("%zu: \"%s\" does not say \"%s\"", i,
                     life_stage_text(json, "error"), wrong[i].part);
        /* No word of a push certificate that they lack. */
        assert_null(strstr(life_stage_text(json, "error"), "PROBLEM"));
        json_decref(json);
    }
    do_desk(desk, "PUT", VENDOR, "{\"files\":[]}", 400, "invalid");
    json = send_desk(desk, "GET", VENDOR, NULL, 200, NULL);
    expect_facts(json);
    json_decref(json);
}

/*
 * mdmcert.download.
 */

/* A request for the service; ${*certificate} (to free()) is what it encrypts
   its reply to. */
static void
ask(struct life_desk *desk, const char *name, char **certificate)
{
    char body[128];
    const char *base64;
    json_t *json;
    const json_t *request;

    snprintf(body, sizeof body,
             "{\"name\":\"%s\",\"email\":\"it@school.example\","
             "\"key\":\"api-key\"}",
             name);
    json = send_desk(desk, "POST", MDMCERT, body, 201, NULL);
    assert_true(json_is_true(json_object_get(json, "mail_awaited")));
    request = json_object_get(json, "request");
    assert_int_equal(json_object_size(request), 4);
    assert_string_equal(life_stage_text(request, "email"), "it@school.example");
    assert_string_equal(life_stage_text(request, "key"), "api-key");
    base64 = life_stage_text(request, "encrypt");
    *certificate = calloc(1, strlen(base64) + 1);
    assert_non_null(*certificate);
    assert_true(EVP_DecodeBlock((unsigned char *)*certificate,
                                (const unsigned char *)base64,
                                (int)strlen(base64)) > 0);
    json_decref(json);
}

/* What the service mails: hex of PKCS#7, as {"reply"}, to free(). */
static char *
encrypt(const char *content, const char *certificate)
{
    BIO *in = BIO_new_mem_buf(content, -1);
    BIO *cert_in = BIO_new_mem_buf(certificate, -1);
    X509 *cert = PEM_read_bio_X509(cert_in, NULL, NULL, NULL);
    STACK_OF(X509) *to = sk_X509_new_null();
    unsigned char *der = NULL;
    char *body;
    PKCS7 *p7;
    int len;

    assert_non_null(cert);
    sk_X509_push(to, cert);
    p7 = PKCS7_encrypt(to, in, EVP_aes_256_cbc(), PKCS7_BINARY);
    assert_non_null(p7);
    len = i2d_PKCS7(p7, &der);
    assert_true(len > 0);
    body = calloc(1, 2 * (size_t)len + sizeof "{\"reply\":\"\"}");
    assert_non_null(body);
    snprintf(body, 11, "{\"reply\":\"");
    for (int i = 0; i < len; i++)
        snprintf(body + 10 + 2 * (size_t)i, 3, "%02x", der[i]);
    snprintf(body + 10 + 2 * (size_t)len, 3, "\"}");
    OPENSSL_free(der);
    PKCS7_free(p7);
    sk_X509_pop_free(to, X509_free);
    BIO_free(cert_in);
    BIO_free(in);
    return body;
}

/* A signed request as the service makes it; to free(). */
static char *
make_upload(struct life_desk *desk)
{
    json_t *json;
    char *upload;

    json_decref(put_vendor(desk, WHOLE, NULL, 200, NULL));
    json = send_desk(desk, "POST", REQUESTS,
                     "{\"name\":\"model\",\"sign\":true}", 201, NULL);
    upload = strdup(life_stage_text(json, "upload"));
    json_decref(json);
    do_desk(desk, "DELETE", VENDOR, NULL, 204, NULL);
    return upload;
}

static void
expect_awaited(struct life_desk *desk, const char *path)
{
    json_t *json = send_desk(desk, "GET", path, NULL, 200, NULL);

    assert_true(json_is_true(json_object_get(json, "mail_awaited")));
    assert_true(json_is_null(json_object_get(json, "upload")));
    json_decref(json);
}

TEST(a_reply_opens_the_request_that_it_was_sent_for)
{
    struct life_desk *desk = *state;
    char *upload = make_upload(desk);
    char *certificate, *reply;
    json_t *json;

    ask(desk, "mail", &certificate);
    reply = encrypt(upload, certificate);
    restart(desk);
    expect_awaited(desk, REQUESTS "/mail");
    json = send_desk(desk, "POST", MDMCERT "/mail", reply, 200, NULL);
    assert_string_equal(life_stage_text(json, "upload"), upload);
    assert_true(json_is_false(json_object_get(json, "mail_awaited")));
    json_decref(json);
    restart(desk);
    json = send_desk(desk, "GET", REQUESTS "/mail", NULL, 200, NULL);
    assert_string_equal(life_stage_text(json, "upload"), upload);
    json_decref(json);
    free(reply);
    free(certificate);
    free(upload);
}

TEST(another_requests_reply_is_told_and_changes_nothing)
{
    struct life_desk *desk = *state;
    char *upload = make_upload(desk);
    char *first, *second, *reply;
    json_t *json;

    ask(desk, "first", &first);
    ask(desk, "second", &second);
    reply = encrypt(upload, first);
    json = send_desk(desk, "POST", MDMCERT "/second", reply, 400, "bad_reply");
    assert_non_null(strstr(life_stage_text(json, "error"), "another request"));
    json_decref(json);
    expect_awaited(desk, REQUESTS "/second");
    do_desk(desk, "POST", MDMCERT "/model", reply, 409, "no_mail_key");
    do_desk(desk, "POST", MDMCERT "/nobody", reply, 404, "not_found");
    do_desk(desk, "POST", MDMCERT "/first", reply, 200, NULL);
    free(reply);
    free(first);
    free(second);
    free(upload);
}

TEST(what_is_no_reply_is_refused)
{
    static const char *const wrong[] = {
        "{\"reply\":\"hello\"}",
        "{\"reply\":\"3080\"}",
        "{\"reply\":\"<html>Sign in</html>\"}",
        "{\"reply\":\"-----BEGIN CERTIFICATE-----\"}",
    };
    struct life_desk *desk = *state;
    char *certificate, *reply;

    ask(desk, "mail", &certificate);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        do_desk(desk, "POST", MDMCERT "/mail", wrong[i], 400, "bad_reply");
    reply = encrypt("this is not a signed request", certificate);
    do_desk(desk, "POST", MDMCERT "/mail", reply, 400, "bad_reply");
    free(reply);
    do_desk(desk, "POST", MDMCERT "/mail", "{}", 400, "invalid");
    do_desk(desk, "POST", MDMCERT "/mail", "{\"reply\":\"\"}", 400, "invalid");
    do_desk(desk, "POST", MDMCERT, "{\"email\":\"a@b\"}", 400, "invalid");
    do_desk(desk, "POST", MDMCERT, "{\"email\":\"nobody\",\"key\":\"k\"}", 400,
            "bad_field");
    expect_awaited(desk, REQUESTS "/mail");
    free(certificate);
}
