/* SPDX-License-Identifier: MIT */
#ifndef API_ROUTE_H
#define API_ROUTE_H

/*
 * Which request goes where: matching of method and path against a table.
 * The table itself is in routes.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/api/auth/auth.h"

struct request;

enum route_method {
    ROUTE_GET = 1, /* HEAD too */
    ROUTE_PUT = 2,
    ROUTE_POST = 4,
    ROUTE_DELETE = 8,
    ROUTE_PATCH = 16,
    ROUTE_ANY = 32, /* what NanoMDM does not look at */
};

enum route_body {
    ROUTE_NO_BODY, /* what comes all the same is thrown away */
    ROUTE_JSON,
    ROUTE_EVENT, /* JSON of another program: bigger, fields unknown to us */
    ROUTE_PEM,
    ROUTE_FILES, /* a PEM, or JSON with files in base64 */
    ROUTE_PLIST,
    ROUTE_NDJSON, /* not gathered but handed on as it comes */
    ROUTE_N_BODIES
};

enum route_flag {
    ROUTE_PUBLIC = 1,     /* needs no key */
    ROUTE_ALL_TOPICS = 2, /* not for keys limited to a topic */
    ROUTE_NANO = 4,       /* answers like NanoMDM, in errors too */
    ROUTE_GROUPS = 8,     /* also for keys limited to a group */
};

typedef void route_handler_fn(struct request *request);

/*
 * A path ends with a literal, or with `{…}` for the rest of the path, which
 * must not be empty, or with `{…*}`, which may be. Or with `{…}/word`: then
 * the braces stand for what comes before that.
 */
struct route {
    unsigned methods;
    const char *path;
    enum auth_verb verb;
    unsigned flags;
    enum route_body body;
    const char *query; /* names of parameters, a blank between them; NULL:
                          whatever there is is ignored */
    route_handler_fn *handle;
};

/** route_method_read(text): 0 when it is none that any route has. */
unsigned route_method_read(const char *text);

/** route_methods_text(methods, text): "GET, HEAD, PUT", for Allow. */
void route_methods_text(unsigned methods, char text[64]);

/* What a path has, whichever the method; zero when it is unknown. */
struct route_near {
    unsigned methods;
    unsigned flags;
};

/**
 * route_find(routes, n, method, path, rest, near):
 * The first that fits; what follows its braces is cut off ${path}.
 *
 *   owns     ${rest} points into ${path}: what the braces stand for, or ""
 *   returns  NULL when there is none
 */
const struct route *route_find(const struct route *routes, size_t n,
                               unsigned method, char *path, const char **rest,
                               struct route_near *near);

/** route_has_query(route, name): the parameter is one of its own. */
bool route_has_query(const struct route *route, const char *name);

#endif /* API_ROUTE_H */
