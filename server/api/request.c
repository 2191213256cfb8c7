/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api_private.h"
#include "server/api/http/http_conn.h"
#include "server/api/json/json_in.h"
#include "server/api/nano/nano_json.h"

#define RETRY_AFTER_S "1" /* with every "try again later" */

const char *
request_query(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->n_query; i++) {
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    }
    return NULL;
}

const char *
request_header(const struct request *request, const char *name)
{
    return http_head_get(&request->head, name);
}

void
request_actor(const struct request *request, char actor[AUTH_NAME_SIZE])
{
    if (request->caller.name[0] != '\0')
        memcpy(actor, request->caller.name, AUTH_NAME_SIZE);
    else if (request->conn->has_uid)
        snprintf(actor, AUTH_NAME_SIZE, "socket:uid=%u",
                 (unsigned)request->conn->uid);
    else
        snprintf(actor, AUTH_NAME_SIZE, "socket");
}

bool
request_may(struct request *request, enum auth_verb verb)
{
    if ((request->caller.verbs & AUTH_BIT(verb)) != 0)
        return true;
    request->api->n_refused++;
    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this key lacks the verb \"%s\"", auth_verb_text(verb));
    return false;
}

bool
request_is_local(struct request *request)
{
    if (request->is_local)
        return true;
    request_fail(request, HTTP_FORBIDDEN, "local_only",
                 "this is available on the unix socket only");
    return false;
}

bool
request_sees(const struct request *request, const char *topic)
{
    return request->caller.topic[0] == '\0' ||
           strcmp(request->caller.topic, topic) == 0;
}

bool
request_sees_enrollment(const struct request *request,
                        const struct store_enrollment *enrollment)
{
    return request_sees(request, enrollment->topic) &&
           store_group_covers(request->caller.group, enrollment->group);
}

struct store_scope
request_scope(const struct request *request)
{
    return (struct store_scope){request->caller.topic, request->caller.group};
}

void
request_keep(struct request *request, void *state,
             void (*free_state)(void *state))
{
    must(request->state == NULL);
    request->state = state;
    request->free_state = free_state;
}

bool
request_is_over(struct request *request)
{
    if (!request->api->is_closed)
        return false;
    request_fail_rouse(request, ROUSE_ECLOSED, NULL);
    return true;
}

json_t *
request_load_json(struct request *request)
{
    char why[JSON_IN_WHY];
    json_t *json = json_in_load(request->body, request->body_len, why);

    if (json == NULL)
        request_fail(request, HTTP_BAD_REQUEST, "invalid", "%s", why);
    return json;
}

static void
answer(struct request *request, unsigned status)
{
    must(request->status == 0);
    if (status == HTTP_SERVICE_UNAVAILABLE)
        request_add_header(request, "Retry-After", RETRY_AFTER_S);
    request->status = status;
    if (request->is_suspended)
        request_resume(request);
}

void
request_text(struct request *request, unsigned status, const char *type,
             char *text, size_t len)
{
    if (text == NULL) {
        /* Out of memory: an empty answer is what can be made without. */
        answer(request, HTTP_SERVICE_UNAVAILABLE);
        return;
    }
    request->type = type;
    request->text = text;
    request->text_len = len;
    answer(request, status);
}

void
request_empty(struct request *request, unsigned status)
{
    answer(request, status);
}

void
request_stream(struct request *request, unsigned status, const char *type,
               request_read_fn *read, void *arg)
{
    request->type = type;
    request->read = read;
    request->read_arg = arg;
    answer(request, status);
}

static ssize_t
read_file(void *arg, char *bytes, size_t max)
{
    const struct request *request = arg;
    ssize_t n;

    do
        n = read(request->file, bytes, max);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return REQUEST_READ_BROKEN;
    return n == 0 ? REQUEST_READ_END : n;
}

void
request_file(struct request *request, unsigned status, const char *type, int fd,
             size_t len)
{
    request->file = fd;
    request->has_length = true;
    request->text_len = len;
    request_stream(request, status, type, read_file, request);
}

void
request_add_header(struct request *request, const char *name, const char *value)
{
    size_t len = strlen(request->extra);
    size_t room = sizeof request->extra - len;

    must((size_t)snprintf(request->extra + len, room, "%s: %s\r\n", name,
                          value) < room);
}

