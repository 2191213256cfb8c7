/* SPDX-License-Identifier: MIT */

/*
 * The wrong files, and the right ones in odd company, at every step that takes
 * files: check, test, import.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life_papers.h"
#include "tests/support/paper.h"
#include "tests/support/unit.h"

#define PUSHCERTS "/v1/pushcerts"
#define CHECK     PUSHCERTS "/check"
#define TEST_IT   PUSHCERTS "/test"
#define REQUESTS  PUSHCERTS "/requests"
#define BIT       LIFE_PAPER_BIT
#define N_LIMIT   16 /* files in one request */

/* No import, and what each file is. */
static const struct {
    unsigned set;
    const char *code;
    const char *part; /* of the text */
} wrong[] = {
    {BIT(PUSH), "no_key", "key"},
    {BIT(PUSH) | BIT(VENDOR_KEY), "no_key", "key"},
    {BIT(PUSH) | BIT(LOCKED_KEY), "no_key", "key"},
    {BIT(PUSH_KEY), "no_push_certificate", "push.key: "},
    {BIT(LOCKED_KEY), "no_push_certificate", "password"},
    {BIT(LOCKED_PKCS12), "no_push_certificate", "password"},
    {BIT(CSR), "no_push_certificate", "upload"},
    {BIT(VENDOR) | BIT(VENDOR_KEY), "no_push_certificate", "vendor.pem: "},
    {BIT(WWDR) | BIT(ROOT), "no_push_certificate", "root.pem: "},
    {BIT(HTML), "no_push_certificate", "web page"},
    {BIT(EMPTY), "no_push_certificate", "empty"},
    {BIT(CUT), "no_push_certificate", "cut.pem: "},
    {BIT(NOISE), "no_push_certificate", "noise.der: "},
    {BIT(CUT) | BIT(PUSH_KEY), "no_push_certificate", "cut.pem: "},
};

/* Returns the text. */
static char *
refuse(struct life_desk *desk, const char *method, const char *path,
       unsigned set, const char *password, const char *code)
{
    char *body = life_papers_body(&desk->papers, set, password);
    json_t *json = life_papers_send(desk->life, method, path, body, 400, code);
    char *text = strdup(life_stage_text(json, "error"));

    json_decref(json);
    free(body);
    return text;
}

EACH(life_papers_set_up, life_papers_tear_down);

TEST(wrong_files_change_nothing_and_are_named)
{
    struct life_desk *desk = *state;
    char *before, *after;

    life_stage_import(desk->life, LIFE_STAGE_TOPIC, 300);
    before = life_stage_sha(desk->life);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *text = refuse(desk, "PUT", PUSHCERTS "?add=1", wrong[i].set, NULL,
                            wrong[i].code);

        if (strstr(text, wrong[i].part) == NULL)
            fail_msg("%zu: \"%s\" does not say \"%s\"", i, text, wrong[i].part);
        free(text);
        free(refuse(desk, "POST", TEST_IT, wrong[i].set, NULL, wrong[i].code));
    }
    after = life_stage_sha(desk->life);
    assert_string_equal(before, after);
    daemon_proc_do(desk->life->daemon, "GET", PUSHCERTS "/" PAPER_TOPIC, NULL,
                   404);
    assert_int_equal(sim_proc_stat(desk->life->sim, "pushes"), 1);
    free(before);
    free(after);
}

/* A problem at least, and each file has its sentence. */
TEST(check_names_what_stands_against_an_import)
{
    struct life_desk *desk = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *body = life_papers_body(&desk->papers, wrong[i].set, NULL);
        json_t *json =
            life_papers_send(desk->life, "POST", CHECK, body, 200, NULL);
        size_t n_problems = 0, k;
        const json_t *finding;

        json_array_foreach(json_object_get(json, "findings"), k, finding)
            n_problems +=
            strcmp(life_stage_text(finding, "severity"), "problem") == 0;
        if (n_problems == 0)
            fail_msg("%zu: nothing stands against it", i);
        assert_int_equal(json_array_size(json_object_get(json, "objects")),
                         __builtin_popcount(wrong[i].set));
        json_decref(json);
        free(body);
    }
}

