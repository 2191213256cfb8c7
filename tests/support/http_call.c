/* SPDX-License-Identifier: MIT */
#include "http_call.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <setjmp.h>

#include <cmocka.h>

struct gathered {
    char *bytes;
    size_t len;
};

static size_t
on_bytes(char *bytes, size_t size, size_t n, void *arg)
{
    struct gathered *to = arg;
    char *grown = realloc(to->bytes, to->len + n * size + 1);

    if (grown == NULL)
        return 0;
    memcpy(grown + to->len, bytes, n * size);
    to->bytes = grown;
    to->len += n * size;
    grown[to->len] = '\0';
    return n * size;
}

static struct curl_slist *
list_headers(const struct http_call *call)
{
    /* Without this curl asks before it sends a body, and says that a body is
       a form unless told otherwise. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    if (call->body != NULL)
        list = curl_slist_append(list, "Content-Type:");
    for (size_t i = 0; call->headers != NULL && call->headers[i] != NULL; i++)
        list = curl_slist_append(list, call->headers[i]);
    return list;
}

static void
set_body(CURL *curl, const struct http_call *call)
{
    size_t len = call->body_len;

    if (call->body == NULL)
        return;
    if (len == 0)
        len = strlen(call->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
}

static CURLcode
perform(const struct http_call *call, struct gathered *body,
        struct gathered *headers, long *status)
{
    struct curl_slist *list = list_headers(call);
    CURL *curl = curl_easy_init();
    char *url = NULL;
    CURLcode code;

    if (curl == NULL || asprintf(&url, "http://127.0.0.1:%u%s",
                                 (unsigned)call->port, call->path) < 0)
        fail_msg("out of memory");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (call->socket != NULL)
        curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, call->socket);
    if (call->user != NULL)
        curl_easy_setopt(curl, CURLOPT_USERPWD, call->user);
    set_body(curl, call);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (strcmp(call->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)HTTP_CALL_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(list);
    free(url);
    return code;
}

static char *
or_empty(struct gathered *gathered)
{
    char *text = gathered->bytes == NULL ? strdup("") : gathered->bytes;

    if (text == NULL)
        fail_msg("out of memory");
    return text;
}

void
http_call_send(const struct http_call *call, struct http_answer *answer)
{
    struct gathered headers = {0};
    struct gathered body = {0};
    CURLcode code;

    memset(answer, 0, sizeof *answer);
    code = perform(call, &body, &headers, &answer->status);
    if (code != CURLE_OK && !call->may_break)
        fail_msg("%s %.80s: %s", call->method, call->path,
                 curl_easy_strerror(code));
    answer->body = or_empty(&body);
    answer->body_len = body.len;
    answer->headers = or_empty(&headers);
}

char *
http_call_header(const struct http_answer *answer, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = answer->headers; at != NULL && *at != '\0';
         at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncasecmp(at, name, len) == 0 && at[len] == ':') {
            at += len + 1;
            at += strspn(at, " ");
            return strndup(at, strcspn(at, "\r\n"));
        }
    }
    return NULL;
}

void
http_call_free(struct http_answer *answer)
{
    free(answer->body);
    free(answer->headers);
    memset(answer, 0, sizeof *answer);
}
