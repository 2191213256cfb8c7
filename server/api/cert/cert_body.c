/* SPDX-License-Identifier: MIT */
#include "cert_body.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/base64.h"
#include "server/api/request.h"

#define MAX_FILE_NAME 255 /* bytes */
#define MAX_PASSWORD  1024

/* An empty file is a file too: what is wrong with it is said later. */
static bool
decode(const char *text, size_t len, unsigned char *to, size_t *to_len)
{
    unsigned char *bytes;

    *to_len = 0;
    if (len == 0)
        return true;
    if ((bytes = base64_read_loose(text, len, to_len)) == NULL)
        return false;
    memcpy(to, bytes, *to_len);
    OPENSSL_clear_free(bytes, *to_len + 1);
    return true;
}

static void
take_file(struct cert_body *body, const json_t *item, size_t i, size_t *at)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    const json_t *content = json_object_get(item, "content");
    size_t len;

    if (name == NULL || strlen(name) > MAX_FILE_NAME ||
        !json_is_string(content)) {
        json_in_fail(&body->in,
                     "files[%zu] must be {\"name\",\"content\"}, the name at "
                     "most %d bytes",
                     i, MAX_FILE_NAME);
        return;
    }
    if (!decode(json_string_value(content), json_string_length(content),
                body->bytes + *at, &len)) {
        json_in_fail(&body->in, "files[%zu].content is not base64", i);
        return;
    }
    body->file[i] = (struct rouse_cert_file){name, body->bytes + *at, len};
    *at += len;
    if (*at > ROUSE_CERT_MAX_LEN)
        json_in_fail(&body->in, "files are larger than 1 MiB together");
}

static void
take_files(struct request *request, struct cert_body *body)
{
    const json_t *files =
        json_in_array(&body->in, "files", ROUSE_CERT_MAX_FILES);
    size_t at = 0, i;
    json_t *item;

    body->files.password = json_in_string(&body->in, "password", MAX_PASSWORD);
    body->bytes_size = request->body_len + 1; /* base64 shrinks */
    body->bytes = malloc(body->bytes_size);
    if (body->bytes == NULL) {
        json_in_fail(&body->in, "out of memory");
        return;
    }
    if (json_array_size(files) == 0)
        json_in_fail(&body->in, "files is missing");
    json_array_foreach((json_t *)(uintptr_t)files, i, item)
    {
        take_file(body, item, i, &at);
        if (body->in.is_bad)
            return;
    }
    body->files.n = json_array_size(files);
}

static bool
is_json(const struct request *request)
{
    return request->body_len > 0 &&
           request->body[strspn(request->body, " \t\r\n")] == '{';
}

static bool
refuse(struct request *request, struct cert_body *body)
{
    request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", body->in.why);
    cert_body_fini(body);
    return false;
}

bool
cert_body_read(struct request *request, struct cert_body *body)
{
    *body = (struct cert_body){0};
    body->files.file = body->file;
    if (!is_json(request)) {
        if (request->body_len > ROUSE_CERT_MAX_LEN) {
            request_fail(request, HTTP_CONTENT_TOO_LARGE, "too_large",
                         "the body is larger than %zu bytes",
                         ROUSE_CERT_MAX_LEN);
            return false;
        }
        body->file[0] = (struct rouse_cert_file){
            "the body", request->body_len > 0 ? request->body : "",
            request->body_len};
        body->files.n = 1;
        return true;
    }
    if ((body->json = request_load_json(request)) == NULL)
        return false;
    json_in_begin(&body->in, body->json);
    take_files(request, body);
    return body->in.is_bad ? refuse(request, body) : true;
}

bool
cert_body_end(struct request *request, struct cert_body *body)
{
    if (body->json == NULL || json_in_end(&body->in))
        return true;
    return refuse(request, body);
}

void
cert_body_fini(struct cert_body *body)
{
    if (body->bytes != NULL)
        OPENSSL_cleanse(body->bytes, body->bytes_size);
    free(body->bytes);
    body->bytes = NULL;
    json_decref(body->json);
    body->json = NULL;
}

bool
cert_body_may_touch(struct request *request)
{
    if (strlen(request->rest) > APNS_MAX_TOPIC) {
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "no push certificate for this topic");
        return false;
    }
    if (request_sees(request, request->rest))
        return true;
    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this key is limited to the topic %s", request->caller.topic);
    return false;
}