void
request_json(struct request *request, unsigned status, json_t *json)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = json == NULL ? NULL : open_memstream(&text, &len);

    if (out != NULL) {
        bool is_bad = json_dumpf(json, out, JSON_COMPACT) != 0;

        fputc('\n', out);
        is_bad |= ferror(out) != 0;
        is_bad |= fclose(out) != 0;
        if (is_bad) {
            free(text);
            text = NULL;
        }
    }
    json_decref(json);
    request_text(request, status, "application/json", text, len);
}

/* NanoMDM's words where it says such things itself. */
static bool
fail_as_nano(struct request *request, unsigned status)
{
    const char *text;

    if (!request->is_nano)
        return false;
    if (status == HTTP_UNAUTHORIZED)
        text = "Unauthorized\n";
    else if (status == HTTP_METHOD_NOT_ALLOWED)
        text = "Method Not Allowed\n";
    else
        return false;
    request_text(request, status, "text/plain; charset=utf-8", strdup(text),
                 strlen(text));
    return true;
}

void
request_fail(struct request *request, unsigned status, const char *code,
             const char *format, ...)
{
    char why[512];
    char *text = NULL;
    size_t len = 0;
    FILE *out;
    va_list args;

    if (fail_as_nano(request, status))
        return;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    out = open_memstream(&text, &len);
    if (out != NULL) {
        /* Not jansson: what a client sent may be broken UTF-8, and here it
           may have been cut in the middle of a character. */
        fputs("{\"error\":", out);
        nano_json_string(out, why);
        fprintf(out, ",\"code\":\"%s\"}\n", code);
        if (fclose(out) != 0) {
            free(text);
            text = NULL;
        }
    }
    request_text(request, status, "application/json", text, len);
}

struct failure {
    unsigned status;
    const char *code;
};

static const struct failure rouse_failures[ROUSE_N_ERRORS] = {
    [ROUSE_EINVAL] = {400, "invalid"},
    [ROUSE_ENOTFOUND] = {404, "not_found"},
    [ROUSE_ECONFLICT] = {409, "conflict"},
    [ROUSE_EPLIST] = {400, "bad_plist"},
    [ROUSE_ETOOLARGE] = {413, "too_large"},
    [ROUSE_ECERT] = {400, "bad_certificate"},
    [ROUSE_EGUARD] = {409, "refused"},
    [ROUSE_EBUSY] = {503, "busy"},
    [ROUSE_ECLOSED] = {503, "stopping"},
    [ROUSE_ENOMEM] = {503, "no_memory"},
    [ROUSE_EFULL] = {507, "disk_full"},
    [ROUSE_EIO] = {500, "disk_failed"},
    [ROUSE_ESTATE] = {500, "state_dir"},
};

static const struct failure store_failures[STORE_N_ERRORS] = {
    [STORE_EINVAL] = {400, "invalid"},
    [STORE_ENOTFOUND] = {404, "not_found"},
    [STORE_ECONFLICT] = {409, "conflict"},
    [STORE_EBUSY] = {503, "busy"},
    [STORE_ECLOSED] = {503, "stopping"},
    [STORE_ENOMEM] = {503, "no_memory"},
    [STORE_EFULL] = {507, "disk_full"},
    [STORE_EIO] = {500, "disk_failed"},
};

static void
fail_with(struct request *request, const struct failure *failure,
          const char *text, const char *what)
{
    unsigned status = failure->status == 0 ? 500 : failure->status;
    const char *code = failure->code == NULL ? "internal" : failure->code;

    if (what == NULL)
        request_fail(request, status, code, "%s", text);
    else
        request_fail(request, status, code, "%s: %s", what, text);
}

void
request_fail_rouse(struct request *request, enum rouse_err err,
                   const char *what)
{
    fail_with(request, &rouse_failures[err], rouse_err_text(err), what);
}

void
request_fail_store(struct request *request, enum store_err err,
                   const char *what)
{
    fail_with(request, &store_failures[err], store_err_text(err), what);
}

void
request_suspend(struct request *request)
{
    must(!request->is_suspended);
    request->is_suspended = true;
}

void
request_resume(struct request *request)
{
    must(request->is_suspended);
    request->is_suspended = false;
    http_conn_wake(request->conn);
}
