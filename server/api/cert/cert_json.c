/* SPDX-License-Identifier: MIT */
#include "cert_json.h"

#include <string.h>

#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/certlife/certlife.h"

bool
cert_json_add_life(json_t *json, const struct rouse_cert_record *cert)
{
    json_t *test = json_null();

    if (cert->tested_at_ms != 0)
        test = json_pack(
            "{s:o, s:b, s:o}", "at", json_out_time(cert->tested_at_ms), "ok",
            (int)cert->is_test_ok, "text", json_out_text(cert->test_text));
    return json_object_set_new(json, "life", json_string(cert->life)) == 0 &&
           json_object_set_new(json, "last_test", test) == 0;
}

static json_t *
pack_wake(const struct rouse_cert_wake *wake)
{
    if (wake == NULL)
        return json_null();
    return json_pack("{s:o, s:s, s:b, s:i, s:o, s:s, s:s, s:I}", "id",
                     json_out_text(wake->id), "verdict", wake->verdict, "seen",
                     (int)wake->is_seen, "status", (int)wake->status, "reason",
                     json_out_text(wake->reason), "explanation",
                     wake->explanation, "what_to_do", wake->what_to_do,
                     "took_ms", (json_int_t)wake->took_ms);
}

json_t *
cert_json_test(const struct rouse_cert_test *test)
{
    if (test == NULL)
        return json_null();
    return json_pack(
        "{s:b, s:i, s:o, s:s, s:s, s:I, s:o}", "ok", (int)test->is_ok, "status",
        (int)test->status, "reason", json_out_text(test->reason), "explanation",
        test->explanation, "what_to_do", test->what_to_do, "took_ms",
        (json_int_t)test->took_ms, "enrollment", pack_wake(test->wake));
}

json_t *
cert_json_history(const struct rouse_cert_record *cert)
{
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:b, s:o, s:o}",
        "topic", json_out_text(cert->topic), "subject",
        json_out_text(cert->subject), "issuer", json_out_text(cert->issuer),
        "serial_number", json_out_text(cert->serial), "sha256",
        json_out_text(cert->sha256), "not_before",
        json_out_time(cert->not_before_unix * 1000), "not_after",
        json_out_time(cert->not_after_unix * 1000), "imported_at",
        json_out_time(cert->imported_at_ms), "imported_by",
        json_out_text(cert->imported_by), "apple_account",
        json_out_text(cert->apple_account), "note", json_out_text(cert->note),
        "retired_at", json_out_time(cert->retired_at_ms), "retired_why",
        json_out_text(cert->retired_why), "in_force",
        (int)(cert->retired_at_ms == 0), "taken_at",
        json_out_time(cert->taken_at_ms), "proven_at",
        json_out_time(cert->proven_at_ms));

    if (json != NULL && cert_json_add_life(json, cert))
        return json;
    json_decref(json);
    return NULL;
}

/* The lines of the table: labels as keys, both sides as they are. */
static json_t *
make_rows(const json_t *sides)
{
    json_t *rows = json_array();
    const json_t *fresh = json_object_get(sides, "new");
    const json_t *current = json_object_get(sides, "current");
    const char *label;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)fresh, label, value)
    {
        json_t *old = json_object_get(current, label);

        json_array_append_new(
            rows, json_pack("{s:s, s:O, s:O}", "label", label, "current",
                            old ? old : json_null(), "new", value));
    }
    return rows;
}

json_t *
cert_json_comparison(const struct rouse_cert_import_answer *answer)
{
    struct certlife_held current = {
        .cert = answer->current,
        .n_enrollments = answer->n_current,
        .apple_account = answer->current_account,
    };
    json_t *json;

    if (answer->comparison[0] == '\0')
        return json_null();
    json = certlife_sides_json(answer->current != NULL ? &current : NULL,
                               answer->cert, answer->account,
                               answer->compared_unix);
    json_object_set_new(json, "rows", make_rows(json));
    json_object_set_new(json, "text", json_out_text(answer->comparison));
    return json;
}

json_t *
cert_json_strings(const char *const *texts, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        json_out_append(&array, json_out_text(texts[i]));
    return array;
}

void
cert_json_refuse(struct request *request,
                 const struct rouse_cert_refusal *refusal, json_t *more)
{
    static const unsigned statuses[ROUSE_CERT_N_CODES] = {
#define X(name, word, status) HTTP_##status,
        ROUSE_CERT_CODES(X)
#undef X
    };
    json_t *json = more != NULL ? more : json_object();

    json_object_set_new(json, "error", json_out_text(refusal->text));
    json_object_set_new(json, "code",
                        json_string(rouse_cert_code_name(refusal->code)));
    request_json(request, statuses[refusal->code], json);
}

void
cert_json_fail(struct request *request, enum rouse_err err,
               const struct rouse_cert_refusal *refusal)
{
    if (err == ROUSE_EGUARD)
        cert_json_refuse(request, refusal, NULL);
    else if (err == ROUSE_ENOTFOUND && request->rest[0] != '\0')
        request_fail(request, HTTP_NOT_FOUND, "not_found",
                     "there is no push certificate for the topic %s",
                     request->rest);
    else
        request_fail_rouse(request, err, NULL);
}
