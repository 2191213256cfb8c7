/* SPDX-License-Identifier: MIT */

/*
 * What programs made for NanoMDM ask: /v1/pushcert, /v1/push/{ids} and
 * /migration, answered as NanoMDM answers, byte for byte.
 */

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "nano_json.h"
#include "push_words.h"
#include "server/api/api_private.h"
#include "server/api/cert/cert_fault.h"
#include "server/api/json/json_out.h"
#include "server/api/request.h"
#include "server/api/routes.h"
#include "server/api/serve/wake_ask.h"
#include "server/engine/engine.h"

#define ERROR_SIZE 384 /* bytes of one push_error */

struct body {
    char *text;
    size_t len;
    FILE *out;
};

static bool
open_body(struct request *request, struct body *body)
{
    *body = (struct body){0};
    body->out = open_memstream(&body->text, &body->len);
    if (body->out == NULL)
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
    return body->out != NULL;
}

static void
send_body(struct request *request, unsigned status, struct body *body)
{
    bool is_bad = ferror(body->out) != 0;

    is_bad |= fclose(body->out) != 0;
    if (is_bad) {
        free(body->text);
        body->text = NULL;
    }
    request_text(request, status, "application/json", body->text, body->len);
}

static void
send_error(struct request *request, unsigned status, const char *error)
{
    struct body body;

    if (!open_body(request, &body))
        return;
    nano_json_error(body.out, error);
    send_body(request, status, &body);
}

static void
send_cert(struct request *request, int64_t not_after_unix, const char *topic)
{
    struct body body;

    if (!open_body(request, &body))
        return;
    nano_json_cert(body.out, not_after_unix, topic);
    send_body(request, HTTP_OK, &body);
}

static void
on_imported(void *arg, enum rouse_err err,
            const struct rouse_import_answer *answer)
{
    struct request *request = arg;
    char why[512];

    if (err == ROUSE_ECERT) {
        cert_fault_nano(answer, why, sizeof why);
        send_error(request, HTTP_BAD_REQUEST, why);
    } else if (err == ROUSE_EGUARD) {
        send_error(request, HTTP_CONFLICT, answer->detail);
    } else if (err != ROUSE_OK) {
        send_error(request, HTTP_INTERNAL_SERVER_ERROR, rouse_err_text(err));
    } else {
        send_cert(request, answer->cert.not_after_unix, answer->cert.topic);
    }
}

void
serve_nano_put_cert(struct request *request)
{
    struct rouse_import import = {0};
    char actor[AUTH_NAME_SIZE];
    enum rouse_err err;

    if (request->caller.topic[0] != '\0') {
        request_fail(request, HTTP_FORBIDDEN, "forbidden",
                     "this needs a key for all topics; use /v1/pushcerts");
        return;
    }
    request_actor(request, actor);
    import.by = actor;
    err = rouse_cert_import(request->api->rouse, request->body,
                            request->body_len, &import, on_imported, request);
    if (err != ROUSE_OK)
        send_error(request, HTTP_INTERNAL_SERVER_ERROR, rouse_err_text(err));
}

static void
on_cert(void *arg, enum store_err err, const struct store_identity *certs,
        size_t n)
{
    struct request *request = arg;

    if (err != STORE_OK)
        send_error(request, HTTP_INTERNAL_SERVER_ERROR, store_err_text(err));
    else if (n == 0 || !request_sees(request, certs->topic))
        send_error(request, HTTP_INTERNAL_SERVER_ERROR,
                   "sql: no rows in result set");
    else
        send_cert(request, certs->not_after_unix, certs->topic);
}

void
serve_nano_get_cert(struct request *request)
{
    const char *topic = request_query(request, "topic");
    enum store_err err;

    if (topic == NULL || *topic == '\0') {
        send_error(request, HTTP_BAD_REQUEST,
                   "missing required query parameter: topic");
        return;
    }
    err = store_identity_list(request->api->store, topic, false, on_cert,
                              request);
    if (err != STORE_OK)
        send_error(request, HTTP_INTERNAL_SERVER_ERROR, store_err_text(err));
}

/*
 * Pushes.
 */
