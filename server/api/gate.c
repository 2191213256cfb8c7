/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api_private.h"
#include "httpd.h"
#include "keyring.h"
#include "request.h"
#include "routes.h"

#define FIRST_BODY 4096 /* bytes of a body buffer to begin with */
#define SLOW_BODY \
    4 /* times timeout_s for a whole body that is gathered,
                           or a byte now and then would hold its connection */

static const struct body_rule {
    size_t max;           /* bytes; 0: not gathered */
    const char *type;     /* needed in Content-Type; NULL: not looked at */
    const char *in_words; /* for errors */
} body_rules[ROUTE_N_BODIES] = {
    [ROUTE_NO_BODY] = {0, NULL, "nothing"},
    [ROUTE_JSON] = {API_MAX_JSON, "application/json", "a JSON object"},
    [ROUTE_EVENT] = {API_MAX_EVENT, "application/json", "a webhook event"},
    [ROUTE_PEM] = {APNS_MAX_PEM, NULL, "certificate and key as PEM"},
    [ROUTE_FILES] = {API_MAX_FILES, NULL, "files in base64, or a PEM"},
    [ROUTE_PLIST] = {ROUSE_MAX_PLIST, NULL, "a check-in plist"},
    [ROUTE_NDJSON] = {0, "application/x-ndjson", "one JSON object a line"},
};

static bool
is_type(const char *header, const char *type)
{
    size_t len = strlen(type);

    return strncasecmp(header, type, len) == 0 &&
           (header[len] == '\0' || header[len] == ';' || header[len] == ' ');
}

static bool
is_chunked(const struct request *request)
{
    return request_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

/* As the client announced it; 0 when it announced none or something that
   libmicrohttpd refuses itself. */
static unsigned long long
announced_len(const struct request *request)
{
    const char *text = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

static void
fail_too_large(struct request *request, size_t max)
{
    request_fail(request, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                 "the body is larger than %zu bytes", max);
}

static void
check_body(struct request *request)
{
    const struct body_rule *rule = &body_rules[request->route->body];
    const char *type = request_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);

    if (request->route->body == ROUTE_NO_BODY)
        return;
    if (request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH) == NULL &&
        !is_chunked(request))
        request_fail(request, MHD_HTTP_LENGTH_REQUIRED, "length_required",
                     "a body is expected: %s", rule->in_words);
    else if (rule->max > 0 && announced_len(request) > rule->max)
        fail_too_large(request, rule->max);
    else if (rule->type != NULL && type != NULL && !is_type(type, rule->type))
        request_fail(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
                     "unsupported_media_type", "Content-Type must be %s",
                     rule->type);
}

static void
refuse_unknown(struct request *request, const struct route_near *near)
{
    if (near->methods == 0)
        request_fail(request, MHD_HTTP_NOT_FOUND, "not_found",
                     "there is no such path");
    else
        request_fail(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
                     "this path does not take this method");
    if (near->methods != 0 && request->response != NULL) {
        char allow[64];

        route_methods_text(near->methods, allow);
        MHD_add_response_header(request->response, MHD_HTTP_HEADER_ALLOW,
                                allow);
    }
}

/* Unless it is public, a request on TCP needs a key, also where no route is:
   what exists is nobody's business without one. */
static bool
is_let_in(struct request *request, const struct route_near *near)
{
    struct auth_caller *caller = &request->caller;
    const char *header = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);

    if (httpd_is_local(request->engine)) {
        caller->verbs = AUTH_ALL_VERBS;
        return true;
    }
    if (keyring_find(request->api->keyring, header, caller))
        return true;
    if ((near->flags & ROUTE_PUBLIC) != 0)
        return true;
    request->api->n_refused++;
    request_fail(request, MHD_HTTP_UNAUTHORIZED, "unauthorized",
                 header == NULL
                     ? "an API key is needed: Authorization: Bearer rouse_…"
                     : "this API key is not in force: mistyped or revoked");
    if (request->response != NULL)
        MHD_add_response_header(request->response,
                                MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                request->is_nano ? "Basic realm=\"nanomdm\""
                                                 : "Bearer realm=\"rouse\"");
    return false;
}

