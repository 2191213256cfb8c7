/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_HEAD_H
#define API_HTTP_HEAD_H

/*
 * A request's head: request line and header fields, as RFC 9112 has them.
 * Pure functions over bytes. Whatever two readers could understand in two
 * ways is refused, so that no proxy in front of us sees other requests than
 * we do: a line that ends with LF alone, a folded field, a control character,
 * a second Content-Length, Content-Length beside Transfer-Encoding.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http_status.h"

#define HTTP_HEAD_MAX_TARGET (64 * 1024) /* bytes of path and query */
#define HTTP_HEAD_MAX_FIELDS 100         /* header fields */
#define HTTP_HEAD_MAX_BYTES  (32 * 1024) /* of all of them */
#define HTTP_HEAD_MAX_METHOD 32
#define HTTP_HEAD_MAX_BLANKS 4 /* empty lines before the request line */

/* The whole: method, target, version, fields, and what separates them. */
#define HTTP_HEAD_MAX_LINE (HTTP_HEAD_MAX_TARGET + HTTP_HEAD_MAX_METHOD + 16)
#define HTTP_HEAD_MAX \
    (HTTP_HEAD_MAX_LINE + HTTP_HEAD_MAX_BYTES + 2 * HTTP_HEAD_MAX_BLANKS)

/* X(name, status, code, text) */
#define HTTP_HEAD_ERRORS(X)                                                   \
    X(OK, 0, "", "")                                                          \
    X(PARTIAL, 0, "", "") /* more bytes are needed */                         \
    X(LINE, BAD_REQUEST, "bad_request",                                       \
      "the request line is not METHOD PATH HTTP/1.1; this port speaks plain " \
      "HTTP, not TLS")                                                        \
    X(TARGET, BAD_REQUEST, "bad_request",                                     \
      "the path must begin with / and contain no space or control character") \
    X(VERSION, VERSION_NOT_SUPPORTED, "bad_request",                          \
      "only HTTP/1.1 and HTTP/1.0 are supported")                             \
    X(BARE_LF, BAD_REQUEST, "bad_request",                                    \
      "each line of the head must end with CR LF, not with LF alone")         \
    X(CONTROL, BAD_REQUEST, "bad_request",                                    \
      "a header field contains a control character, such as NUL or CR")       \
    X(FIELD, BAD_REQUEST, "bad_request", "a header field is not NAME: VALUE") \
    X(FOLDED, BAD_REQUEST, "bad_request",                                     \
      "a header field is folded over two lines; write it in one")             \
    X(NO_HOST, BAD_REQUEST, "bad_request", "the Host header is missing")      \
    X(TWO_HOSTS, BAD_REQUEST, "bad_request", "there are two Host headers")    \
    X(TWO_LENGTHS, BAD_REQUEST, "bad_request",                                \
      "there are two Content-Length headers")                                 \
    X(TWO_KEYS, BAD_REQUEST, "bad_request",                                   \
      "there are two Authorization headers")                                  \
    X(LENGTH, BAD_REQUEST, "bad_request", "Content-Length is not a number")   \
    X(BOTH, BAD_REQUEST, "bad_request",                                       \
      "Content-Length and Transfer-Encoding exclude each other")              \
    X(CODING, NOT_IMPLEMENTED, "bad_request",                                 \
      "the only supported Transfer-Encoding is chunked, in HTTP/1.1")         \
    X(EXPECT, EXPECTATION_FAILED, "bad_request",                              \
      "the only supported Expect is 100-continue")                            \
    X(TARGET_LONG, URI_TOO_LONG, "too_long",                                  \
      "the path is longer than 65536 bytes; for many IDs use POST /v1/wakes") \
    X(FIELDS_LONG, HEADER_TOO_LARGE, "too_large",                             \
      "the header fields are larger than 32768 bytes")                        \
    X(FIELDS_MANY, HEADER_TOO_LARGE, "too_large",                             \
      "there are more than 100 header fields")

enum http_head_err {
#define X(name, status, code, text) HTTP_HEAD_##name,
    HTTP_HEAD_ERRORS(X)
#undef X
    HTTP_HEAD_N_ERRORS
};

struct http_head_fault {
    unsigned status;
    const char *code;
    const char *text;
};

/** http_head_fault(err): what is answered. */
const struct http_head_fault *http_head_fault(enum http_head_err err);

/* How far a head has been looked at; all zero before the first byte. */
struct http_head_scan {
    size_t at;       /* looked at so far */
    size_t line;     /* where the current line begins */
    size_t start;    /* where the request line begins */
    size_t fields;   /* where the fields begin; 0: not there yet */
    size_t end;      /* behind the head, once it is whole */
    unsigned blanks; /* empty lines before it */
};

/**
 * http_head_find(bytes, len, scan):
 * Look for the end of a head in ${bytes}, which may grow between two calls.
 *
 *   returns  HTTP_HEAD_OK: it ends at scan->end; HTTP_HEAD_PARTIAL: not yet;
 *            anything else: it never will
 */
enum http_head_err http_head_find(const char *bytes, size_t len,
                                  struct http_head_scan *scan);

struct http_field {
    const char *name;
    const char *value;
};

struct http_head {
    const char *method;
    char *path;  /* still encoded */
    char *query; /* behind the "?"; NULL without */
    bool is_1_0;
    bool wants_close; /* Connection: close, or HTTP/1.0 */
    bool expects_go;  /* Expect: 100-continue */
    bool is_chunked;  /* its body */
    bool has_length;  /* Content-Length is there */
    bool has_host;    /* while it is read */
    bool has_key;     /* the same, of Authorization */
    uint64_t length;  /* of the body; 0 without one */
    size_t n_fields;
    struct http_field fields[HTTP_HEAD_MAX_FIELDS];
};

/**
 * http_head_read(bytes, scan, head):
 * Take apart the whole head that http_head_find has found.
 *
 *   owns     ${head} points into ${bytes}, where NULs are written
 */
enum http_head_err http_head_read(char *bytes,
                                  const struct http_head_scan *scan,
                                  struct http_head *head);

/** http_head_get(head, name): the first field of this name, or NULL. */
const char *http_head_get(const struct http_head *head, const char *name);

/** http_head_has_body(head): one is announced, of at least a byte. */
bool http_head_has_body(const struct http_head *head);

#endif /* API_HTTP_HEAD_H */
