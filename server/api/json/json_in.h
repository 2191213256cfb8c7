/* SPDX-License-Identifier: MIT */
#ifndef API_JSON_IN_H
#define API_JSON_IN_H

/*
 * JSON that a client sent: one object whose fields are read one by one. The
 * first thing that is wrong sticks, so that a reader is a list of fields; at
 * the end a field that nobody asked for is an error too.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_IN_MAX_DEPTH  16 /* objects and arrays within each other */
#define JSON_IN_MAX_FIELDS 24 /* fields that one reader may ask for */
#define JSON_IN_WHY        256

struct json_in {
    const json_t *object;
    const char *known[JSON_IN_MAX_FIELDS];
    size_t n_known;
    bool is_bad;
    char why[JSON_IN_WHY]; /* names the field and the limit; when is_bad */
};

/**
 * json_in_load(text, len, why):
 * Parse one JSON object: no duplicate keys, no NUL in strings, at most
 * JSON_IN_MAX_DEPTH deep.
 *
 *   owns     the caller json_decref()s the answer
 *   returns  NULL, and ${why} says what is wrong
 */
json_t *json_in_load(const char *text, size_t len, char why[JSON_IN_WHY]);

/** json_in_begin(in, object): read the fields of ${object}, borrowed. */
void json_in_begin(struct json_in *in, const json_t *object);

/** json_in_fail(in, format, ...): say what is wrong, unless said already. */
void json_in_fail(struct json_in *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Absent and null are the same: NULL, or the given default. */

/** json_in_string(in, name, max): at most ${max} bytes; NULL when absent. */
const char *json_in_string(struct json_in *in, const char *name, size_t max);

/** json_in_need(in, name, max): as json_in_string, not absent or empty. */
const char *json_in_need(struct json_in *in, const char *name, size_t max);

/** json_in_name(in, name, text): ${text}, the value of ${name} or NULL, must
 *  be a name: UTF-8 without control or format characters. */
void json_in_name(struct json_in *in, const char *name, const char *text);

int64_t json_in_int(struct json_in *in, const char *name, int64_t min,
                    int64_t max, int64_t absent);
bool json_in_bool(struct json_in *in, const char *name, bool absent);

/** json_in_time(in, name): RFC 3339, as unix ms; 0 when absent. */
int64_t json_in_time(struct json_in *in, const char *name);

/** json_in_array(in, name, max): at most ${max} items; NULL when absent. */
const json_t *json_in_array(struct json_in *in, const char *name, size_t max);

/**
 * json_in_strings(in, name, max, max_len, n):
 * An array of strings of 1..${max_len} bytes.
 *
 *   owns     the caller free()s the array; the strings stay the JSON's
 *   returns  NULL when absent, empty or wrong
 */
const char **json_in_strings(struct json_in *in, const char *name, size_t max,
                             size_t max_len, size_t *n);

const json_t *json_in_object(struct json_in *in, const char *name);

/** json_in_ignore(in, name): a field that may be there and says nothing. */
void json_in_ignore(struct json_in *in, const char *name);

/** json_in_end(in): false when anything was wrong or a field is unknown. */
bool json_in_end(struct json_in *in);

#endif /* API_JSON_IN_H */
