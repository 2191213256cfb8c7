/* SPDX-License-Identifier: MIT */
#include "nano_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/rfc3339.h"
#include "apns/base/utf8.h"

static void
write_byte(FILE *out, unsigned char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (size_t i = 0; i + 1 < sizeof named; i += 2) {
        if (c == (unsigned char)named[i]) {
            fprintf(out, "\\%c", named[i + 1]);
            return;
        }
    }
    if (c < 0x20 || c == '<' || c == '>' || c == '&')
        fprintf(out, "\\u%04x", c);
    else
        fputc(c, out);
}

void
nano_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        uint32_t code;
        size_t len = utf8_read(text, UTF8_MAX, &code);

        if (len == 0) {
            fputs("\\ufffd", out);
            len = 1;
        } else if (len == 1) {
            write_byte(out, (unsigned char)code);
        } else if (code == 0x2028 || code == 0x2029) {
            fprintf(out, "\\u%04x", code);
        } else {
            fwrite(text, 1, len, out);
        }
        text += len;
    }
    fputc('"', out);
}

/* `"name": "text"` on a line of its own, left out when it is empty. */
static void
write_field(FILE *out, const char *indent, bool *is_first, const char *name,
            const char *text)
{
    if (*text == '\0')
        return;
    fprintf(out, "%s\n%s\"%s\": ", *is_first ? "" : ",", indent, name);
    nano_json_string(out, text);
    *is_first = false;
}

static void
write_entry(FILE *out, const struct nano_json_push *push, bool is_first)
{
    bool is_empty = true;

    fprintf(out, "%s\n\t\t", is_first ? "" : ",");
    nano_json_string(out, push->id);
    fputs(": {", out);
    write_field(out, "\t\t\t", &is_empty, "push_error", push->error);
    write_field(out, "\t\t\t", &is_empty, "push_result", push->result);
    fputs(is_empty ? "}" : "\n\t\t}", out);
}

/* By id, then as they were given: by their addresses within one array. */
static int
compare_pushes(const void *a, const void *b)
{
    const struct nano_json_push *const *left = a;
    const struct nano_json_push *const *right = b;
    int by_id = strcmp((*left)->id, (*right)->id);

    if (by_id != 0)
        return by_id;
    return (*left > *right) - (*left < *right);
}

static unsigned
choose_status(size_t n_errors, size_t n_asked, const char *error)
{
    if (*error != '\0' || (n_errors >= n_asked && n_errors > 0))
        return 500;
    return n_errors == 0 ? 200 : 207;
}

static size_t
write_entries(FILE *out, const struct nano_json_push **sorted, size_t n)
{
    size_t n_errors = 0;
    bool is_first = true;

    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && strcmp(sorted[i]->id, sorted[i + 1]->id) == 0)
            continue;
        write_entry(out, sorted[i], is_first);
        is_first = false;
        if (*sorted[i]->error != '\0')
            n_errors++;
    }
    return n_errors;
}

unsigned
nano_json_pushes(FILE *out, struct nano_json_push *pushes, size_t n,
                 size_t n_asked, const char *error)
{
    const struct nano_json_push **sorted = calloc(n + 1, sizeof *sorted);
    size_t n_errors = 0;
    bool is_empty = true;

    if (sorted == NULL) {
        n = 0;
        error = "out of memory";
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = &pushes[i];
    fputc('{', out);
    if (n > 0) {
        qsort(sorted, n, sizeof(const struct nano_json_push *), compare_pushes);
        fputs("\n\t\"status\": {", out);
        n_errors = write_entries(out, sorted, n);
        fputs("\n\t}", out);
        is_empty = false;
    }
    write_field(out, "\t", &is_empty, "push_error", error);
    fputs(is_empty ? "}\n" : "\n}\n", out);
    free(sorted);
    return choose_status(n_errors, n_asked, error);
}

void
nano_json_error(FILE *out, const char *error)
{
    fputs("{\n\t\"error\": ", out);
    nano_json_string(out, error);
    fputs("\n}\n", out);
}

void
nano_json_cert(FILE *out, int64_t not_after_unix, const char *topic)
{
    char text[RFC3339_SIZE];

    rfc3339_text_s(not_after_unix, text);
    fprintf(out, "{\n\t\"not_after\": \"%s\",\n\t\"topic\": ", text);
    nano_json_string(out, topic);
    fputs("\n}\n", out);
}
