/* SPDX-License-Identifier: MIT */

/*
 * The import's guard, history, revert, removal: every refusal changes
 * nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pkcs12.h>

#include "life_stage.h"
#include "tests/support/unit.h"

EACH(life_stage_set_up, life_stage_tear_down);

static void
enroll(struct life_stage *stage, const char *id)
{
    char path[128];

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    daemon_proc_do(stage->daemon, "PUT", path,
                   "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"token\":\"0102\","
                   "\"push_magic\":\"M\"}",
                   200);
}

/* What the list shows is what a confirmation asks for: those that are woken. */
TEST(enrollments_are_counted_alike)
{
    struct life_stage *stage = *state;
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    enroll(stage, "A");
    enroll(stage, "B");
    daemon_proc_do(stage->daemon, "PUT", "/v1/enrollments/C",
                   "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"token\":\"0102\","
                   "\"push_magic\":\"M\",\"state\":\"disabled\"}",
                   200);
    json = daemon_proc_json(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, 200);
    assert_int_equal(json_integer_value(json_object_get(json, "enrollments")),
                     2);
    json_decref(json);
    json =
        daemon_proc_json(stage->daemon, "DELETE", LIFE_STAGE_CERTS, NULL, 409);
    assert_non_null(strstr(life_stage_text(json, "error"), "2 enrollments"));
    json_decref(json);
}

TEST(another_topic_is_refused_with_the_number_it_silences)
{
    struct life_stage *stage = *state;
    char *other = life_stage_make(stage, LIFE_STAGE_OTHER, 500, NULL);
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    enroll(stage, "A");
    enroll(stage, "B");
    life_stage_refuse(stage, "", other, 409, "topic_mismatch");
    json = life_stage_put(stage, "renew=" LIFE_STAGE_TOPIC, other, 409);
    assert_string_equal(life_stage_text(json, "current_topic"),
                        LIFE_STAGE_TOPIC);
    assert_string_equal(life_stage_text(json, "new_topic"), LIFE_STAGE_OTHER);
    assert_int_equal(
        json_integer_value(json_object_get(json, "enrollments_lost")), 2);
    assert_int_equal(json_array_size(json_object_get(json, "causes")), 3);
    json_decref(json);
    life_stage_refuse(stage, "replace_topic=" LIFE_STAGE_TOPIC "&confirm=1",
                      other, 409, "confirm_wrong");
    json = life_stage_put(stage, "add=1", other, 200);
    assert_string_equal(life_stage_text(json, "verdict"), "new_identity");
    json_decref(json);
    free(other);
}

TEST(a_confirmed_replacement_gives_the_old_topic_up)
{
    struct life_stage *stage = *state;
    char *other = life_stage_make(stage, LIFE_STAGE_OTHER, 500, NULL);
    char *sha;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    enroll(stage, "A");
    json_decref(life_stage_put(
        stage, "replace_topic=" LIFE_STAGE_TOPIC "&confirm=1", other, 200));
    sha = life_stage_sha(stage);
    assert_string_equal(sha, "");
    free(sha);
    free(other);
}

TEST(an_older_and_a_known_one_are_refused)
{
    struct life_stage *stage = *state;
    char *first = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, NULL);
    char *second = life_stage_make(stage, LIFE_STAGE_TOPIC, 400, NULL);
    char *older = life_stage_make(stage, LIFE_STAGE_TOPIC, 200, NULL);
    json_t *json;

    json_decref(life_stage_put(stage, "", first, 200));
    json = life_stage_put(stage, "", first, 200);
    assert_string_equal(life_stage_text(json, "verdict"), "same_certificate");
    json_decref(json);
    json = life_stage_put(stage, "", second, 200);
    assert_string_equal(life_stage_text(json, "verdict"), "renewal");
    assert_string_equal(life_stage_text(json, "key_from"), "file");
    json_decref(json);
    life_stage_refuse(stage, "", first, 409, "already_imported");
    life_stage_refuse(stage, "", older, 409, "older_certificate");
    free(first);
    free(second);
    free(older);
}

TEST(wrong_files_are_refused_in_words)
{
    struct life_stage *stage = *state;
    char *expired = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, "expired");
    char *early =
        life_stage_make(stage, LIFE_STAGE_TOPIC, 300, "not-yet-valid");
    char *keyless = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, NULL);
    char *crossed =
        life_stage_make(stage, LIFE_STAGE_TOPIC, 300, "key-mismatch");
    char *nameless = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, "no-uid");
    char *odd = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, "bad-uid");
    char *key;

    life_stage_refuse(stage, "", nameless, 400, "no_push_certificate");
    life_stage_refuse(stage, "", odd, 400, "no_push_certificate");
    life_stage_refuse(stage, "", "what is this?", 400, "no_push_certificate");
    life_stage_refuse(stage, "", "{\"files\":[]}", 400, "invalid");
    life_stage_refuse(stage, "", expired, 400, "expired");
    life_stage_refuse(stage, "", early, 400, "not_yet_valid");
    life_stage_refuse(stage, "", crossed, 400, "no_key");
    key = strstr(keyless, "-----END CERTIFICATE-----\n");
    assert_non_null(key);
    key[sizeof "-----END CERTIFICATE-----\n" - 1] = '\0';
    assert_null(strstr(keyless, "PRIVATE KEY"));
    life_stage_refuse(stage, "", keyless, 400, "no_key");
    free(expired);
    free(early);
    free(keyless);
    free(crossed);
    free(nameless);
    free(odd);
}

