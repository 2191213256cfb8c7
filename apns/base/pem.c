/* SPDX-License-Identifier: MIT */
#include "pem.h"

#include <ctype.h>
#include <string.h>

static const char begin[] = "-----BEGIN ";
static const char end_of[] = "-----END ";
static const char dashes[] = "-----";

static const char *
find(const char *at, const char *limit, const char *what)
{
    return memmem(at, (size_t)(limit - at), what, strlen(what));
}

/* Copy what stands after BEGIN. A type that is too long or not printable is
 * no type: false. */
static bool
copy_type(char *type, const char *at, const char *limit)
{
    size_t len = (size_t)(limit - at);

    if (len == 0 || len > PEM_MAX_TYPE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (at[i] < ' ' || at[i] > '~')
            return false;
    memcpy(type, at, len);
    type[len] = '\0';
    return true;
}

/* "Proc-Type: …\nDEK-Info: …\n\n" before the base64 of an old encrypted key. */
static void
split_header(struct pem_block *block)
{
    static const char name[] = "Proc-Type:";
    const char *limit = block->body + block->body_len;
    const char *at = block->body;

    while (at < limit && isspace((unsigned char)*at))
        at++;
    if ((size_t)(limit - at) < strlen(name) ||
        memcmp(at, name, strlen(name)) != 0)
        return;
    block->header = at;
    for (; at < limit; at++) {
        const char *next = at + 1;

        if (*at != '\n')
            continue;
        if (next < limit && *next == '\r')
            next++;
        if (next < limit && *next == '\n') {
            block->header_len = (size_t)(at + 1 - block->header);
            block->body = next + 1;
            block->body_len = (size_t)(limit - block->body);
            return;
        }
    }
}

static bool
is_end_of(const char *at, const char *limit, const char *type)
{
    size_t len = strlen(type);

    return (size_t)(limit - at) >= len + strlen(dashes) &&
           memcmp(at, type, len) == 0 &&
           memcmp(at + len, dashes, strlen(dashes)) == 0;
}

/* Read from behind the BEGIN line; returns where to go on. */
static const char *
read_body(const char *limit, struct pem_block *block)
{
    const char *end = find(block->body, limit, end_of);
    const char *again = find(block->body, limit, begin);
    const char *rest;

    block->is_cut = end == NULL || (again != NULL && again < end);
    if (block->is_cut) {
        rest = end = again != NULL ? again : limit;
    } else {
        rest = end + strlen(end_of);
        block->is_other_end = !is_end_of(rest, limit, block->type);
    }
    block->body_len = (size_t)(end - block->body);
    split_header(block);
    return rest;
}

bool
pem_next(const char *text, size_t len, size_t *at, struct pem_block *block)
{
    const char *limit = text + len;
    const char *start = find(text + *at, limit, begin);
    const char *type_end;

    if (start == NULL)
        return false;
    start += strlen(begin);
    *block = (struct pem_block){.type = "?", .body = start, .is_cut = true};
    type_end = find(start, limit, dashes);
    if (type_end != NULL && copy_type(block->type, start, type_end)) {
        block->body = type_end + strlen(dashes);
        start = read_body(limit, block);
    }
    *at = (size_t)(start - text);
    return true;
}
