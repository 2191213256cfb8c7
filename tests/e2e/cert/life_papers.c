/* SPDX-License-Identifier: MIT */
#include "life_papers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "tests/support/paper.h"
#include "tests/support/temp_dir.h"

static const char *const names[] = {
#define X(which, name) name,
    LIFE_PAPERS(X)
#undef X
};

#define VENDOR_DAYS 100
#define PUSH_DAYS   300

static void
take(struct life_papers *papers, enum life_paper_which which, char *path)
{
    papers->paper[which].bytes = temp_dir_read(path, &papers->paper[which].len);
    free(path);
}

static void
put(struct life_papers *papers, enum life_paper_which which, const void *bytes,
    size_t len)
{
    struct life_paper *paper = &papers->paper[which];

    paper->len = len;
    paper->bytes = malloc(len + 1);
    assert_non_null(paper->bytes);
    if (len > 0)
        memcpy(paper->bytes, bytes, len);
    paper->bytes[len] = '\0';
}

static BIO *
open_paper(const struct life_papers *papers, enum life_paper_which which)
{
    return BIO_new_mem_buf(papers->paper[which].bytes,
                           (int)papers->paper[which].len);
}

static void
make_pkcs12(struct life_papers *papers)
{
    BIO *cert_in = open_paper(papers, LIFE_PAPER_PUSH);
    BIO *key_in = open_paper(papers, LIFE_PAPER_PUSH_KEY);
    X509 *cert = PEM_read_bio_X509(cert_in, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL);
    PKCS12 *p12 = PKCS12_create(LIFE_PAPERS_PASSWORD, "paper", key, cert, NULL,
                                0, 0, 0, 0, 0);
    unsigned char *der = NULL;
    int len = i2d_PKCS12(p12, &der);

    assert_true(len > 0);
    put(papers, LIFE_PAPER_LOCKED_PKCS12, der, (size_t)len);
    OPENSSL_free(der);
    PKCS12_free(p12);
    EVP_PKEY_free(key);
    X509_free(cert);
    BIO_free(key_in);
    BIO_free(cert_in);
}

void
life_papers_init(struct life_papers *papers)
{
    char *vendor[4];
    char *dir = temp_dir_new();

    *papers = (struct life_papers){.dir = dir};
    take(papers, LIFE_PAPER_PUSH, paper_write_push(dir, "push", PUSH_DAYS));
    take(papers, LIFE_PAPER_PUSH_KEY, paper_write_key(dir, "key", NULL));
    take(papers, LIFE_PAPER_LOCKED_KEY,
         paper_write_key(dir, "locked", LIFE_PAPERS_PASSWORD));
    take(papers, LIFE_PAPER_CSR, paper_write_csr(dir, "csr"));
    paper_write_vendor(dir, VENDOR_DAYS, NULL, vendor);
    take(papers, LIFE_PAPER_VENDOR, vendor[0]);
    take(papers, LIFE_PAPER_VENDOR_KEY, vendor[1]);
    take(papers, LIFE_PAPER_WWDR, vendor[2]);
    take(papers, LIFE_PAPER_ROOT, vendor[3]);
    put(papers, LIFE_PAPER_HTML, "<html>Sign in</html>", 20);
    put(papers, LIFE_PAPER_EMPTY, "", 0);
    put(papers, LIFE_PAPER_CUT, papers->paper[LIFE_PAPER_PUSH].bytes,
        papers->paper[LIFE_PAPER_PUSH].len / 2);
    put(papers, LIFE_PAPER_NOISE, "\x30\x82\xff\xff\x02\x01\x00", 7);
    make_pkcs12(papers);
}

void
life_papers_fini(struct life_papers *papers)
{
    for (size_t i = 0; i < LIFE_PAPERS_N; i++)
        free(papers->paper[i].bytes);
    temp_dir_free(papers->dir);
    paper_free_keys(NULL);
}

static json_t *
pack_paper(const struct life_papers *papers, size_t i)
{
    const struct life_paper *paper = &papers->paper[i];
    char *base64 = malloc(paper->len / 3 * 4 + 5);
    json_t *json;

    assert_non_null(base64);
    EVP_EncodeBlock((unsigned char *)base64,
                    (const unsigned char *)paper->bytes, (int)paper->len);
    json = json_pack("{s:s, s:s}", "name", names[i], "content", base64);
    free(base64);
    return json;
}

char *
life_papers_body(const struct life_papers *papers, unsigned set,
                 const char *password)
{
    json_t *files = json_array();
    json_t *json = json_pack("{s:o}", "files", files);
    char *body;

    for (size_t i = 0; i < LIFE_PAPERS_N; i++)
        if ((set >> i & 1) != 0)
            json_array_append_new(files, pack_paper(papers, i));
    if (password != NULL)
        json_object_set_new(json, "password", json_string(password));
    body = json_dumps(json, 0);
    assert_non_null(body);
    json_decref(json);
    return body;
}

json_t *
life_papers_send(struct life_stage *stage, const char *method, const char *path,
                 const char *body, long status, const char *code)
{
    json_t *json = daemon_proc_json(stage->daemon, method, path, body, status);

    if (code != NULL) {
        assert_string_equal(life_stage_text(json, "code"), code);
        assert_true(strlen(life_stage_text(json, "error")) > 10);
    }
    return json;
}

int
life_papers_set_up(void **state)
{
    struct life_desk *desk = calloc(1, sizeof *desk);

    assert_non_null(desk);
    life_papers_init(&desk->papers);
    desk->life = life_stage_new("1.3");
    *state = desk;
    return 0;
}

int
life_papers_tear_down(void **state)
{
    struct life_desk *desk = *state;

    life_stage_free(desk->life);
    life_papers_fini(&desk->papers);
    free(desk);
    return 0;
}