TEST(a_dry_run_only_compares)
{
    struct life_stage *stage = *state;
    char *fresh = life_stage_make(stage, LIFE_STAGE_TOPIC, 400, NULL);
    char *before, *after;
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    before = life_stage_sha(stage);
    json = life_stage_put(stage, "dry_run=1", fresh, 200);
    assert_string_equal(life_stage_text(json, "verdict"), "renewal");
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(json, "comparison"), "rows")),
                     11);
    json_decref(json);
    after = life_stage_sha(stage);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(fresh);
}

TEST(a_revert_puts_the_one_before_back_and_history_says_so)
{
    struct life_stage *stage = *state;
    char *first, *now;
    json_t *json;
    const json_t *list;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 300);
    first = life_stage_sha(stage);
    daemon_proc_do(stage->daemon, "POST", LIFE_STAGE_CERTS "/revert", "{}",
                   409);
    life_stage_import(stage, LIFE_STAGE_TOPIC, 400);
    daemon_proc_do(stage->daemon, "POST", LIFE_STAGE_CERTS "/revert",
                   "{\"note\":\"too soon\"}", 200);
    now = life_stage_sha(stage);
    assert_string_equal(now, first);
    life_stage_wake(stage, "AFTER-THE-REVERT");
    json = daemon_proc_json(stage->daemon, "GET", LIFE_STAGE_CERTS "/history",
                            NULL, 200);
    list = json_object_get(json, "history");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(life_stage_text(json_array_get(list, 0), "retired_why"),
                        "reverted: too soon");
    assert_true(
        json_is_true(json_object_get(json_array_get(list, 1), "in_force")));
    json_decref(json);
    free(first);
    free(now);
}

TEST(a_removal_asks_for_the_number)
{
    struct life_stage *stage = *state;
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 300);
    enroll(stage, "A");
    json =
        daemon_proc_json(stage->daemon, "DELETE", LIFE_STAGE_CERTS, NULL, 409);
    assert_string_equal(life_stage_text(json, "code"), "confirm_needed");
    assert_int_equal(json_integer_value(json_object_get(json, "enrollments")),
                     1);
    json_decref(json);
    daemon_proc_do(stage->daemon, "DELETE", LIFE_STAGE_CERTS "?confirm=2", NULL,
                   409);
    daemon_proc_do(stage->daemon, "DELETE", LIFE_STAGE_CERTS "?confirm=1", NULL,
                   200);
    daemon_proc_do(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, 404);
    daemon_proc_do(stage->daemon, "DELETE", LIFE_STAGE_CERTS "?confirm=1", NULL,
                   404);
}

TEST(requests_are_kept_by_name_and_their_keys_never_shown)
{
    struct life_stage *stage = *state;
    json_t *json =
        daemon_proc_json(stage->daemon, "POST", "/v1/pushcerts/requests",
                         "{\"name\":\"one\"}", 201);
    char *all;

    assert_non_null(strstr(life_stage_text(json, "csr"), "BEGIN CERTIFICATE"));
    json_decref(json);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"name\":\"one\"}", 409);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"name\":\"a/b\"}", 400);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"email\":\"no at\"}", 400);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"topic\":\"com.apple.mgmt.unknown\"}", 400);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"sign\":true}", 409);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    json = daemon_proc_json(stage->daemon, "GET", "/v1/pushcerts/requests",
                            NULL, 200);
    assert_int_equal(json_array_size(json_object_get(json, "requests")), 1);
    all = json_dumps(json, 0);
    assert_null(strstr(all, "PRIVATE"));
    free(all);
    json_decref(json);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/pushcerts/requests/one", NULL,
                   204);
    daemon_proc_do(stage->daemon, "DELETE", "/v1/pushcerts/requests/one", NULL,
                   404);
}

/* Two requests are pending; the certificate finds its own key, after a
   restart too, and the other request stays. */
