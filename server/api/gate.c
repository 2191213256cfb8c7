/* SPDX-License-Identifier: MIT */
#include "gate.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "api_private.h"
#include "apns/base/hex.h"
#include "request.h"
#include "routes.h"
#include "server/api/auth/keyring.h"
#include "server/api/auth/origin.h"
#include "server/api/http/http_conn.h"

#define FIRST_BODY 4096 /* bytes of a body buffer to begin with */

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

static void
fail_too_large(struct request *request, size_t max)
{
    request_fail(request, HTTP_CONTENT_TOO_LARGE, "too_large",
                 "the body is larger than %zu bytes", max);
}

static void
check_body(struct request *request)
{
    const struct body_rule *rule = &body_rules[request->route->body];
    const char *type = request_header(request, "Content-Type");
    const char *coding = request_header(request, "Content-Encoding");

    if (request->route->body == ROUTE_NO_BODY)
        return;
    if (!request->head.has_length && !request->head.is_chunked)
        request_fail(request, HTTP_LENGTH_REQUIRED, "length_required",
                     "a body is expected: %s", rule->in_words);
    else if (coding != NULL && strcasecmp(coding, "identity") != 0)
        request_fail(request, HTTP_UNSUPPORTED_MEDIA_TYPE,
                     "unsupported_media_type",
                     "Content-Encoding \"%.64s\" is not supported; send the "
                     "body uncompressed",
                     coding);
    else if (rule->max > 0 && request->head.length > rule->max)
        fail_too_large(request, rule->max);
    else if (rule->type != NULL && type != NULL && !is_type(type, rule->type))
        request_fail(request, HTTP_UNSUPPORTED_MEDIA_TYPE,
                     "unsupported_media_type", "Content-Type must be %s",
                     rule->type);
}

static void
refuse_unknown(struct request *request, const struct route_near *near)
{
    if (near->methods == 0)
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "there is no such path");
    else
        request_fail(request, HTTP_METHOD_NOT_ALLOWED, "method_not_allowed",
                     "this path does not support this method");
    if (near->methods != 0) {
        char allow[64];

        route_methods_text(near->methods, allow);
        request_add_header(request, "Allow", allow);
    }
}

/* Guessing or an old key somewhere: the log says from where. */
static void
tell_refused(struct request *request)
{
    struct api *api = request->api;
    char address[HTTP_CONN_ADDRESS];
    uint64_t n;

    api->n_refused++;
    if (!api_private_is_due(&api->told_refused, ev_now(api->loop), &n))
        return;
    http_conn_address(request->conn, address);
    api_private_log(api, APNS_LOG_NOTICE,
                    EVENT_KEY_REFUSED " addr=%s n=%" PRIu64, address, n);
}

/* Unless it is public, a request on TCP needs a key, also where no route is:
   what exists is nobody's business without one. */
static bool
is_let_in(struct request *request, const struct route_near *near)
{
    struct auth_caller *caller = &request->caller;
    const char *header = request_header(request, "Authorization");

    if (request->is_local) {
        caller->verbs = AUTH_ALL_VERBS;
        return true;
    }
    if (keyring_find(request->api->keyring, header, caller))
        return true;
    if ((near->flags & ROUTE_PUBLIC) != 0)
        return true;
    tell_refused(request);
    request_fail(request, HTTP_UNAUTHORIZED, "unauthorized",
                 header == NULL
                     ? "an API key is needed: Authorization: Bearer rouse_…"
                     : "this API key is not valid: mistyped or revoked");
    request_add_header(request, "WWW-Authenticate",
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
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this needs a key for all groups; yours is limited to %s",
                     request->caller.group);
        return false;
    }
    if ((route->flags & ROUTE_ALL_TOPICS) == 0 ||
        request->caller.topic[0] == '\0')
        return true;
    request->api->n_refused++;
    request_fail(request, HTTP_FORBIDDEN, "forbidden",
                 "this needs a key for all topics; yours is limited to %s",
                 request->caller.topic);
    return false;
}

/* In place: %XX, and in a query "+" for a blank. */
static void
decode(char *text, bool is_query)
{
    for (char *at = text; is_query && *at != '\0'; at++) {
        if (*at == '+')
            *at = ' ';
    }
    gate_unescape(text);
}