static bool
has_rights(struct request *request)
{
    const struct route *route = request->route;

    if ((route->flags & ROUTE_PUBLIC) != 0)
        return true;
    if (!request_may(request, route->verb))
        return false;
    if (request->caller.group[0] != '\0' &&
        (route->flags & ROUTE_GROUPS) == 0) {
        request->api->n_refused++;
        request_fail(request, MHD_HTTP_FORBIDDEN, "forbidden",
                     "this needs a key for all groups; yours is limited to %s",
                     request->caller.group);
        return false;
    }
    if ((route->flags & ROUTE_ALL_TOPICS) == 0 ||
        request->caller.topic[0] == '\0')
        return true;
    request->api->n_refused++;
    request_fail(request, MHD_HTTP_FORBIDDEN, "forbidden",
                 "this needs a key for all topics; yours is limited to %s",
                 request->caller.topic);
    return false;
}

static enum MHD_Result
on_query(void *cls, enum MHD_ValueKind kind, const char *name,
         const char *value)
{
    struct request *request = cls;

    (void)kind;
    (void)value;
    if (route_has_query(request->route, name))
        return MHD_YES;
    request_fail(request, MHD_HTTP_BAD_REQUEST, "invalid",
                 "unknown query parameter \"%.64s\"", name);
    return MHD_NO;
}

/* Everything that can be known from the headers. */
static void
open_request(struct request *request, const char *url, const char *method)
{
    struct route_near near;
    bool is_in;

    request->api->n_requests++;
    request->route =
        route_find(routes_table, routes_count, route_method_read(method), url,
                   &request->rest, &near);
    request->is_nano = (near.flags & ROUTE_NANO) != 0;
    is_in = is_let_in(request, &near);
    if (!is_in)
        return;
    if (request->route == NULL) {
        refuse_unknown(request, &near);
        return;
    }
    if (request->api->is_closed) {
        request_fail_rouse(request, ROUSE_ECLOSED, NULL);
        return;
    }
    if (!has_rights(request))
        return;
    if (strlen(url) > API_MAX_URL) {
        request_fail(request, MHD_HTTP_URI_TOO_LONG, "too_long",
                     "the path is longer than %d bytes", API_MAX_URL);
        return;
    }
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND,
                              on_query, request);
    if (request->response == NULL)
        check_body(request);
    if (request->response == NULL && request->route->body == ROUTE_NDJSON) {
        request->is_handled = true;
        request->route->handle(request);
    }
}

/* An answer sent while the client still writes may be lost with the
   connection, and libmicrohttpd ends the connection with it; so a body that is
   not too big is read first. One who waits for "100 Continue" sends no body
   when he gets the answer instead. */
static bool
can_wait_for_end(const struct request *request)
{
    return request_header(request, MHD_HTTP_HEADER_EXPECT) == NULL &&
           announced_len(request) <= API_MAX_SWALLOW;
}

static enum MHD_Result
send_answer(struct request *request)
{
    enum MHD_Result result;

    if (httpd_is_wide(request->engine) || request->api->is_draining)
        MHD_add_response_header(request->response, MHD_HTTP_HEADER_CONNECTION,
                                "close");
    result = MHD_queue_response(request->connection, request->status,
                                request->response);
    MHD_destroy_response(request->response);
    request->response = NULL;
    return result;
}

static enum MHD_Result
swallow(struct request *request, size_t *len)
{
    request->swallowed += *len;
    *len = 0;
    return request->swallowed > API_MAX_SWALLOW ? MHD_NO : MHD_YES;
}

/* A private key may be in it, or a push magic. */
static void
drop_body(struct request *request)
{
    if (request->body != NULL)
        OPENSSL_cleanse(request->body, request->body_size);
    free(request->body);
}