TEST(a_certificate_finds_the_key_of_its_request)
{
    struct life_stage *stage = *state;
    json_t *json, *first;
    char *pem;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    first = daemon_proc_json(
        stage->daemon, "POST", "/v1/pushcerts/requests",
        "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"name\":\"first\"}", 201);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/requests",
                   "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"name\":\"second\"}",
                   201);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    pem =
        life_stage_sign(stage, life_stage_text(first, "csr"), LIFE_STAGE_TOPIC);
    json = life_stage_put(stage, "", pem, 200);
    assert_string_equal(life_stage_text(json, "key_from"), "request:first");
    assert_true(
        json_is_true(json_object_get(json_object_get(json, "test"), "ok")));
    json_decref(json);
    daemon_proc_do(stage->daemon, "GET", "/v1/pushcerts/requests/first", NULL,
                   404);
    daemon_proc_do(stage->daemon, "GET", "/v1/pushcerts/requests/second", NULL,
                   200);
    life_stage_wake(stage, "AFTER-THE-RENEWAL");
    json_decref(first);
    free(pem);
}

/* The request was for a topic; a certificate of another one is no answer. */
TEST(a_request_says_which_topic_is_meant)
{
    struct life_stage *stage = *state;
    json_t *request;
    char *pem;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 365);
    life_stage_import(stage, LIFE_STAGE_OTHER, 100);
    request = daemon_proc_json(stage->daemon, "POST", "/v1/pushcerts/requests",
                               "{\"topic\":\"" LIFE_STAGE_TOPIC "\"}", 201);
    pem = life_stage_sign(stage, life_stage_text(request, "csr"),
                          LIFE_STAGE_OTHER);
    life_stage_refuse(stage, "", pem, 409, "topic_mismatch");
    json_decref(request);
    free(pem);
}

/* Whoever opens it elsewhere sees whose certificate it is. */
static void
assert_named(const char *der, size_t len, const char *name)
{
    const unsigned char *at = (const unsigned char *)der;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)len);
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    int alias_len = 0;
    const unsigned char *alias;

    assert_int_equal(
        PKCS12_parse(p12, "correct horse battery", &key, &cert, NULL), 1);
    alias = X509_alias_get0(cert, &alias_len);
    assert_int_equal(alias_len, strlen(name));
    assert_memory_equal(alias, name, strlen(name));
    X509_free(cert);
    EVP_PKEY_free(key);
    PKCS12_free(p12);
}

TEST(an_export_is_encrypted_and_survives_a_new_master_key)
{
    struct life_stage *stage = *state;
    char *pem = life_stage_make(stage, LIFE_STAGE_TOPIC, 300, NULL);
    struct http_answer answer;
    json_t *json;

    json_decref(
        life_stage_put(stage, "apple_account=it%40school.example", pem, 200));
    free(pem);
    daemon_proc_do(stage->daemon, "POST", LIFE_STAGE_CERTS "/export",
                   "{\"passphrase\":\"short\"}", 400);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/master-key/rotate",
                            NULL, 200);
    assert_int_equal(json_integer_value(json_object_get(json, "rotated")), 1);
    json_decref(json);
    daemon_proc_kill(stage->daemon);
    daemon_proc_again(stage->daemon);
    daemon_proc_send(stage->daemon, "POST", LIFE_STAGE_CERTS "/export",
                     "application/json",
                     "{\"passphrase\":\"correct horse battery\"}", &answer);
    assert_int_equal(answer.status, 200);
    assert_named(answer.body, answer.body_len,
                 LIFE_STAGE_TOPIC " (it@school.example)");
    http_call_free(&answer);
    life_stage_wake(stage, "AFTER-THE-ROTATION");
}

/* With all rights that there are, over TCP. */
static void
post_far(struct life_stage *stage, const char *key, const char *path)
{
    char header[256];
    const char *const headers[] = {header, "Content-Type: application/json",
                                   NULL};
    struct http_answer answer = {0};
    struct http_call call = {.port = stage->daemon->port,
                             .method = "POST",
                             .path = path,
                             .headers = headers,
                             .body =
                                 "{\"passphrase\":\"correct horse battery\"}"};

    snprintf(header, sizeof header, "Authorization: Bearer %s", key);
    http_call_send(&call, &answer);
    assert_int_equal(answer.status, 403);
    assert_non_null(strstr(answer.body, "local_only"));
    http_call_free(&answer);
}

TEST(keys_leave_over_the_socket_alone)
{
    struct life_stage *stage = *state;
    json_t *json;

    life_stage_import(stage, LIFE_STAGE_TOPIC, 300);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/keys",
                            "{\"name\":\"all\",\"verbs\":[\"read\","
                            "\"pushcert\",\"admin\",\"export\"]}",
                            201);
    post_far(stage, life_stage_text(json, "key"), LIFE_STAGE_CERTS "/export");
    post_far(stage, life_stage_text(json, "key"), "/v1/master-key/rotate");
    json_decref(json);
    daemon_proc_do(stage->daemon, "POST", "/v1/pushcerts/nobody/export",
                   "{\"passphrase\":\"correct horse battery\"}", 404);
    daemon_proc_do(stage->daemon, "POST", LIFE_STAGE_CERTS "/export", "{}",
                   400);
}