TEST(what_fits_is_found_among_what_does_not)
{
    struct life_desk *desk = *state;
    char *body =
        life_papers_body(&desk->papers,
                         BIT(HTML) | BIT(VENDOR) | BIT(VENDOR_KEY) | BIT(PUSH) |
                             BIT(PUSH_KEY) | BIT(ROOT) | BIT(EMPTY),
                         NULL);
    json_t *json = life_papers_send(desk->life, "PUT", PUSHCERTS "?test=0",
                                    body, 200, NULL);

    assert_string_equal(life_stage_text(json, "key_from"), "file");
    json_decref(json);
    daemon_proc_do(desk->life->daemon, "GET", PUSHCERTS "/" PAPER_TOPIC, NULL,
                   200);
    free(body);
}

TEST(a_password_opens_what_is_locked)
{
    struct life_desk *desk = *state;
    static const unsigned sets[] = {BIT(PUSH) | BIT(LOCKED_KEY),
                                    BIT(LOCKED_PKCS12)};

    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        char *body =
            life_papers_body(&desk->papers, sets[i], LIFE_PAPERS_PASSWORD);

        free(refuse(desk, "PUT", PUSHCERTS "?dry_run=1", sets[1], "wrong",
                    "no_push_certificate"));
        json_decref(
            life_papers_send(desk->life, "POST", CHECK, body, 200, NULL));
        json_decref(life_papers_send(desk->life, "PUT", PUSHCERTS "?test=0",
                                     body, 200, NULL));
        free(body);
    }
}

/* Of another CA than APNs': the test finds out, whoever holds the key. */
TEST(a_test_of_files_imports_nothing)
{
    struct life_desk *desk = *state;
    char *body =
        life_papers_body(&desk->papers, BIT(PUSH) | BIT(PUSH_KEY), NULL);
    json_t *json =
        life_papers_send(desk->life, "POST", TEST_IT, body, 200, NULL);

    assert_true(json_is_false(json_object_get(json, "ok")));
    assert_string_equal(life_stage_text(json, "reason"), "unknown_ca");
    assert_non_null(strstr(life_stage_text(json, "what_to_do"), "Import"));
    json_decref(json);
    daemon_proc_do(desk->life->daemon, "GET", PUSHCERTS "/" PAPER_TOPIC, NULL,
                   404);
    free(body);
}

TEST(more_than_the_limits_is_refused)
{
    struct life_desk *desk = *state;
    json_t *files = json_array();
    json_t *json = json_pack("{s:o}", "files", files);
    char *body;

    for (int i = 0; i <= N_LIMIT; i++)
        json_array_append_new(
            files, json_pack("{s:s, s:s}", "name", "x", "content", "eA=="));
    body = json_dumps(json, 0);
    json_decref(json);
    json_decref(
        life_papers_send(desk->life, "PUT", PUSHCERTS, body, 400, "invalid"));
    json_decref(
        life_papers_send(desk->life, "POST", CHECK, body, 400, "invalid"));
    free(body);
    json_decref(life_papers_send(
        desk->life, "POST", CHECK,
        "{\"files\":[{\"name\":\"x\",\"content\":\"not base64!\"}]}", 400,
        "invalid"));
    json_decref(life_papers_send(desk->life, "POST", CHECK,
                                 "{\"files\":[{\"name\":\"x\"}]}", 400,
                                 "invalid"));
}

/*
 * Keys that are held.
 */

static json_t *
request(struct life_desk *desk, const char *name)
{
    char body[256];

    snprintf(body, sizeof body,
             "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"name\":\"%s\"}", name);
    return life_papers_send(desk->life, "POST", REQUESTS, body, 201, NULL);
}

