/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "apns/base/must.h"
#include "server/certlife/certlife.h"
#include "server/engine/cert/life/life_files.h"

/* Any bytes as the files of an import, of a vendor's credential, of a reply by
 * mail: never a crash, never a long wait, an answer for each file, nothing left
 * in OpenSSL's queue. An input that begins with a NUL is two files (length of
 * the first in two bytes); so a key may meet its certificate. */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#define NOW 1790000000 /* the corpus is valid */

/* What the daemon would hold; made once. */
static struct {
    struct certlife_csr csr;
    struct certlife_mdmcert mail;
} held;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct certlife_subject subject = {"fuzz", "US", "a@b"};
    struct certlife_file csr = {"csr", NULL, 0, NULL};

    (void)argc;
    (void)argv;
    must(certlife_csr_make(&subject, &held.csr, NULL) == CERTLIFE_OK);
    csr.bytes = held.csr.csr_pem;
    csr.len = strlen(held.csr.csr_pem);
    must(certlife_mdmcert_make(&csr, "a@b", "key", NOW, &held.mail, NULL) ==
         CERTLIFE_OK);
    return 0;
}

static void
compare(const struct certlife_object *push)
{
    struct certlife_held now = {.cert = &push->cert, .n_enrollments = 7};
    struct certlife_import import = {
        .fresh = &push->cert,
        .fault = push->fault,
        .fault_detail = push->fault_detail,
    };
    struct certlife_answer answer;
    char *text = certlife_sides_text(&now, &push->cert, NULL, NOW);
    json_t *json = certlife_sides_json(&now, &push->cert, NULL, NOW);

    must(text != NULL && json != NULL);
    free(text);
    json_decref(json);
    certlife_compare(&import, NOW, &answer);
    must(answer.text[0] != '\0');
    import.held = &now;
    import.n_held = 1;
    certlife_compare(&import, NOW, &answer);
    must(!certlife_verdict_is_ok(answer.verdict)); /* the same one */
    import.renew_topic = "com.apple.mgmt.another";
    certlife_compare(&import, NOW, &answer);
    must(!certlife_verdict_is_ok(answer.verdict));
    import.replace_topic = push->cert.topic;
    import.has_confirm = true;
    import.confirm = 7;
    certlife_compare(&import, NOW, &answer);
    must(!certlife_verdict_is_ok(answer.verdict));
}

/* As the import takes what it has found, and the next start loads it. */
static void
take(const struct certlife_check *check, const struct certlife_file *files,
     size_t push, const char *key_pem)
{
    const struct apns_cert *cert = &check->objects[push].cert;
    struct apns_credential *credential, *again;
    char detail[CERTLIFE_MAX_DETAIL];

    if (certlife_check_credential(check, files, push, key_pem, &credential,
                                  detail) == CERTLIFE_OK) {
        must(check->objects[push].fault == APNS_OK);
        must(memcmp(apns_credential_cert(credential), cert, sizeof *cert) == 0);
        must(apns_credential_load(apns_credential_leaf_pem(credential),
                                  apns_credential_key_pem(credential),
                                  &again) == APNS_OK);
        must(memcmp(apns_credential_cert(again), cert, sizeof *cert) == 0);
        apns_credential_free(again);
    }
    apns_credential_free(credential);
    must(ERR_peek_error() == 0);
}

static void
import(const struct certlife_check *check, const struct certlife_file *files)
{
    int push = certlife_check_push(check);

    if (push < 0)
        return;
    compare(&check->objects[push]);
    take(check, files, (size_t)push, NULL);
    take(check, files, (size_t)push, held.csr.key_pem);
    for (size_t i = 0; i < check->n_objects; i++) {
        char *key;

        if (check->objects[i].kind != CERTLIFE_KIND_PRIVATE_KEY)
            continue;
        key = certlife_check_pem(check, i);
        if (key != NULL)
            take(check, files, (size_t)push, key);
        certlife_secret_free(key);
    }
}

