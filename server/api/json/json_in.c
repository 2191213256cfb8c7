/* SPDX-License-Identifier: MIT */
#include "json_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "clean_text.h"
#include "server/api/api_private.h"

/* jansson's own depth limit is 2048, and each level costs stack. */
static bool
is_too_deep(const char *text, size_t len)
{
    size_t depth = 0;
    bool is_string = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '[')) {
            if (++depth > JSON_IN_MAX_DEPTH)
                return true;
        } else if (!is_string && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return false;
}

json_t *
json_in_load(const char *text, size_t len, char why[JSON_IN_WHY])
{
    json_error_t error;
    json_t *root;

    if (len == 0) {
        snprintf(why, JSON_IN_WHY, "a JSON object is expected, got nothing");
        return NULL;
    }
    if (is_too_deep(text, len)) {
        snprintf(why, JSON_IN_WHY, "JSON is more than %d levels deep",
                 JSON_IN_MAX_DEPTH);
        return NULL;
    }
    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        snprintf(why, JSON_IN_WHY, "not JSON: line %d, column %d: %s",
                 error.line, error.column, error.text);
        return NULL;
    }
    if (!json_is_object(root)) {
        snprintf(why, JSON_IN_WHY, "a JSON object is expected");
        json_decref(root);
        return NULL;
    }
    return root;
}

void
json_in_begin(struct json_in *in, const json_t *object)
{
    memset(in, 0, sizeof *in);
    in->object = object;
}

void
json_in_fail(struct json_in *in, const char *format, ...)
{
    va_list args;

    if (in->is_bad)
        return;
    in->is_bad = true;
    va_start(args, format);
    vsnprintf(in->why, sizeof in->why, format, args);
    va_end(args);
}

static const char *
type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",    [JSON_INTEGER] = "an integer",
        [JSON_REAL] = "a real number", [JSON_TRUE] = "a boolean",
        [JSON_FALSE] = "a boolean",    [JSON_NULL] = "null",
    };

    return names[json_typeof(value)];
}

/* The field, when it is there and not null. */
static json_t *
take_field(struct json_in *in, const char *name)
{
    json_t *value = json_object_get(in->object, name);

    must(in->n_known < JSON_IN_MAX_FIELDS);
    in->known[in->n_known++] = name;
    return json_is_null(value) ? NULL : value;
}

static void
fail_type(struct json_in *in, const char *name, const char *expected,
          const json_t *value)
{
    json_in_fail(in, "%s must be %s, not %s", name, expected, type_name(value));
}

const char *
json_in_string(struct json_in *in, const char *name, size_t max)
{
    const json_t *value = take_field(in, name);

    if (value == NULL)
        return NULL;
    if (!json_is_string(value)) {
        fail_type(in, name, "a string", value);
        return NULL;
    }
    if (json_string_length(value) > max) {
        json_in_fail(in, "%s is %zu bytes long, at most %zu are allowed", name,
                     json_string_length(value), max);
        return NULL;
    }
    return json_string_value(value);
}

const char *
json_in_need(struct json_in *in, const char *name, size_t max)
{
    const char *text = json_in_string(in, name, max);

    if (text == NULL)
        json_in_fail(in, "%s is missing", name);
    else if (*text == '\0')
        json_in_fail(in, "%s is empty", name);
    return text;
}

void
json_in_name(struct json_in *in, const char *name, const char *text)
{
    switch (clean_text_check(text == NULL ? "" : text)) {
    case CLEAN_TEXT_OK:
        break;
    case CLEAN_TEXT_NO_UTF8:
        json_in_fail(in, "%s is not UTF-8", name);
        break;
    case CLEAN_TEXT_CONTROL:
        json_in_fail(in, "%s contains a control character", name);
        break;
    case CLEAN_TEXT_FORMAT:
        json_in_fail(in,
                     "%s contains an invisible character, or one that changes "
                     "the writing direction",
                     name);
        break;
    }
}

int64_t
json_in_int(struct json_in *in, const char *name, int64_t min, int64_t max,
            int64_t absent)
{
    const json_t *value = take_field(in, name);

    if (value == NULL)
        return absent;
    if (!json_is_integer(value)) {
        fail_type(in, name, "an integer", value);
        return absent;
    }
    if (json_integer_value(value) < min || json_integer_value(value) > max) {
        json_in_fail(in, "%s must be %lld to %lld, not %lld", name,
                     (long long)min, (long long)max,
                     (long long)json_integer_value(value));
        return absent;
    }
    return json_integer_value(value);
}

bool
json_in_bool(struct json_in *in, const char *name, bool absent)
{
    const json_t *value = take_field(in, name);

    if (value == NULL)
        return absent;
    if (!json_is_boolean(value)) {
        fail_type(in, name, "true or false", value);
        return absent;
    }
    return json_is_true(value);
}

int64_t
json_in_time(struct json_in *in, const char *name)
{
    const char *text = json_in_string(in, name, RFC3339_SIZE);
    int64_t at_ms = 0;

    if (text != NULL && !rfc3339_read(text, &at_ms))
        json_in_fail(in, "%s must be a time like 2026-01-07T04:04:46Z", name);
    else if (at_ms < 0)
        json_in_fail(in, "%s must not be before 1970", name);
    return at_ms;
}

const json_t *
json_in_array(struct json_in *in, const char *name, size_t max)
{
    const json_t *value = take_field(in, name);

    if (value == NULL)
        return NULL;
    if (!json_is_array(value)) {
        fail_type(in, name, "an array", value);
        return NULL;
    }
    if (json_array_size(value) > max) {
        json_in_fail(in, "%s has %zu items, at most %zu are allowed", name,
                     json_array_size(value), max);
        return NULL;
    }
    return value;
}

const char **
json_in_strings(struct json_in *in, const char *name, size_t max,
                size_t max_len, size_t *n)
{
    const json_t *array = json_in_array(in, name, max);
    const char **strings;

    *n = json_array_size(array);
    if (*n == 0)
        return NULL;
    strings = calloc(*n, sizeof *strings);
    if (strings == NULL) {
        json_in_fail(in, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        const json_t *item = json_array_get(array, i);
        size_t len = json_string_length(item);

        if (!json_is_string(item) || len == 0 || len > max_len) {
            json_in_fail(in, "%s[%zu] must be a string of 1 to %zu bytes", name,
                         i, max_len);
            free(strings);
            return NULL;
        }
        strings[i] = json_string_value(item);
    }
    return strings;
}

const json_t *
json_in_object(struct json_in *in, const char *name)
{
    const json_t *value = take_field(in, name);

    if (value != NULL && !json_is_object(value)) {
        fail_type(in, name, "an object", value);
        return NULL;
    }
    return value;
}

void
json_in_ignore(struct json_in *in, const char *name)
{
    (void)take_field(in, name);
}

static bool
is_known(const struct json_in *in, const char *name)
{
    for (size_t i = 0; i < in->n_known; i++) {
        if (strcmp(in->known[i], name) == 0)
            return true;
    }
    return false;
}

bool
json_in_end(struct json_in *in)
{
    void *at = json_object_iter((json_t *)(uintptr_t)in->object);

    for (; at != NULL && !in->is_bad;
         at = json_object_iter_next((json_t *)(uintptr_t)in->object, at)) {
        if (!is_known(in, json_object_iter_key(at)))
            json_in_fail(in, "unknown field \"%.64s\"",
                         json_object_iter_key(at));
    }
    return !in->is_bad;
}