static bool
grow_body(struct request *request, size_t needed, size_t max)
{
    size_t size = request->body_size == 0 ? FIRST_BODY : request->body_size;
    size_t announced = (size_t)announced_len(request);
    char *body;

    if (announced > size && announced <= max)
        size = announced + 1;
    while (size < needed)
        size *= 2;
    if (size == request->body_size)
        return true;
    body = malloc(size);
    if (body == NULL)
        return false;
    if (request->body_len > 0)
        memcpy(body, request->body, request->body_len);
    drop_body(request);
    request->body = body;
    request->body_size = size;
    return true;
}

static enum MHD_Result
take_body(struct request *request, const char *bytes, size_t *len)
{
    size_t max = 0;

    if (request->feed == NULL && ev_now(request->api->loop) > request->until)
        return MHD_NO;
    if (request->response != NULL || request->route->body == ROUTE_NO_BODY)
        return swallow(request, len);
    if (request->feed != NULL) {
        *len -= request->feed(request, bytes, *len);
        return MHD_YES;
    }
    max = body_rules[request->route->body].max;
    if (*len > max - request->body_len) {
        fail_too_large(request, max);
        return swallow(request, len);
    }
    if (!grow_body(request, request->body_len + *len + 1, max)) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return swallow(request, len);
    }
    memcpy(request->body + request->body_len, bytes, *len);
    request->body_len += *len;
    request->body[request->body_len] = '\0';
    *len = 0;
    return MHD_YES;
}

static void
handle(struct request *request)
{
    if (request->feed != NULL && !request->is_fed) {
        request->is_fed = true;
        request->feed(request, "", 0);
        return;
    }
    if (request->is_handled)
        return;
    request->is_handled = true;
    if (request->api->is_closed)
        request_fail_rouse(request, ROUSE_ECLOSED, NULL);
    else
        request->route->handle(request);
}

enum MHD_Result
gate_on_request(void *cls, struct MHD_Connection *connection, const char *url,
                const char *method, const char *version, const char *upload,
                size_t *upload_len, void **slot)
{
    struct request *request = *slot;

    (void)version;
    if (request == NULL) {
        request = calloc(1, sizeof *request);
        if (request == NULL)
            return MHD_NO;
        *slot = request;
        request->engine = cls;
        request->api = httpd_api(cls);
        request->connection = connection;
        request->until = ev_now(request->api->loop) +
                         SLOW_BODY * request->api->config.timeout_s;
        open_request(request, url, method);
        if (request->response != NULL && !can_wait_for_end(request))
            return send_answer(request);
        return MHD_YES;
    }
    if (*upload_len != 0)
        return take_body(request, upload, upload_len);
    if (request->response == NULL)
        handle(request);
    if (request->response != NULL)
        return send_answer(request);
    if (!request->is_suspended)
        request_suspend(request);
    return MHD_YES;
}

void
gate_on_completed(void *cls, struct MHD_Connection *connection, void **slot,
                  enum MHD_RequestTerminationCode code)
{
    struct request *request = *slot;

    (void)cls;
    (void)connection;
    (void)code;
    if (request == NULL)
        return;
    must(!request->is_suspended);
    if (request->response != NULL)
        MHD_destroy_response(request->response);
    if (request->free_state != NULL)
        request->free_state(request->state);
    drop_body(request);
    free(request);
    *slot = NULL;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

size_t
gate_on_unescape(void *cls, struct MHD_Connection *connection, char *text)
{
    char *out = text;

    (void)cls;
    (void)connection;
    for (const char *at = text; *at != '\0'; at++) {
        int high = *at == '%' ? hex_digit(at[1]) : -1;
        int low = high < 0 ? -1 : hex_digit(at[2]);

        if (low < 0 || high + low == 0) {
            *out++ = *at;
        } else {
            *out++ = (char)(high * 16 + low);
            at += 2;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}
