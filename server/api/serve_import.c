/* SPDX-License-Identifier: MIT */

/*
 * POST /v1/enrollments: bulk import, one JSON object a line, of any length.
 * Each line stands alone: what is wrong with one is told with its number and
 * keeps no other out. Lines are stored in batches while more are read: those
 * that come together share one commit, which costs far more than their rows.
 * The client waits when too many are underway, so that memory is bounded.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "enrollment_json.h"
#include "json_in.h"
#include "json_out.h"
#include "request.h"
#include "routes.h"

#define BATCH        256 /* lines in one request to the store */
#define MAX_UNDERWAY 64  /* requests; then the client waits */
#define FEW_UNDERWAY 32  /* requests; then it goes on */
#define MAX_ERRORS   100 /* told in the answer; all are counted */

struct import {
    struct request *request;     /* NULL: the client has left */
    char line[API_MAX_LINE + 1]; /* the one that has not ended yet */
    size_t line_len;
    bool is_too_long; /* it is thrown away up to its end */
    int64_t n_lines;
    int64_t n_imported;
    int64_t n_rejected;
    json_t *errors;
    size_t n_batch;
    size_t n_underway;  /* batches; all but the latest are full */
    size_t n_latest;    /* lines in that one */
    enum store_err err; /* the store has failed: nothing more is taken */
    bool is_waiting;    /* the client, for the store */
    bool has_ended;     /* the body is over */
    json_t *json[BATCH];
    struct enrollment_json batch[BATCH];
};

static void
reject(struct import *import, const char *why)
{
    import->n_rejected++;
    if (json_array_size(import->errors) < MAX_ERRORS)
        json_array_append_new(import->errors,
                              json_pack("{s:I, s:o, s:s}", "line",
                                        (json_int_t)import->n_lines, "error",
                                        json_out_text(why), "code", "invalid"));
}

static bool
is_blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

static void
read_line(struct import *import)
{
    char why[JSON_IN_WHY];
    struct json_in in;
    size_t at = import->n_batch;
    json_t *json;

    import->line[import->line_len] = '\0';
    import->n_lines++;
    if (import->is_too_long) {
        snprintf(why, sizeof why, "the line is longer than %d bytes",
                 API_MAX_LINE);
        reject(import, why);
        return;
    }
    if (is_blank(import->line))
        return;
    json = json_in_load(import->line, import->line_len, why);
    if (json == NULL) {
        reject(import, why);
        return;
    }
    json_in_begin(&in, json);
    if (!enrollment_json_in(&in, NULL, json_out_now_ms(), &import->batch[at])) {
        reject(import, in.why);
        json_decref(json);
        return;
    }
    import->json[at] = json;
    import->n_batch++;
}

static void
answer(struct import *import)
{
    struct request *request = import->request;
    json_t *errors = import->errors;

    if (import->err != STORE_OK) {
        char what[96];

        snprintf(what, sizeof what, "line %lld, after %lld were imported",
                 (long long)import->n_lines, (long long)import->n_imported);
        request_fail_store(request, import->err, what);
        return;
    }
    import->errors = NULL;
    request_json(request, MHD_HTTP_OK,
                 json_pack("{s:I, s:I, s:o}", "imported",
                           (json_int_t)import->n_imported, "rejected",
                           (json_int_t)import->n_rejected, "errors", errors));
}

static void
clear_batch(struct import *import)
{
    for (size_t i = 0; i < import->n_batch; i++)
        json_decref(import->json[i]);
    import->n_batch = 0;
}

/* What the store has it will still tell about. */
static void
free_import(void *state)
{
    struct import *import = state;

    import->request = NULL;
    if (import->n_underway > 0)
        return;
    clear_batch(import);
    json_decref(import->errors);
    free(import);
}

static void
on_stored(void *arg, enum store_err err)
{
    struct import *import = arg;
    size_t n = import->n_underway == 1 ? import->n_latest : BATCH;

    import->n_underway--;
    if (err == STORE_OK)
        import->n_imported += (int64_t)n;
    else
        import->err = err;
    if (import->request == NULL)
        free_import(import);
    else if (import->has_ended && import->n_underway == 0)
        answer(import);
    else if (import->is_waiting && import->n_underway <= FEW_UNDERWAY) {
        import->is_waiting = false;
        request_resume(import->request);
    }
}

static void
store_batch(struct import *import)
{
    struct store_enrollment rows[BATCH];
    enum store_err err;

    if (import->n_batch == 0)
        return;
    for (size_t i = 0; i < import->n_batch; i++)
        rows[i] = import->batch[i].enrollment;
    err = import->request->api->is_closed
              ? STORE_ECLOSED
              : store_enrollment_put(import->request->api->store, rows,
                                     import->n_batch, on_stored, import);
    if (err == STORE_OK) {
        import->n_underway++;
        import->n_latest = import->n_batch;
    } else {
        import->err = err;
    }
    clear_batch(import);
}

static void
keep_bytes(struct import *import, const char *bytes, size_t len)
{
    if (len > API_MAX_LINE - import->line_len) {
        import->is_too_long = true;
        import->line_len = 0;
    }
    if (import->is_too_long)
        return;
    memcpy(import->line + import->line_len, bytes, len);
    import->line_len += len;
}

static void
end_line(struct import *import)
{
    read_line(import);
    import->line_len = 0;
    import->is_too_long = false;
}

static size_t
feed(struct request *request, const char *bytes, size_t len)
{
    struct import *import = request->state;
    size_t taken = 0;

    while (taken < len && import->n_underway < MAX_UNDERWAY) {
        const char *newline = memchr(bytes + taken, '\n', len - taken);
        size_t n =
            newline == NULL ? len - taken : (size_t)(newline - bytes) - taken;

        if (import->err != STORE_OK)
            return len; /* thrown away; the answer tells */
        keep_bytes(import, bytes + taken, n);
        taken += n;
        if (newline != NULL) {
            end_line(import);
            taken++;
        }
        if (import->n_batch == BATCH)
            store_batch(import);
    }
    if (len > 0) {
        import->is_waiting = taken < len;
        if (import->is_waiting)
            request_suspend(request);
        return taken;
    }
    import->has_ended = true;
    if (import->err == STORE_OK &&
        (import->line_len > 0 || import->is_too_long))
        end_line(import);
    if (import->err == STORE_OK)
        store_batch(import);
    if (import->n_underway == 0)
        answer(import);
    return 0;
}

void
serve_import_begin(struct request *request)
{
    struct import *import = calloc(1, sizeof *import);

    if (import == NULL || (import->errors = json_array()) == NULL) {
        free(import);
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    import->request = request;
    request_keep(request, import, free_import);
    request->feed = feed;
}
