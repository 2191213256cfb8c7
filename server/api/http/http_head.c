/* SPDX-License-Identifier: MIT */
#include "http_head.h"

#include <string.h>
#include <strings.h>

#define MAX_DIGITS 18 /* of Content-Length: fits uint64_t */

#define HTTP_0 0 /* of those that are no error */

static const struct http_head_fault faults[HTTP_HEAD_N_ERRORS] = {
#define X(name, status, code, text) \
    [HTTP_HEAD_##name] = {HTTP_##status, code, text},
    HTTP_HEAD_ERRORS(X)
#undef X
};

const struct http_head_fault *
http_head_fault(enum http_head_err err)
{
    return &faults[err];
}

const char *
http_status_phrase(unsigned status)
{
    switch (status) {
#define X(name, number, phrase) \
    case number:                \
        return phrase;
        HTTP_STATUSES(X)
#undef X
    default:
        return "Status";
    }
}

/* RFC 9110's tchar. */
static bool
is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* A line has ended; ${end} is its LF. True: it ends the head. */
static bool
end_line(struct http_head_scan *scan, size_t end)
{
    bool is_empty = end - 1 == scan->line;

    scan->line = end + 1;
    if (scan->fields == 0 && is_empty) {
        scan->start = end + 1;
        scan->blanks++;
    } else if (scan->fields == 0) {
        scan->fields = end + 1;
    } else if (is_empty) {
        scan->end = end + 1;
        return true;
    }
    return false;
}

/* Such as the first byte of TLS. */
static bool
is_no_method(const char *bytes, size_t len, const struct http_head_scan *scan)
{
    return scan->blanks > HTTP_HEAD_MAX_BLANKS ||
           (len > scan->start && bytes[scan->start] != '\r' &&
            bytes[scan->start] != '\n' && !is_token(bytes[scan->start]));
}

static enum http_head_err
check_size(size_t len, const struct http_head_scan *scan)
{
    if (scan->fields == 0)
        return len - scan->start > HTTP_HEAD_MAX_LINE ? HTTP_HEAD_TARGET_LONG
                                                      : HTTP_HEAD_PARTIAL;
    if (scan->fields - scan->start > HTTP_HEAD_MAX_LINE)
        return HTTP_HEAD_TARGET_LONG;
    if ((scan->end == 0 ? len : scan->end) - scan->fields > HTTP_HEAD_MAX_BYTES)
        return HTTP_HEAD_FIELDS_LONG;
    return scan->end == 0 ? HTTP_HEAD_PARTIAL : HTTP_HEAD_OK;
}

enum http_head_err
http_head_find(const char *bytes, size_t len, struct http_head_scan *scan)
{
    const char *lf;

    if (is_no_method(bytes, len, scan))
        return HTTP_HEAD_LINE;
    while (scan->end == 0 && scan->at < len &&
           (lf = memchr(bytes + scan->at, '\n', len - scan->at)) != NULL) {
        size_t end = (size_t)(lf - bytes);

        scan->at = end + 1;
        if (end == scan->line || bytes[end - 1] != '\r')
            return HTTP_HEAD_BARE_LF;
        if (!end_line(scan, end) && is_no_method(bytes, len, scan))
            return HTTP_HEAD_LINE;
    }
    if (scan->end == 0)
        scan->at = len;
    return check_size(len, scan);
}

/* "http://host/path" is what a proxy is asked; the path is ours. */
static char *
skip_authority(char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;
    char *path;

    if (scheme == 0)
        return target;
    path = target + scheme + strcspn(target + scheme, "/?#");
    return *path == '/' ? path : target;
}

static enum http_head_err
read_target(char *target, struct http_head *head)
{
    for (const char *at = target; *at != '\0'; at++) {
        if (is_control(*at) || *at == '\t')
            return HTTP_HEAD_TARGET;
    }
    if (strlen(target) > HTTP_HEAD_MAX_TARGET)
        return HTTP_HEAD_TARGET_LONG;
    target = skip_authority(target);
    if (*target != '/' && strcmp(target, "*") != 0)
        return HTTP_HEAD_TARGET;
    head->path = target;
    head->query = strchr(target, '?');
    if (head->query != NULL)
        *head->query++ = '\0';
    return HTTP_HEAD_OK;
}

/* ${line} ends with a NUL in the place of its CR. */
static enum http_head_err
read_line(char *line, size_t len, struct http_head *head)
{
    char *target = memchr(line, ' ', len);
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');

    if (strlen(line) != len || target == NULL || target == line ||
        target - line > HTTP_HEAD_MAX_METHOD || version == NULL ||
        version == target + 1)
        return HTTP_HEAD_LINE;
    for (const char *at = line; at < target; at++) {
        if (!is_token(*at))
            return HTTP_HEAD_LINE;
    }
    *target++ = '\0';
    *version++ = '\0';
    if (strncmp(version, "HTTP/", 5) != 0)
        return HTTP_HEAD_LINE;
    head->is_1_0 = strcmp(version, "HTTP/1.0") == 0;
    if (!head->is_1_0 && strcmp(version, "HTTP/1.1") != 0)
        return HTTP_HEAD_VERSION;
    head->wants_close = head->is_1_0;
    head->method = line;
    return read_target(target, head);
}

static enum http_head_err
on_length(struct http_head *head, const char *value)
{
    size_t n = strspn(value, "0123456789");

    if (head->has_length)
        return HTTP_HEAD_TWO_LENGTHS;
    if (n == 0 || n > MAX_DIGITS || value[n] != '\0')
        return HTTP_HEAD_LENGTH;
    head->has_length = true;
    for (; *value != '\0'; value++)
        head->length = head->length * 10 + (uint64_t)(*value - '0');
    return HTTP_HEAD_OK;
}

static enum http_head_err
on_coding(struct http_head *head, const char *value)
{
    if (head->is_1_0 || head->is_chunked || strcasecmp(value, "chunked") != 0)
        return HTTP_HEAD_CODING;
    head->is_chunked = true;
    return HTTP_HEAD_OK;
}

static enum http_head_err
on_host(struct http_head *head, const char *value)
{
    (void)value;
    if (head->has_host)
        return HTTP_HEAD_TWO_HOSTS;
    head->has_host = true;
    return HTTP_HEAD_OK;
}

static enum http_head_err
on_key(struct http_head *head, const char *value)
{
    (void)value;
    if (head->has_key)
        return HTTP_HEAD_TWO_KEYS;
    head->has_key = true;
    return HTTP_HEAD_OK;
}

static enum http_head_err
on_connection(struct http_head *head, const char *value)
{
    while (*value != '\0') {
        size_t n = strcspn(value, ", \t");

        if (n == 5 && strncasecmp(value, "close", 5) == 0)
            head->wants_close = true;
        value += n;
        value += strspn(value, ", \t");
    }
    return HTTP_HEAD_OK;
}

static enum http_head_err
on_expect(struct http_head *head, const char *value)
{
    if (strcasecmp(value, "100-continue") != 0)
        return HTTP_HEAD_EXPECT;
    head->expects_go = !head->is_1_0;
    return HTTP_HEAD_OK;
}

static const struct {
    const char *name;
    enum http_head_err (*on_value)(struct http_head *head, const char *value);
} known_fields[] = {
    {"Host", on_host},
    {"Connection", on_connection},
    {"Content-Length", on_length},
    {"Transfer-Encoding", on_coding},
    {"Authorization", on_key},
    {"Expect", on_expect},
};

static enum http_head_err
note_field(struct http_head *head, const char *name, const char *value)
{
    struct http_field *field = &head->fields[head->n_fields];

    if (head->n_fields == HTTP_HEAD_MAX_FIELDS)
        return HTTP_HEAD_FIELDS_MANY;
    field->name = name;
    field->value = value;
    head->n_fields++;
    for (size_t i = 0; i < sizeof known_fields / sizeof known_fields[0]; i++) {
        if (strcasecmp(name, known_fields[i].name) == 0)
            return known_fields[i].on_value(head, value);
    }
    return HTTP_HEAD_OK;
}

static enum http_head_err
read_field(char *line, size_t len, struct http_head *head)
{
    char *end = line + len;
    char *colon = line;
    char *value;

    if (*line == ' ' || *line == '\t')
        return HTTP_HEAD_FOLDED;
    for (const char *at = line; at < end; at++) {
        if (is_control(*at))
            return HTTP_HEAD_CONTROL;
    }
    while (is_token(*colon))
        colon++;
    if (colon == line || *colon != ':')
        return HTTP_HEAD_FIELD;
    *colon = '\0';
    value = colon + 1 + strspn(colon + 1, " \t");
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    return note_field(head, line, value);
}

static enum http_head_err
check_whole(const struct http_head *head)
{
    if (head->is_chunked && head->has_length)
        return HTTP_HEAD_BOTH;
    if (!head->has_host && !head->is_1_0)
        return HTTP_HEAD_NO_HOST;
    return HTTP_HEAD_OK;
}

enum http_head_err
http_head_read(char *bytes, const struct http_head_scan *scan,
               struct http_head *head)
{
    char *line = bytes + scan->start;
    size_t len = scan->fields - scan->start - 2;
    enum http_head_err err;

    memset(head, 0, offsetof(struct http_head, fields));
    line[len] = '\0';
    err = read_line(line, len, head);
    line = bytes + scan->fields;
    while (err == HTTP_HEAD_OK && line < bytes + scan->end - 2) {
        char *lf = memchr(line, '\n', (size_t)(bytes + scan->end - line));

        len = (size_t)(lf - line) - 1;
        line[len] = '\0';
        err = read_field(line, len, head);
        line = lf + 1;
    }
    return err == HTTP_HEAD_OK ? check_whole(head) : err;
}

const char *
http_head_get(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->n_fields; i++) {
        if (strcasecmp(head->fields[i].name, name) == 0)
            return head->fields[i].value;
    }
    return NULL;
}

bool
http_head_has_body(const struct http_head *head)
{
    return head->is_chunked || head->length > 0;
}
