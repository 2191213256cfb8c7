/* SPDX-License-Identifier: MIT */
#include "enrollment_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/auth/audit.h"
#include "server/api/json/enrollment_json.h"
#include "server/api/request.h"

#define PAGE 500 /* enrollments read at a time */

struct export
{
    struct request *request;
    struct store_filter filter; /* its strings are the request's */
    int64_t after;
    bool with_secrets;
    bool is_over; /* no page after this one */
    bool is_broken;
    size_t n_lines; /* so far */
    char *page;     /* lines; owned */
    size_t len;
    size_t sent;
};

static void
write_lines(struct export *export, const struct store_enrollment *page,
            size_t n)
{
    FILE *out = open_memstream(&export->page, &export->len);

    export->is_broken |= out == NULL;
    for (size_t i = 0; i < n && !export->is_broken; i++) {
        json_t *line = enrollment_json_out(&page[i], export->with_secrets);

        export->is_broken =
            line == NULL || json_dumpf(line, out, JSON_COMPACT) != 0;
        fputc('\n', out);
        json_decref(line);
    }
    if (out != NULL)
        export->is_broken |= fclose(out) != 0;
}

static void
on_page(void *arg, enum store_err err, const struct store_enrollment *page,
        size_t n, int64_t next)
{
    struct export *export = arg;

    free(export->page);
    export->page = NULL;
    export->len = 0;
    export->sent = 0;
    export->is_over = next == 0;
    export->after = next;
    export->n_lines += n;
    if (err == STORE_OK)
        write_lines(export, page, n);
    else
        export->is_broken = true;
    request_resume(export->request);
}

static bool
ask_page(struct export *export)
{
    const struct api *api = export->request->api;

    return !api->is_closed &&
           store_enrollment_list(api->store, &export->filter, export->after,
                                 PAGE, on_page, export) == STORE_OK;
}

static ssize_t
on_read(void *arg, char *bytes, size_t max)
{
    struct export *export = arg;
    size_t n = export->len - export->sent;

    if (export->is_broken)
        return REQUEST_READ_BROKEN;
    if (n > 0) {
        if (n > max)
            n = max;
        memcpy(bytes, export->page + export->sent, n);
        export->sent += n;
        return (ssize_t)n;
    }
    if (export->is_over)
        return REQUEST_READ_END;
    if (!ask_page(export))
        return REQUEST_READ_BROKEN;
    request_suspend(export->request);
    return 0;
}

static const char *
or_any(const char *text)
{
    return text == NULL || *text == '\0' ? "any" : text;
}

/* At its end, however that came. */
static void
note_secrets(const struct export *export)
{
    const struct store_filter *filter = &export->filter;

    audit_note(export->request, "enrollment.exported", "",
               "with tokens: %zu; topic=%s group=%s parent=%s serial=%s "
               "kinds=%x states=%x seen_before_ms=%lld",
               export->n_lines, or_any(filter->topic), or_any(filter->group),
               or_any(filter->parent), or_any(filter->serial),
               (unsigned)filter->kinds, (unsigned)filter->states,
               (long long)filter->seen_before_ms);
}

static void
free_export(void *state)
{
    struct export *export = state;

    if (export->with_secrets)
        note_secrets(export);
    free(export->page);
    free(export);
}

void
enrollment_export_begin(struct request *request,
                        const struct store_filter *filter, int64_t after,
                        bool with_secrets)
{
    struct export *export = calloc(1, sizeof *export);

    if (export == NULL) {
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    export->request = request;
    export->filter = *filter;
    export->after = after;
    export->with_secrets = with_secrets;
    request_keep(request, export, free_export);
    request_stream(request, HTTP_OK, "application/x-ndjson", on_read, export);
}
