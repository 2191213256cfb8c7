/* SPDX-License-Identifier: MIT */
#include "life_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/support/pki_make.h"
#include "tests/support/temp_dir.h"

#define SIGNED_DAYS 500

struct life_stage *
life_stage_new(const char *tls)
{
    return life_stage_open(
        tls, (const char *const[]){"--listen", "127.0.0.1:0", NULL});
}

struct life_stage *
life_stage_open(const char *tls, const char *const more[])
{
    const char *options[] = {"--tls", tls, NULL};
    struct life_stage *stage = calloc(1, sizeof *stage);

    if (stage == NULL)
        fail_msg("out of memory");
    stage->pki_dir = temp_dir_new();
    free(pki_make(SIM_PROC_PROGRAM, stage->pki_dir, NULL, NULL));
    stage->ca = temp_dir_path(stage->pki_dir, "ca.pem");
    stage->sim = sim_proc_start(SIM_PROC_PROGRAM, stage->pki_dir, options);
    stage->daemon = daemon_proc_start(DAEMON_PROC_PROGRAM, stage->sim->port,
                                      stage->ca, more);
    return stage;
}

void
life_stage_free(struct life_stage *stage)
{
    if (stage == NULL)
        return;
    if (stage->daemon->child.pid != 0)
        daemon_proc_stop(stage->daemon);
    daemon_proc_free(stage->daemon);
    sim_proc_stop(stage->sim);
    temp_dir_free(stage->pki_dir);
    free(stage->ca);
    free(stage);
}

char *
life_stage_make(struct life_stage *stage, const char *topic, int days,
                const char *fault)
{
    return pki_make_days(SIM_PROC_PROGRAM, stage->pki_dir, topic, fault, days);
}

static EVP_PKEY *
read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key;

    assert_non_null(file);
    key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(key);
    return key;
}

/* A certificate laid out as Apple's for somebody's key. */
static char *
sign(struct life_stage *stage, EVP_PKEY *key, const char *topic, int days)
{
    char *any = life_stage_make(stage, topic, days, NULL);
    BIO *model = BIO_new_mem_buf(any, -1), *out = BIO_new(BIO_s_mem());
    X509 *cert = PEM_read_bio_X509(model, NULL, NULL, NULL);
    char *path = temp_dir_path(stage->pki_dir, "ca.key");
    EVP_PKEY *ca = read_key(path);
    char *pem;
    long len;

    assert_non_null(cert);
    assert_non_null(key);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, ca, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, cert), 1);
    len = BIO_get_mem_data(out, &pem);
    pem = strndup(pem, (size_t)len);
    EVP_PKEY_free(ca);
    X509_free(cert);
    BIO_free(out);
    BIO_free(model);
    free(path);
    free(any);
    return pem;
}

char *
life_stage_sign(struct life_stage *stage, const char *csr_pem,
                const char *topic)
{
    BIO *in = BIO_new_mem_buf(csr_pem, -1);
    X509_REQ *csr = PEM_read_bio_X509_REQ(in, NULL, NULL, NULL);
    char *pem;

    assert_non_null(csr);
    pem = sign(stage, X509_REQ_get0_pubkey(csr), topic, SIGNED_DAYS);
    X509_REQ_free(csr);
    BIO_free(in);
    return pem;
}

char *
life_stage_sign_again(struct life_stage *stage, const char *cert_pem,
                      const char *topic)
{
    BIO *in = BIO_new_mem_buf(cert_pem, -1);
    X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);
    char *pem;

    assert_non_null(cert);
    pem = sign(stage, X509_get0_pubkey(cert), topic, SIGNED_DAYS);
    X509_free(cert);
    BIO_free(in);
    return pem;
}

json_t *
life_stage_put(struct life_stage *stage, const char *query, const char *pem,
               long status)
{
    struct http_answer answer;
    char path[512];
    json_t *json;

    snprintf(path, sizeof path, "/v1/pushcerts?%s", query);
    daemon_proc_send(stage->daemon, "PUT", path, NULL, pem, &answer);
    if (answer.status != status)
        fail_msg("PUT %s: %ld instead of %ld: %s", path, answer.status, status,
                 answer.body);
    json = json_loads(answer.body, 0, NULL);
    assert_non_null(json);
    http_call_free(&answer);
    return json;
}

void
life_stage_import(struct life_stage *stage, const char *topic, int days)
{
    char *pem = life_stage_make(stage, topic, days, NULL);

    json_decref(life_stage_put(stage, "add=1", pem, 200));
    free(pem);
}

const char *
life_stage_text(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    if (text == NULL)
        fail_msg("the answer has no %s", name);
    return text;
}

char *
life_stage_sha(struct life_stage *stage)
{
    struct http_answer answer;
    char *sha = NULL;
    json_t *json;

    daemon_proc_send(stage->daemon, "GET", LIFE_STAGE_CERTS, NULL, NULL,
                     &answer);
    json = json_loads(answer.body, 0, NULL);
    assert_non_null(json);
    if (answer.status == 200)
        sha = strdup(life_stage_text(json, "sha256"));
    else
        sha = strdup("");
    assert_non_null(sha);
    json_decref(json);
    http_call_free(&answer);
    return sha;
}

void
life_stage_refuse(struct life_stage *stage, const char *query, const char *pem,
                  long status, const char *code)
{
    char *before = life_stage_sha(stage);
    json_t *json = life_stage_put(stage, query, pem, status);
    char *after = life_stage_sha(stage);

    assert_string_equal(life_stage_text(json, "code"), code);
    assert_true(strlen(life_stage_text(json, "error")) > 10);
    assert_string_equal(before, after);
    json_decref(json);
    free(before);
    free(after);
}

void
life_stage_wake(struct life_stage *stage, const char *id)
{
    char path[128], body[512];
    json_t *json;
    const char *outcome;

    snprintf(path, sizeof path, "/v1/enrollments/%s", id);
    snprintf(body, sizeof body,
             "{\"topic\":\"" LIFE_STAGE_TOPIC "\",\"token\":\"%064d\","
             "\"push_magic\":\"M\"}",
             7);
    daemon_proc_do(stage->daemon, "PUT", path, body, 200);
    snprintf(body, sizeof body, "{\"ids\":[\"%s\"],\"wait_s\":100}", id);
    json = daemon_proc_json(stage->daemon, "POST", "/v1/wakes", body, 200);
    outcome = json_string_value(json_object_get(
        json_object_get(json_array_get(json_object_get(json, "wakes"), 0),
                        "result"),
        "outcome"));
    if (outcome == NULL || strcmp(outcome, "accepted") != 0)
        fail_msg("the wake of %s was not accepted", id);
    json_decref(json);
}

int
life_stage_set_up(void **state)
{
    *state = life_stage_new("1.3");
    return 0;
}

int
life_stage_tear_down(void **state)
{
    life_stage_free(*state);
    return 0;
}
