/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "apns/must.h"
#include "server/certlife/certlife.h"

/* Any bytes as the files of an import: never a crash, never a long wait, an
 * answer for each file, nothing left in OpenSSL's queue. An input that begins
 * with a NUL is two files (length of the first in two bytes); so a key may
 * meet its certificate. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

#define NOW 1790000000 /* the corpus is valid */

static void
compare(const struct certlife_object *push)
{
    struct certlife_held held = {&push->cert, 7, NULL};
    struct certlife_import import = {.fresh = &push->cert};
    struct certlife_answer answer;
    char *text = certlife_sides_text(&held, &push->cert, NULL, NOW);
    json_t *json = certlife_sides_json(&held, &push->cert, NULL, NOW);

    must(text != NULL && json != NULL);
    free(text);
    json_decref(json);
    certlife_compare(&import, NOW, &answer);
    must(answer.text[0] != '\0');
    import.held = &held;
    import.n_held = 1;
    certlife_compare(&import, NOW, &answer);
    must(!certlife_verdict_is_ok(answer.verdict)); /* the same one */
}

static void
import(const struct certlife_check *check)
{
    int push = certlife_check_push(check);
    struct apns_cert cert;
    char *pem;

    if (push < 0)
        return;
    compare(&check->objects[push]);
    if (certlife_check_identity(check, (size_t)push, NULL, NOW, &pem, &cert,
                                NULL) == CERTLIFE_OK) {
        must(strcmp(cert.sha256, check->objects[push].cert.sha256) == 0);
        must(strcmp(cert.topic, check->objects[push].cert.topic) == 0);
    }
    certlife_secret_free(pem);
    must(ERR_peek_error() == 0);
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

static void
read_alone(const struct certlife_file *file)
{
    struct certlife_upload upload;
    struct certlife_warnings warnings;
    struct certlife_mdmcert request;
    char detail[CERTLIFE_MAX_DETAIL];

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
    if (certlife_check_make(files, n_files, NULL, 0, NOW, &check, NULL) ==
        CERTLIFE_OK) {
        must(check->n_objects >= n_files);
        look_at(check, files, n_files);
        import(check);
    }
    certlife_check_free(check);
    must(ERR_peek_error() == 0);
    return 0;
}