/* Somebody adds the key of another request, or any other: the one that is
   held for this certificate is taken. */
TEST(a_key_of_another_request_does_no_harm)
{
    struct life_desk *desk = *state;
    json_t *mine, *others, *json;
    char *pem, *both;

    life_stage_import(desk->life, LIFE_STAGE_TOPIC, 300);
    mine = request(desk, "mine");
    others = request(desk, "others");
    pem = life_stage_sign(desk->life, life_stage_text(mine, "csr"),
                          LIFE_STAGE_TOPIC);
    assert_true(asprintf(&both, "%s%s", pem,
                         desk->papers.paper[LIFE_PAPER_PUSH_KEY].bytes) > 0);
    json = life_stage_put(desk->life, "", both, 200);
    assert_string_equal(life_stage_text(json, "key_from"), "request:mine");
    json_decref(json);
    json_decref(life_papers_send(desk->life, "GET", REQUESTS "/others", NULL,
                                 200, NULL));
    life_stage_wake(desk->life, "AFTER-THE-MIX");
    json_decref(mine);
    json_decref(others);
    free(pem);
    free(both);
}

TEST(a_deleted_request_takes_its_key_along)
{
    struct life_desk *desk = *state;
    json_t *json;
    char *pem;

    life_stage_import(desk->life, LIFE_STAGE_TOPIC, 300);
    json = request(desk, "gone");
    pem = life_stage_sign(desk->life, life_stage_text(json, "csr"),
                          LIFE_STAGE_TOPIC);
    json_decref(json);
    json_decref(life_papers_send(desk->life, "DELETE", REQUESTS "/gone", NULL,
                                 204, NULL));
    life_stage_refuse(desk->life, "", pem, 400, "no_key");
    free(pem);
}

/* Apple has signed the same request once more. */
TEST(the_key_in_force_is_found_for_a_renewal)
{
    struct life_desk *desk = *state;
    char *first = life_stage_make(desk->life, LIFE_STAGE_TOPIC, 300, NULL);
    char *again = life_stage_sign_again(desk->life, first, LIFE_STAGE_TOPIC);
    json_t *json;

    json_decref(life_stage_put(desk->life, "", first, 200));
    json = life_stage_put(desk->life, "", again, 200);
    assert_string_equal(life_stage_text(json, "verdict"), "renewal");
    assert_string_equal(life_stage_text(json, "key_from"), "current");
    json_decref(json);
    daemon_proc_kill(desk->life->daemon);
    daemon_proc_again(desk->life->daemon);
    life_stage_wake(desk->life, "WITH-THE-SAME-KEY");
    free(first);
    free(again);
}

/* What check says to a certificate whose key is held is what an import
   does with it. */
TEST(check_knows_the_keys_that_are_held)
{
    struct life_desk *desk = *state;
    char *first = life_stage_make(desk->life, LIFE_STAGE_TOPIC, 300, NULL);
    char *again = life_stage_sign_again(desk->life, first, LIFE_STAGE_TOPIC);
    json_t *json = NULL;
    struct http_answer answer;
    char *pem;

    json_decref(life_stage_put(desk->life, "", first, 200));
    json = request(desk, "paper-7");
    pem = life_stage_sign(desk->life, life_stage_text(json, "csr"),
                          LIFE_STAGE_TOPIC);
    daemon_proc_send(desk->life->daemon, "POST", CHECK, NULL, pem, &answer);
    assert_non_null(strstr(answer.body, "the pending request paper-7"));
    assert_null(strstr(answer.body, "\"problem\""));
    http_call_free(&answer);
    daemon_proc_send(desk->life->daemon, "POST", CHECK, NULL, again, &answer);
    assert_non_null(strstr(answer.body, "the certificate in force"));
    assert_null(strstr(answer.body, "\"problem\""));
    http_call_free(&answer);
    json_decref(json);
    free(first);
    free(again);
    free(pem);
}
