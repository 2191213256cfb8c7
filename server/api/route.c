/* SPDX-License-Identifier: MIT */
#include "route.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    unsigned method;
} methods_table[] = {
    {"GET", ROUTE_GET},   {"HEAD", ROUTE_GET},      {"PUT", ROUTE_PUT},
    {"POST", ROUTE_POST}, {"DELETE", ROUTE_DELETE}, {"PATCH", ROUTE_PATCH},
};

#define N_METHODS (sizeof methods_table / sizeof methods_table[0])

unsigned
route_method_read(const char *text)
{
    for (size_t i = 0; i < N_METHODS; i++) {
        if (strcmp(text, methods_table[i].text) == 0)
            return methods_table[i].method;
    }
    return 0;
}

void
route_methods_text(unsigned methods, char text[64])
{
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < N_METHODS; i++) {
        if ((methods & methods_table[i].method) != 0)
            len +=
                (size_t)snprintf(text + len, 64 - len, "%s%s",
                                 len == 0 ? "" : ", ", methods_table[i].text);
    }
}

/* Where ${path} is of this pattern: what its braces stand for. */
struct span {
    size_t at;
    size_t len;
};

static bool
match_path(const char *pattern, const char *path, struct span *span)
{
    const char *brace = strchr(pattern, '{');
    size_t path_len = strlen(path);
    const char *end;
    size_t end_len;

    *span = (struct span){.at = path_len};
    if (brace == NULL)
        return strcmp(pattern, path) == 0;
    if (strncmp(pattern, path, (size_t)(brace - pattern)) != 0)
        return false;
    end = strchr(brace, '}') + 1;
    end_len = strlen(end);
    span->at = (size_t)(brace - pattern);
    if (path_len - span->at < end_len ||
        strcmp(path + path_len - end_len, end) != 0)
        return false;
    span->len = path_len - span->at - end_len;
    return span->len > 0 || strchr(brace, '*') != NULL;
}

const struct route *
route_find(const struct route *routes, size_t n, unsigned method, char *path,
           const char **rest, struct route_near *near)
{
    struct span span;

    *near = (struct route_near){0};
    *rest = "";
    for (size_t i = 0; i < n; i++) {
        if (!match_path(routes[i].path, path, &span))
            continue;
        near->methods |= routes[i].methods;
        near->flags |= routes[i].flags;
        if ((routes[i].methods & (method | ROUTE_ANY)) == 0)
            continue;
        path[span.at + span.len] = '\0';
        *rest = path + span.at;
        return &routes[i];
    }
    return NULL;
}

bool
route_has_query(const struct route *route, const char *name)
{
    size_t len = strlen(name);
    const char *at = route->query;

    if (at == NULL)
        return true;
    while (*at != '\0') {
        size_t n = strcspn(at, " ");

        if (n == len && memcmp(at, name, len) == 0)
            return true;
        at += n + strspn(at + n, " ");
    }
    return false;
}
