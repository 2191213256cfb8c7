/* SPDX-License-Identifier: MIT */

/*
 * POST /v1/enrollments: bulk import, one JSON object a line, of any length.
 * Each line stands alone: an error in one is reported with its number and
 * affects no other. Lines are stored in batches while more are read: those
 * that come together share one commit, which costs far more than their rows.
 * The client waits when too many are underway, so that memory is bounded.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/auth/audit.h"
#include "server/api/json/enrollment_json.h"
#include "server/api/json/json_in.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

#define BATCH        256 /* lines in one request to the store */
#define MAX_UNDERWAY 64  /* requests; then the client waits */
#define FEW_UNDERWAY 32  /* requests; then it goes on */
#define MAX_ERRORS   100 /* listed in the answer; all are counted */

struct import {
    struct request *request; /* NULL: the client has left */
    const struct api *api;   /* outlives what the store has of it */
    char actor[AUTH_NAME_SIZE];
    char line[API_MAX_LINE + 1]; /* the one that has not ended yet */
    size_t line_len;
    bool is_too_long; /* it is thrown away up to its end */
    int64_t n_lines;
    int64_t n_imported;
    int64_t n_rejected;
    json_t *errors;
    size_t n_batch;
    size_t n_underway;  /* batches */
    int64_t n_groups;   /* made for it */
    enum store_err err; /* the store has failed: nothing more is taken */
    bool makes_groups;  /* that are missing; else their lines are refused */
    bool is_waiting;    /* the client, for the store */
    bool has_ended;     /* the body is over */
    bool is_answered;   /* and noted in the audit log */
    json_t *json[BATCH];
    int64_t line_of[BATCH];
    struct enrollment_json batch[BATCH];
};

/* On its way to the store. */
struct batch {
    struct import *import;
    size_t n;
    int64_t line_of[BATCH];
};

/* In the order of lines: the store reports its own later. */
static void
reject(struct import *import, int64_t line, const char *code, const char *why)
{
    size_t at = json_array_size(import->errors);

    import->n_rejected++;
    if (at == MAX_ERRORS)
        return;
    while (at > 0 &&
           json_integer_value(json_object_get(
               json_array_get(import->errors, at - 1), "line")) > line)
        at--;
    json_array_insert_new(import->errors, at,
                          json_pack("{s:I, s:o, s:s}", "line", (json_int_t)line,
                                    "error", json_out_text(why), "code", code));
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
        reject(import, import->n_lines, "invalid", why);
        return;
    }
    if (is_blank(import->line))
        return;
    json = json_in_load(import->line, import->line_len, why);
    if (json == NULL) {
        reject(import, import->n_lines, "invalid", why);
        return;
    }
    json_in_begin(&in, json);
    if (!enrollment_json_in(&in, NULL, 0, &import->batch[at])) {
        reject(import, import->n_lines, "invalid", in.why);
        json_decref(json);
        return;
    }
    import->json[at] = json;
    import->line_of[at] = import->n_lines;
    import->n_batch++;
}

/* Once, also of an import whose client has left. */
static void
note_import(struct import *import)
{
    if (import->n_imported == 0 && import->n_groups == 0)
        return;
    audit_say(import->api, import->actor, "enrollment.imported", "",
              "imported=%lld rejected=%lld groups_made=%lld%s",
              (long long)import->n_imported, (long long)import->n_rejected,
              (long long)import->n_groups,
              import->request == NULL ? "; the client left" : "");
}

static void
answer(struct import *import)
{
    struct request *request = import->request;
    json_t *errors = import->errors;

    note_import(import);
    import->is_answered = true;
    if (import->err != STORE_OK) {
        char what[96];

        snprintf(what, sizeof what, "line %lld, after %lld were imported",
                 (long long)import->n_lines, (long long)import->n_imported);
        request_fail_store(request, import->err, what);
        return;
    }
    import->errors = NULL;
    request_json(request, HTTP_OK,
                 json_pack("{s:I, s:I, s:I, s:o}", "imported",
                           (json_int_t)import->n_imported, "rejected",
                           (json_int_t)import->n_rejected, "groups_made",
                           (json_int_t)import->n_groups, "errors", errors));
}

static void
clear_batch(struct import *import)
{
    for (size_t i = 0; i < import->n_batch; i++)
        json_decref(import->json[i]);
    import->n_batch = 0;
}

/* The store will still report about what it has. */
static void
free_import(void *state)
{
    struct import *import = state;

    import->request = NULL;
    if (import->n_underway > 0)
        return;
    if (!import->is_answered)
        note_import(import);
    clear_batch(import);
    json_decref(import->errors);
    free(import);
}

static void
reject_group(struct import *import, int64_t line,
             const struct store_refused *refused)
{
    bool is_unknown = refused->fault == STORE_GROUP_FAULT_NO_GROUP;
    char why[STORE_MAX_GROUP_PATH + 160];

    snprintf(why, sizeof why, "group %s: %s%s", refused->path,
             store_group_fault_text(refused->fault),
             is_unknown ? "; create it first, or import with create_groups=1 "
                          "(rouse: --create-groups)"
                        : "");
    reject(import, line, is_unknown ? "unknown_group" : "conflict", why);
}

static void
on_stored(void *arg, enum store_err err,
          const struct store_import_answer *stored)
{
    struct batch *batch = arg;
    struct import *import = batch->import;

    import->n_underway--;
    if (err == STORE_OK) {
        import->n_imported += (int64_t)(batch->n - stored->n_refused);
        import->n_groups += (int64_t)stored->n_groups_made;
        for (size_t i = 0; i < stored->n_refused; i++)
            reject_group(import, batch->line_of[stored->refused[i].i],
                         &stored->refused[i]);
    } else {
        import->err = err;
    }
    free(batch);
    if (import->request == NULL)
        free_import(import);
    else if (import->has_ended && import->n_underway == 0)
        answer(import);
    else if (import->is_waiting && import->n_underway <= FEW_UNDERWAY) {
        import->is_waiting = false;
        request_resume(import->request);
    }
}

static enum store_err
hand_over(struct import *import, struct batch *batch)
{
    struct store_enrollment rows[BATCH];

    batch->import = import;
    batch->n = import->n_batch;
    memcpy(batch->line_of, import->line_of,
           batch->n * sizeof batch->line_of[0]);
    for (size_t i = 0; i < batch->n; i++)
        rows[i] = import->batch[i].enrollment;
    return store_enrollment_import(import->request->api->store, rows, batch->n,
                                   import->makes_groups, NULL, on_stored,
                                   batch);
}

static void
store_batch(struct import *import)
{
    struct batch *batch = NULL;
    enum store_err err = STORE_ECLOSED;

    if (import->n_batch == 0)
        return;
    if (!import->request->api->is_closed) {
        batch = calloc(1, sizeof *batch);
        err = batch != NULL ? hand_over(import, batch) : STORE_ENOMEM;
    }
    if (err == STORE_OK) {
        import->n_underway++;
    } else {
        free(batch);
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
            return len; /* discarded; the answer says so */
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
    struct import *import;
    bool makes_groups = false;

    if (!query_flag(request, "create_groups", &makes_groups))
        return;
    import = calloc(1, sizeof *import);
    if (import == NULL || (import->errors = json_array()) == NULL) {
        free(import);
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    import->request = request;
    import->api = request->api;
    request_actor(request, import->actor);
    import->makes_groups = makes_groups;
    request_keep(request, import, free_import);
    request->feed = feed;
}
