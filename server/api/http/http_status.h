/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_STATUS_H
#define API_HTTP_STATUS_H

/*
 * The HTTP statuses that this API answers, with their phrases.
 */

/* X(name, status, phrase) */
#define HTTP_STATUSES(X)                                        \
    X(OK, 200, "OK")                                            \
    X(CREATED, 201, "Created")                                  \
    X(ACCEPTED, 202, "Accepted")                                \
    X(NO_CONTENT, 204, "No Content")                            \
    X(MULTI_STATUS, 207, "Multi-Status")                        \
    X(BAD_REQUEST, 400, "Bad Request")                          \
    X(UNAUTHORIZED, 401, "Unauthorized")                        \
    X(FORBIDDEN, 403, "Forbidden")                              \
    X(NOT_FOUND, 404, "Not Found")                              \
    X(METHOD_NOT_ALLOWED, 405, "Method Not Allowed")            \
    X(REQUEST_TIMEOUT, 408, "Request Timeout")                  \
    X(CONFLICT, 409, "Conflict")                                \
    X(LENGTH_REQUIRED, 411, "Length Required")                  \
    X(CONTENT_TOO_LARGE, 413, "Content Too Large")              \
    X(URI_TOO_LONG, 414, "URI Too Long")                        \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "Unsupported Media Type")    \
    X(EXPECTATION_FAILED, 417, "Expectation Failed")            \
    X(HEADER_TOO_LARGE, 431, "Request Header Fields Too Large") \
    X(INTERNAL_SERVER_ERROR, 500, "Internal Server Error")      \
    X(NOT_IMPLEMENTED, 501, "Not Implemented")                  \
    X(SERVICE_UNAVAILABLE, 503, "Service Unavailable")          \
    X(VERSION_NOT_SUPPORTED, 505, "HTTP Version Not Supported") \
    X(INSUFFICIENT_STORAGE, 507, "Insufficient Storage")

enum http_status {
#define X(name, status, phrase) HTTP_##name = (status),
    HTTP_STATUSES(X)
#undef X
};

/** http_status_phrase(status): "Not Found"; "Status" for one not above. */
const char *http_status_phrase(unsigned status);

#endif /* API_HTTP_STATUS_H */
