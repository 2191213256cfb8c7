/* SPDX-License-Identifier: MIT */
#include "import_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The account recorded of this very topic; NULL: none. */
static const char *
recorded_account(const struct import_view *view, const char *topic)
{
    for (size_t i = 0; i < view->n_held; i++)
        if (strcmp(view->certs[i].topic, topic) == 0)
            return view->held[i].apple_account;
    return NULL;
}

static void
compare(struct import_verdict *verdict, const struct import_view *view,
        const struct rouse_cert_import *given, const char *request_topic,
        const struct life_files *files, const struct certlife_object *push,
        int64_t now_unix)
{
    bool is_of_new_request = request_topic != NULL && request_topic[0] == '\0';
    struct certlife_import import = {
        .fresh = &push->cert,
        .name = files->file[push->file].name,
        .fault = push->fault,
        .fault_detail = push->fault_detail,
        .apple_account = given->apple_account,
        .held = view->held,
        .n_held = view->n_held,
        .past_sha256 = view->past_texts,
        .n_past = view->n_past,
        .renew_topic = given->renew_topic,
        .replace_topic = given->replace_topic,
        .has_confirm = given->has_confirm,
        .confirm = given->confirm,
        .as_additional = given->is_additional || is_of_new_request,
    };

    /* The request says what was meant where nobody else does. */
    if (import.renew_topic == NULL && import.replace_topic == NULL &&
        !given->is_additional && request_topic != NULL &&
        import_view_in_force(view, request_topic)[0] != '\0')
        import.renew_topic = request_topic;
    certlife_compare(&import, now_unix, &verdict->answer);
}

static bool
put_side_by_side(struct import_verdict *verdict, const struct import_view *view,
                 const struct apns_cert *fresh, int64_t now_unix)
{
    int current = verdict->answer.current;
    const struct certlife_held *held =
        current >= 0 ? &view->held[current] : NULL;

    verdict->comparison =
        certlife_sides_text(held, fresh, verdict->account, now_unix);
    return verdict->comparison != NULL;
}

static void
warn(struct import_verdict *verdict, const char *text)
{
    if (verdict->n_warnings < CERTLIFE_MAX_WARNINGS)
        verdict->warnings[verdict->n_warnings++] = text;
}

/* A year later it is the first thing that somebody needs to know. */
static void
warn_of_account(struct import_verdict *verdict, const char *before)
{
    char *text = verdict->of_account;

    if (verdict->account == NULL)
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "No Apple Account is recorded for this topic, and only the "
                 "one that created the certificate can renew it. Record it: "
                 "--apple-account MAIL.");
    else if (before != NULL && strcmp(before, verdict->account) != 0)
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "The Apple Account recorded for this topic changes from "
                 "%.150s to %.150s.",
                 before, verdict->account);
    if (text[0] != '\0')
        warn(verdict, text);
}

bool
import_verdict_make(struct import_verdict *verdict,
                    const struct import_view *view,
                    const struct rouse_cert_import *given,
                    const char *request_topic, const struct life_files *files,
                    int push, int64_t now_unix)
{
    const struct certlife_check *check = files->check;
    const struct certlife_object *object = &check->objects[push];
    const char *before = recorded_account(view, object->cert.topic);

    *verdict = (struct import_verdict){0};
    compare(verdict, view, given, request_topic, files, object, now_unix);
    verdict->account =
        given->apple_account != NULL ? given->apple_account : before;
    if (!put_side_by_side(verdict, view, &object->cert, now_unix))
        return false;
    for (size_t i = 0; i < check->n_findings; i++) {
        const struct certlife_finding *finding = &check->findings[i];

        if (finding->goes_along &&
            (finding->object == -1 || finding->object == push))
            warn(verdict, finding->text);
    }
    warn_of_account(verdict, before);
    verdict->is_made = true;
    return true;
}

enum rouse_cert_code
import_verdict_code(enum certlife_verdict verdict)
{
    static const enum rouse_cert_code codes[CERTLIFE_N_VERDICTS] = {
        [CERTLIFE_VERDICT_BAD_TOPIC] = ROUSE_CERT_BAD_TOPIC,
        [CERTLIFE_VERDICT_BAD_CERTIFICATE] = ROUSE_CERT_BAD_CERTIFICATE,
        [CERTLIFE_VERDICT_NO_CLIENT_AUTH] = ROUSE_CERT_NO_CLIENT_AUTH,
        [CERTLIFE_VERDICT_SAME_CERTIFICATE] = ROUSE_CERT_SAME_CERTIFICATE,
        [CERTLIFE_VERDICT_ALREADY_IMPORTED] = ROUSE_CERT_ALREADY_IMPORTED,
        [CERTLIFE_VERDICT_EXPIRED] = ROUSE_CERT_EXPIRED,
        [CERTLIFE_VERDICT_NOT_YET_VALID] = ROUSE_CERT_NOT_YET_VALID,
        [CERTLIFE_VERDICT_UNKNOWN_TOPIC] = ROUSE_CERT_UNKNOWN_TOPIC,
        [CERTLIFE_VERDICT_TOPIC_MISMATCH] = ROUSE_CERT_TOPIC_MISMATCH,
        [CERTLIFE_VERDICT_CONFIRM_WRONG] = ROUSE_CERT_CONFIRM_WRONG,
        [CERTLIFE_VERDICT_OLDER_THAN_CURRENT] = ROUSE_CERT_OLDER_CERTIFICATE,
    };

    return codes[verdict];
}

void
import_verdict_fini(struct import_verdict *verdict)
{
    free(verdict->comparison);
    *verdict = (struct import_verdict){0};
}
