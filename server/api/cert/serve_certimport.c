/* SPDX-License-Identifier: MIT */

/*
 * PUT /v1/pushcerts: the import with comparison, guard and test.
 */

#include <string.h>

#include "cert_body.h"
#include "cert_json.h"
#include "serve_certimport.h"
#include "serve_pushcerts.h"
#include "server/api/api_private.h"
#include "server/api/json/json_out.h"
#include "server/api/query.h"
#include "server/api/request.h"
#include "server/api/routes.h"

static const char *const causes[] = {
    "signed in at the portal with another Apple Account",
    "renewed another certificate of the same Apple Account",
    "pressed Create a Certificate instead of Renew",
};

static json_t *
pack_answer(const struct rouse_cert_import_answer *answer)
{
    return json_pack(
        "{s:s, s:o, s:o, s:s, s:o, s:b}", "verdict", answer->verdict,
        "comparison", cert_json_comparison(answer), "test",
        cert_json_test(answer->test), "key_from", answer->key_from, "warnings",
        cert_json_strings(answer->warnings, answer->n_warnings),
        "lacks_account", (int)answer->lacks_account);
}

static void
refuse(struct request *request, const struct rouse_cert_refusal *refusal,
       const struct rouse_cert_import_answer *answer)
{
    json_t *more = pack_answer(answer);

    json_object_set_new(more, "fell_back",
                        json_boolean(answer->has_fallen_back));
    if (answer->current != NULL)
        json_object_set_new(more, "current_topic",
                            json_out_text(answer->current->topic));
    if (answer->cert != NULL)
        json_object_set_new(more, "new_topic",
                            json_out_text(answer->cert->topic));
    if (refusal->code == ROUSE_CERT_TOPIC_MISMATCH ||
        refusal->code == ROUSE_CERT_CONFIRM_WRONG) {
        json_object_set_new(more, "enrollments_lost",
                            json_integer((json_int_t)answer->n_silenced));
        json_object_set_new(more, "causes", cert_json_strings(causes, 3));
    }
    cert_json_refuse(request, refusal, more);
}

void
serve_certimport_answer(void *arg, enum rouse_err err,
                        const struct rouse_cert_refusal *refusal,
                        const struct rouse_cert_import_answer *answer)
{
    struct request *request = arg;

    if (err == ROUSE_EGUARD) {
        refuse(request, refusal, answer);
        return;
    }
    if (err != ROUSE_OK || answer->cert == NULL) {
        cert_json_fail(request, err, refusal);
        return;
    }
    if (!request_is_over(request))
        serve_pushcerts_answer(request, answer->cert->topic,
                               pack_answer(answer));
}

static void
on_compared(void *arg, enum rouse_err err,
            const struct rouse_cert_refusal *refusal,
            const struct rouse_cert_import_answer *answer)
{
    struct request *request = arg;
    json_t *json;

    if (err == ROUSE_OK) {
        json = pack_answer(answer);
        if (json != NULL)
            json_object_set_new(json, "pushcert", json_null());
        request_json(request, HTTP_OK, json);
    } else if (err == ROUSE_EGUARD) {
        refuse(request, refusal, answer);
    } else {
        request_fail_rouse(request, err, NULL);
    }
}

static bool
is_short(struct request *request, const char *name, const char *text,
         size_t max)
{
    if (text == NULL || strlen(text) <= max)
        return true;
    request_fail(request, HTTP_BAD_REQUEST, "invalid",
                 "%s is longer than %zu bytes", name, max);
    return false;
}

static bool
read_query(struct request *request, struct rouse_cert_import *import)
{
    int64_t confirm = -1;
    bool is_tested = true;

    import->apple_account = request_query(request, "apple_account");
    import->note = request_query(request, "note");
    import->renew_topic = request_query(request, "renew");
    import->replace_topic = request_query(request, "replace_topic");
    if (!query_flag(request, "add", &import->is_additional) ||
        !query_flag(request, "dry_run", &import->is_dry_run) ||
        !query_flag(request, "test", &is_tested) ||
        !query_int(request, "confirm", 0, INT64_MAX, &confirm))
        return false;
    import->is_untested = !is_tested;
    import->has_confirm = confirm >= 0;
    import->confirm = confirm >= 0 ? (uint64_t)confirm : 0;
    return true;
}

static void
take_text(struct json_in *in, const char *name, size_t max, const char **text)
{
    const char *given = json_in_string(in, name, max);

    if (given != NULL)
        *text = given;
}

/* The same in the body; where both say something, the body counts. */
static void
read_fields(struct json_in *in, struct rouse_cert_import *import)
{
    int64_t confirm;

    take_text(in, "apple_account", STORE_MAX_NAME, &import->apple_account);
    take_text(in, "note", STORE_MAX_NOTE, &import->note);
    take_text(in, "renew", APNS_MAX_TOPIC, &import->renew_topic);
    take_text(in, "replace_topic", APNS_MAX_TOPIC, &import->replace_topic);
    import->is_additional = json_in_bool(in, "add", import->is_additional);
    import->is_dry_run = json_in_bool(in, "dry_run", import->is_dry_run);
    import->is_untested = !json_in_bool(in, "test", !import->is_untested);
    confirm = json_in_int(in, "confirm", 0, INT64_MAX, -1);
    if (confirm >= 0) {
        import->has_confirm = true;
        import->confirm = (uint64_t)confirm;
    }
}

static bool
check_texts(struct request *request, const struct rouse_cert_import *import)
{
    return is_short(request, "apple_account", import->apple_account,
                    STORE_MAX_NAME) &&
           is_short(request, "note", import->note, STORE_MAX_NOTE) &&
           is_short(request, "renew", import->renew_topic, APNS_MAX_TOPIC) &&
           is_short(request, "replace_topic", import->replace_topic,
                    APNS_MAX_TOPIC);
}

void
serve_certimport_put(struct request *request)
{
    struct rouse_cert_import import = {0};
    char actor[AUTH_NAME_SIZE];
    struct cert_body body;
    enum rouse_err err;

    if (!read_query(request, &import) || !check_texts(request, &import) ||
        !cert_body_read(request, &body))
        return;
    if (body.json != NULL)
        read_fields(&body.in, &import);
    if (!cert_body_end(request, &body))
        return;
    request_actor(request, actor);
    import.files = body.files;
    import.by = actor;
    if (request->caller.topic[0] != '\0')
        import.only_topic = request->caller.topic;
    err = rouse_cert_import_files(
        request->api->rouse, &import,
        import.is_dry_run ? on_compared : serve_certimport_answer, request);
    cert_body_fini(&body);
    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
