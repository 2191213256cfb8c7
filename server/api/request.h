/* SPDX-License-Identifier: MIT */
#ifndef API_REQUEST_H
#define API_REQUEST_H

/*
 * One HTTP request from its first header to its last byte of answer.
 *
 * The gate (gate.c) routes it, checks the key and the limits, and gathers the
 * body; then the route's handler runs once and either answers at once or asks
 * for something whose completion answers later. In between it is suspended. A
 * request is answered exactly once, and lives until then, also when its
 * client has left meanwhile.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "apns/apns.h"
#include "route.h"
#include "server/api/auth/auth.h"
#include "server/api/http/http_head.h"
#include "server/rouse.h"
#include "store/store.h"

struct api;
struct http_conn;

/*
 * Takes a part of a body as it comes, up to ${len} bytes; returns how many it
 * took. Before taking less it must request_suspend().
 */
typedef size_t request_feed_fn(struct request *request, const char *bytes,
                               size_t len);

/*
 * Makes a part of an answer while it is sent, up to ${max} bytes; returns how
 * many, or one of the below. Nothing yet: request_suspend() and return 0.
 */
typedef ssize_t request_read_fn(void *arg, char *bytes, size_t max);

#define REQUEST_READ_END    ((ssize_t)-1) /* that was all */
#define REQUEST_READ_BROKEN ((ssize_t)-2) /* the client must notice */

#define REQUEST_MAX_QUERY 64  /* parameters of a URL */
#define REQUEST_EXTRA     512 /* bytes of headers that a handler adds */

struct request {
    struct api *api;
    struct http_conn *conn; /* borrowed */
    struct http_head head;
    struct http_field query[REQUEST_MAX_QUERY]; /* decoded */
    size_t n_query;
    const struct route *route; /* NULL until it is found */
    const char *rest;          /* what the route's braces stand for */
    struct auth_caller caller;
    bool is_local; /* came over the unix socket */
    bool is_head;  /* HEAD: the answer has no body */
    bool is_nano;  /* errors look like NanoMDM's */

    char *body; /* gathered; NUL-terminated */
    size_t body_len;
    size_t body_size;
    size_t swallowed;      /* bytes thrown away */
    request_feed_fn *feed; /* ROUTE_NDJSON: set by the handler */
    bool is_fed;           /* the body has ended */

    bool is_handled; /* the handler has run */
    bool is_suspended;
    unsigned status;  /* of the answer; 0: there is none yet */
    const char *type; /* of its content; NULL: none */
    char *text;       /* its body; owned; or */
    size_t text_len;
    request_read_fn *read; /* makes it */
    void *read_arg;
    bool has_length;           /* what it makes is text_len bytes long */
    int file;                  /* the body is read from it; -1: none; owned */
    char extra[REQUEST_EXTRA]; /* further headers, "Name: value\r\n" */

    void *state; /* the handler's own, freed with the request */
    void (*free_state)(void *state);
};

/** request_query(request, name): a parameter of the URL, or NULL. */
const char *request_query(const struct request *request, const char *name);

/** request_header(request, name): a header, or NULL. */
const char *request_header(const struct request *request, const char *name);

/** request_actor(request, actor): who asks, for the audit log. */
void request_actor(const struct request *request, char actor[AUTH_NAME_SIZE]);

/** request_may(request, verb): answers 403 when the caller lacks it. */
bool request_may(struct request *request, enum auth_verb verb);

/** request_is_local(request): it came over the unix socket; else 403. Keys,
 *  even encrypted, and all tokens at once are for who is on the machine. */
bool request_is_local(struct request *request);

/** request_sees(request, topic): a key limited to topics covers this one. */
bool request_sees(const struct request *request, const char *topic);

/** request_sees_enrollment(request, enrollment): likewise, and a key limited
 *  to a group covers its group. */
bool request_sees_enrollment(const struct request *request,
                             const struct store_enrollment *enrollment);

/** request_scope(request): what its key may reach, for the store. */
struct store_scope request_scope(const struct request *request);

/** request_keep(request, state, free_state): see the field. */
void request_keep(struct request *request, void *state,
                  void (*free_state)(void *state));

/** request_is_over(request): the engine has closed meanwhile: nothing more
 *  can be asked; answered 503. For completions that ask again. */
bool request_is_over(struct request *request);

/** request_load_json(request): the body; NULL: answered 400. */
json_t *request_load_json(struct request *request);

/*
 * Answers. Each ends the request.
 */

/** request_text(request, status, type, text, len): takes ${text} over, which
 *  came from malloc; NULL answers that memory is out. ${type} is static. */
void request_text(struct request *request, unsigned status, const char *type,
                  char *text, size_t len);

/** request_json(request, status, json): takes ${json} over; as above. */
void request_json(struct request *request, unsigned status, json_t *json);

/** request_empty(request, status): no body. */
void request_empty(struct request *request, unsigned status);

/** request_stream(request, status, type, read, arg): a body that is made
 *  while it is sent. */
void request_stream(struct request *request, unsigned status, const char *type,
                    request_read_fn *read, void *arg);

/** request_file(request, status, type, fd, len): ${len} bytes of this file.
 *  Owns ${fd}. */
void request_file(struct request *request, unsigned status, const char *type,
                  int fd, size_t len);

/** request_add_header(request, name, value): one more in the answer. Both are
 *  ours, or free of control characters. */
void request_add_header(struct request *request, const char *name,
                        const char *value);

/** request_fail(request, status, code, format, ...): {"error","code"}. */
void request_fail(struct request *request, unsigned status, const char *code,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/** request_fail_rouse, request_fail_store: status and code from a table;
 *  ${what} says what it is about, or NULL. */
void request_fail_rouse(struct request *request, enum rouse_err err,
                        const char *what);
void request_fail_store(struct request *request, enum store_err err,
                        const char *what);

/*
 * Waiting in the middle of a body or an answer; the end of the handler does
 * it by itself.
 */

/** request_suspend(request): move no byte until request_resume. */
void request_suspend(struct request *request);

/** request_resume(request): go on, in the loop's next pass. */
void request_resume(struct request *request);

#endif /* API_REQUEST_H */