static bool
read_query(struct request *request)
{
    char *at = request->head.query;
    char *next;

    for (; at != NULL && *at != '\0'; at = next) {
        struct http_field *field = &request->query[request->n_query];
        size_t len = strcspn(at, "&");
        char *equals = memchr(at, '=', len);

        next = at + len + (at[len] == '&');
        at[len] = '\0';
        if (len == 0)
            continue;
        if (request->n_query == REQUEST_MAX_QUERY) {
            request_fail(request, HTTP_BAD_REQUEST, "invalid",
                         "there are more than %d query parameters",
                         REQUEST_MAX_QUERY);
            return false;
        }
        if (equals != NULL)
            *equals = '\0';
        decode(at, true);
        if (equals != NULL)
            decode(equals + 1, true);
        field->name = at;
        field->value = equals == NULL ? NULL : equals + 1;
        request->n_query++;
    }
    return true;
}

static bool
check_query(struct request *request)
{
    for (size_t i = 0; i < request->n_query; i++) {
        if (route_has_query(request->route, request->query[i].name))
            continue;
        request_fail(request, HTTP_BAD_REQUEST, "invalid",
                     "unknown query parameter \"%.64s\"",
                     request->query[i].name);
        return false;
    }
    return true;
}

static bool
is_from_here(struct request *request)
{
    if (!origin_is_foreign(request_header(request, "Sec-Fetch-Site"),
                           request_header(request, "Origin"),
                           request_header(request, "Host")))
        return true;
    request->api->n_refused++;
    request_fail(request, HTTP_FORBIDDEN, "cross_site",
                 "a browser sent this for a page of another site");
    return false;
}

/* Who asks, and for what there is. */
static bool
is_allowed(struct request *request, const struct route_near *near)
{
    if (!is_from_here(request) || !is_let_in(request, near))
        return false;
    if (request->route == NULL) {
        refuse_unknown(request, near);
        return false;
    }
    if (request->api->is_closed) {
        request_fail_rouse(request, ROUSE_ECLOSED, NULL);
        return false;
    }
    return has_rights(request);
}

void
gate_begin(struct request *request)
{
    const char *method = request->head.method;
    struct route_near near;

    request->api->n_requests++;
    request->is_head = strcmp(method, "HEAD") == 0;
    decode(request->head.path, false);
    request->route =
        route_find(routes_table, routes_count, route_method_read(method),
                   request->head.path, &request->rest, &near);
    request->is_nano = (near.flags & ROUTE_NANO) != 0;
    if (!is_allowed(request, &near) || !read_query(request) ||
        !check_query(request))
        return;
    check_body(request);
    if (request->status == 0 && request->route->body == ROUTE_NDJSON) {
        request->is_handled = true;
        request->route->handle(request);
    }
}

/* A private key may be in it, or a push magic. What was announced and did not
   come has cost no memory yet. */
static void
drop_body(struct request *request)
{
    if (request->body != NULL)
        OPENSSL_cleanse(request->body, request->body_len);
    free(request->body);
}

static bool
grow_body(struct request *request, size_t needed, size_t max)
{
    size_t size = request->body_size == 0 ? FIRST_BODY : request->body_size;
    size_t announced = (size_t)request->head.length;
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

/* Where no body is expected, and where one is refused. */
static size_t
swallow(struct request *request, size_t len)
{
    request->swallowed += len;
    if (request->swallowed > API_MAX_SWALLOW && request->status == 0)
        fail_too_large(request, API_MAX_SWALLOW);
    return len;
}

size_t
gate_take(struct request *request, const char *bytes, size_t len)
{
    size_t max = body_rules[request->route->body].max;

    if (request->feed != NULL)
        return request->feed(request, bytes, len);
    if (request->route->body == ROUTE_NO_BODY)
        return swallow(request, len);
    if (len > max - request->body_len) {
        fail_too_large(request, max);
        return len;
    }
    if (!grow_body(request, request->body_len + len + 1, max)) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return len;
    }
    memcpy(request->body + request->body_len, bytes, len);
    request->body_len += len;
    request->body[request->body_len] = '\0';
    return len;
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

void
gate_end(struct request *request)
{
    handle(request);
    if (request->status == 0 && !request->is_suspended)
        request_suspend(request);
}

struct request *
gate_new(struct http_conn *conn)
{
    struct request *request = calloc(1, sizeof *request);

    if (request == NULL)
        return NULL;
    request->api = conn->conns->api;
    request->conn = conn;
    request->is_local = conn->conns->is_local;
    request->file = -1;
    return request;
}

void
gate_free(struct request *request)
{
    if (request == NULL)
        return;
    must(!request->is_suspended);
    if (request->free_state != NULL)
        request->free_state(request->state);
    if (request->file >= 0)
        close(request->file);
    free(request->text);
    drop_body(request);
    free(request);
}

size_t
gate_unescape(char *text)
{
    char *out = text;

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