struct push {
    struct wake_ask *ask;
    struct nano_json_push *entries; /* owned; of ids that get one */
    size_t n_entries;
    char (*errors)[ERROR_SIZE]; /* owned; one per id */
    char (*apns_ids)[64];       /* owned; one per id */
    const char **doubtful;      /* owned; ids whose words need what the store
                              knows: without a usable certificate, or refused
                              before */
    size_t *doubtful_at;        /* owned; where they stand among all */
    size_t n_doubtful;
    char *ids; /* owned; the path's, cut at the commas */
};

static void
free_push(void *state)
{
    struct push *push = state;

    free(push->entries);
    free(push->errors);
    free(push->apns_ids);
    free((void *)push->doubtful);
    free(push->doubtful_at);
    free(push->ids);
    free(push);
}

static void
send_pushes(struct request *request, struct push *push, size_t n_asked,
            const char *error)
{
    struct body body;
    unsigned status;

    if (!open_body(request, &body))
        return;
    status =
        nano_json_pushes(body.out, push == NULL ? NULL : push->entries,
                         push == NULL ? 0 : push->n_entries, n_asked, error);
    send_body(request, status, &body);
}

/* The answer's strings end with the completion: what an entry needs is kept. */
static void
keep_words(struct push *push, size_t i, const struct rouse_wake_answer *answer)
{
    unsigned wait_s = push->ask->wait_ms / 1000;

    push_words_error(answer, wait_s, push->errors[i], ERROR_SIZE);
    if (answer->is_answered)
        snprintf(push->apns_ids[i], sizeof push->apns_ids[i], "%s",
                 answer->apns_id);
}

static void
add_entry(struct push *push, size_t i)
{
    struct nano_json_push *entry = &push->entries[push->n_entries++];

    entry->id = push->ask->ids[i];
    entry->error = push->errors[i];
    entry->result = push->apns_ids[i];
}

static bool
has_cert(const struct api *api, const char *topic)
{
    struct apns_identity_status *status = calloc(1, sizeof *status);
    bool is_held =
        status != NULL &&
        apns_identity_get(engine_client(api->rouse), topic, status) == APNS_OK;

    free(status);
    return is_held;
}

static bool
is_refused(enum store_state state)
{
    return state == STORE_STATE_DEAD || state == STORE_STATE_SUSPECT;
}

static bool
is_doubtful(const struct rouse_wake_answer *answer)
{
    enum store_state state;

    if (answer->asked == ROUSE_ASKED_UNPUSHABLE)
        return store_state_read(answer->state, &state) && is_refused(state);
    return answer->is_answered && answer->outcome == APNS_FAILED &&
           answer->class_ == APNS_CLASS_IDENTITY;
}

/* A program that looks for what APNs said of a dead token finds it each time,
   as with NanoMDM, and not only when it was pushed to. */
static void
add_refused(struct push *push, size_t at, const struct store_last_push *last)
{
    if (push_words_refused(last, push->errors[at], ERROR_SIZE))
        snprintf(push->apns_ids[at], sizeof push->apns_ids[at], "%s",
                 last->apns_id);
    add_entry(push, at);
}

/* As NanoMDM: ids of a topic without a certificate get no entry, and the last
   such topic is reported for the whole request. One whose certificate is there
   but stopped gets an entry that says why. */
static void
on_doubtful(void *arg, enum store_err err,
            const struct store_enrollment *enrollments, size_t n, int64_t next)
{
    struct push *push = arg;
    struct request *request = push->ask->request;
    char topic_error[APNS_MAX_TOPIC + 96] = "";
    char error[128] = "";
    size_t k = 0;

    (void)next;
    if (err != STORE_OK)
        snprintf(error, sizeof error, "push storage: %s", store_err_text(err));
    else if (request->api->is_closed)
        snprintf(error, sizeof error, "push storage: rouse is stopping");
    for (size_t i = 0; error[0] == '\0' && i < push->n_doubtful && k < n; i++) {
        if (strcmp(push->doubtful[i], enrollments[k].id) != 0)
            continue;
        if (is_refused(enrollments[k].state))
            add_refused(push, push->doubtful_at[i], &enrollments[k].last_push);
        else if (has_cert(request->api, enrollments[k].topic))
            add_entry(push, push->doubtful_at[i]);
        else
            snprintf(topic_error, sizeof topic_error,
                     "retrieving push cert for topic \"%s\": sql: no rows in "
                     "result set",
                     enrollments[k].topic);
        k++;
    }
    send_pushes(request, push, push->ask->n,
                error[0] == '\0' ? topic_error : error);
}