static void
look_at(const struct certlife_check *check, const struct certlife_file *files,
        size_t n_files)
{
    json_t *json = certlife_check_json(check, files, n_files);

    must(json != NULL);
    json_decref(json);
    for (size_t i = 0; i < check->n_objects; i++) {
        must(check->objects[i].file < n_files);
        must(check->objects[i].sentence[0] != '\0');
        must((check->objects[i].fits >> i & 1) == 0);
        certlife_secret_free(certlife_check_pem(check, i));
    }
    for (size_t i = 0; i < check->n_findings; i++)
        must(check->findings[i].text[0] != '\0');
}

/* A vendor's credential in any files, for the request that is held. */
static void
sign(const struct certlife_file *files, size_t n_files)
{
    struct certlife_signing signing = {
        .csr = {"csr", held.csr.csr_pem, strlen(held.csr.csr_pem), NULL},
        .vendor_cert = files[0],
        .vendor_key = files[n_files - 1],
        .chain = files,
        .n_chain = n_files,
    };
    struct certlife_warnings warnings;
    struct certlife_upload facts;
    struct certlife_file upload = {"upload", NULL, 0, NULL};
    char *text;

    if (certlife_upload_make(&signing, NOW, &text, &warnings, NULL) ==
        CERTLIFE_OK) {
        upload.bytes = text;
        upload.len = strlen(text);
        must(certlife_upload_read(&upload, NOW, &facts, &warnings, NULL) ==
             CERTLIFE_OK);
        must(strcmp(facts.spki_sha256, held.csr.spki_sha256) == 0);
    }
    free(text);
    must(ERR_peek_error() == 0);
}

/* The same files as the engine's thread has them, and its words. */
static void
bring_in(const struct certlife_file *files, size_t n_files)
{
    struct rouse_cert_file given[2];
    struct rouse_cert_files all = {given, n_files, files[0].password};
    struct life_files own;
    char *trouble;

    for (size_t i = 0; i < n_files; i++)
        given[i] = (struct rouse_cert_file){files[i].name, files[i].bytes,
                                            files[i].len};
    if (life_files_copy(&own, &all) != ROUSE_OK)
        return;
    life_files_read(&own, NOW);
    trouble = life_files_report(&own);
    must(trouble != NULL && trouble[0] != '\0');
    free(trouble);
    trouble = life_files_why(&own);
    must(trouble != NULL);
    if (own.check != NULL && certlife_check_push(own.check) >= 0)
        (void)life_files_has_key(&own, certlife_check_push(own.check));
    free(trouble);
    life_files_fini(&own);
}

static void
read_alone(const struct certlife_file *file)
{
    struct certlife_upload upload;
    struct certlife_warnings warnings;
    struct certlife_mdmcert request;
    char detail[CERTLIFE_MAX_DETAIL];
    char *opened;

    if (certlife_mdmcert_open(file, held.mail.key_pem, held.mail.cert_pem,
                              &opened, detail) == CERTLIFE_OK)
        must(opened != NULL);
    free(opened);
    if (certlife_upload_read(file, NOW, &upload, &warnings, detail) ==
        CERTLIFE_OK)
        must(upload.n_chain > 0 && upload.spki_sha256[0] != '\0');
    /* Refused before it makes a key, unless it holds a request. */
    if (file->len < 64 &&
        certlife_mdmcert_make(file, "a@b", "key", NOW, &request, detail) ==
            CERTLIFE_OK)
        certlife_mdmcert_fini(&request);
    must(ERR_peek_error() == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct certlife_file files[2] = {{"a", input, len, "pass"}};
    size_t n_files = 1;
    struct certlife_check *check;

    if (len >= 3 && input[0] == 0) {
        size_t first = (size_t)input[1] << 8 | input[2];

        n_files = 2;
        files[0].bytes = input + 3;
        files[0].len = first < len - 3 ? first : len - 3;
        files[1] = (struct certlife_file){"b", input + 3 + files[0].len,
                                          len - 3 - files[0].len, NULL};
    }
    for (size_t i = 0; i < n_files; i++)
        read_alone(&files[i]);
    sign(files, n_files);
    bring_in(files, n_files);
    if (certlife_check_make(files, n_files, NULL, 0, NOW, &check, NULL) ==
        CERTLIFE_OK) {
        must(check->n_objects >= n_files);
        look_at(check, files, n_files);
        import(check, files);
    }
    certlife_check_free(check);
    must(ERR_peek_error() == 0);
    return 0;
}
