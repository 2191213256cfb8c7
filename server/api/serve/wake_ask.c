/* SPDX-License-Identifier: MIT */
#include "wake_ask.h"

#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/request.h"

static void
free_ask(void *state)
{
    struct wake_ask *ask = state;

    if (ask->keep != NULL)
        ask->free_keep(ask->keep);
    free((void *)ask->ids);
    free((void *)ask->seen);
    free(ask->answers);
    free(ask);
}

struct wake_ask *
wake_ask_new(struct request *request, const char **ids, size_t n)
{
    struct wake_ask *ask = calloc(1, sizeof *ask);

    if (ask == NULL)
        goto fail0;
    ask->answers = calloc(n + 1, sizeof *ask->answers);
    if (ask->answers == NULL)
        goto fail1;
    ask->seen = calloc(n + 1, sizeof *ask->seen);
    if (ask->seen == NULL)
        goto fail2;
    ask->request = request;
    ask->ids = ids;
    ask->n = n;
    request_keep(request, ask, free_ask);
    return ask;

fail2:
    free(ask->answers);
fail1:
    free(ask);
fail0:
    free((void *)ids);
    request_fail_rouse(request, ROUSE_ENOMEM, NULL);
    return NULL;
}

/* The i-th answer belongs to the i-th id that was passed on; the others can be
   none. */
static void
on_answers(void *arg, enum rouse_err err,
           const struct rouse_wake_answer *answers, size_t n)
{
    static const struct rouse_wake_answer unknown = {
        .asked = ROUSE_ASKED_UNKNOWN,
        .state = "",
        .reason = "",
        .apns_id = "",
    };
    struct wake_ask *ask = arg;
    size_t k = 0;

    if (err == ROUSE_OK)
        must(n == ask->n_seen);
    for (size_t i = 0; err == ROUSE_OK && i < ask->n; i++) {
        bool is_seen = k < n && ask->seen[k] == ask->ids[i];

        ask->answers[i] = is_seen ? answers[k++] : unknown;
        ask->answers[i].id = ask->ids[i];
    }
    ask->done(ask, err, ask->answers);
}

/* What can be no id is an unknown one, and keeps no other from being woken. */
static void
pick_fit(struct wake_ask *ask)
{
    for (size_t i = 0; i < ask->n; i++) {
        size_t len = strnlen(ask->ids[i], STORE_MAX_ID + 1);

        if (len > 0 && len <= STORE_MAX_ID)
            ask->seen[ask->n_seen++] = ask->ids[i];
    }
}

void
wake_ask_send(struct wake_ask *ask)
{
    struct store_scope scope = request_scope(ask->request);
    struct rouse *rouse = ask->request->api->rouse;
    enum rouse_err err;

    pick_fit(ask);
    if (ask->n_seen == 0) {
        on_answers(ask, ROUSE_OK, NULL, 0);
        return;
    }
    ask->terms.scope = (struct rouse_scope){scope.topic, scope.group};
    if (ask->wait_ms > 0)
        err = rouse_push(rouse, ask->seen, ask->n_seen, &ask->terms,
                         ask->wait_ms, on_answers, ask);
    else
        err = rouse_wake(rouse, ask->seen, ask->n_seen, &ask->terms, on_answers,
                         ask);
    if (err != ROUSE_OK)
        ask->done(ask, err, NULL);
}