static void
on_asked(struct wake_ask *ask, enum rouse_err err,
         const struct rouse_wake_answer *answers)
{
    struct push *push = ask->keep;
    char error[128];

    if (err != ROUSE_OK) {
        snprintf(error, sizeof error, "push storage: %s", rouse_err_text(err));
        send_pushes(ask->request, NULL, ask->n, error);
        return;
    }
    for (size_t i = 0; i < ask->n; i++) {
        keep_words(push, i, &answers[i]);
        if (is_doubtful(&answers[i])) {
            push->doubtful_at[push->n_doubtful] = i;
            push->doubtful[push->n_doubtful++] = ask->ids[i];
        } else {
            add_entry(push, i);
        }
    }
    if (push->n_doubtful == 0)
        send_pushes(ask->request, push, ask->n, "");
    else if (ask->request->api->is_closed ||
             store_enrollment_get(ask->request->api->store, push->doubtful,
                                  push->n_doubtful, on_doubtful,
                                  push) != STORE_OK)
        send_pushes(ask->request, push, ask->n,
                    "push storage: rouse is stopping");
}

static size_t
count_commas(const char *text)
{
    size_t n = 0;

    for (; (text = strchr(text, ',')) != NULL; text++)
        n++;
    return n;
}

static const char **
cut_ids(char *text, size_t n)
{
    const char **ids = calloc(n, sizeof *ids);
    size_t i = 0;

    if (ids == NULL)
        return NULL;
    for (char *at = text; at != NULL && i < n; i++) {
        char *comma = strchr(at, ',');

        ids[i] = at;
        if (comma != NULL)
            *comma++ = '\0';
        at = comma;
    }
    return ids;
}

static struct push *
new_push(const char *path, size_t n)
{
    struct push *push = calloc(1, sizeof *push);

    if (push == NULL)
        return NULL;
    push->ids = strdup(path);
    push->entries = calloc(n, sizeof *push->entries);
    push->errors = calloc(n, sizeof *push->errors);
    push->apns_ids = calloc(n, sizeof *push->apns_ids);
    push->doubtful = calloc(n, sizeof *push->doubtful);
    push->doubtful_at = calloc(n, sizeof *push->doubtful_at);
    if (push->ids != NULL && push->entries != NULL && push->errors != NULL &&
        push->apns_ids != NULL && push->doubtful != NULL &&
        push->doubtful_at != NULL)
        return push;
    free_push(push);
    return NULL;
}

void
serve_nano_push(struct request *request)
{
    size_t n = count_commas(request->rest) + 1;
    struct push *push;
    const char **ids = NULL;
    char why[64];

    if (*request->rest == '\0') {
        send_pushes(request, NULL, 0, "getting enrollment ids: empty path");
        return;
    }
    if (n > ROUSE_MAX_IDS) {
        snprintf(why, sizeof why, "push storage: more than %d ids",
                 ROUSE_MAX_IDS);
        send_pushes(request, NULL, n, why);
        return;
    }
    push = new_push(request->rest, n);
    if (push != NULL)
        ids = cut_ids(push->ids, n);
    if (ids == NULL) {
        if (push != NULL)
            free_push(push);
        request_fail_rouse(request, ROUSE_ENOMEM, NULL);
        return;
    }
    push->ask = wake_ask_new(request, ids, n);
    if (push->ask == NULL) {
        free_push(push);
        return;
    }
    push->ask->keep = push;
    push->ask->free_keep = free_push;
    push->ask->wait_ms = request->api->config.push_wait_s * 1000;
    push->ask->done = on_asked;
    wake_ask_send(push->ask);
}

static void
on_migrated(void *arg, enum rouse_err err,
            const struct rouse_checkin_answer *answer)
{
    struct request *request = arg;

    if (err == ROUSE_EPLIST)
        request_fail(request, HTTP_BAD_REQUEST, "bad_plist", "%s",
                     answer->detail);
    else if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
    else
        request_empty(request, HTTP_OK);
}

void
serve_nano_migrate(struct request *request)
{
    static const struct rouse_checkin_about replayed = {.is_replayed = true};
    enum rouse_err err =
        rouse_checkin(request->api->rouse, request->body, request->body_len,
                      &replayed, on_migrated, request);

    if (err != ROUSE_OK)
        request_fail_rouse(request, err, NULL);
}
