/* SPDX-License-Identifier: MIT */

/*
 * The façade of alerts.
 */

#include <stdlib.h>

#include "alert_cert.h"
#include "server/engine/call.h"
#include "server/engine/engine_core.h"

const char *
rouse_cert_life(struct rouse *rouse, const struct apns_identity_status *status)
{
    return certlife_state_word(
        alert_cert_state(rouse, status, tick_now(rouse) / 1000));
}

void
rouse_alert_each(struct rouse *rouse, rouse_alert_fn *visit, void *arg)
{
    const struct alert_book *book = &rouse->alerts.book;

    for (size_t i = book->n_open; i-- > 0;) {
        const struct alert_open *open = &book->open[i];
        struct rouse_alert alert = {
            .id = open->id,
            .at_ms = open->at_ms,
            .kind = alert_book_word(open->kind),
            .topic = open->topic,
            .severity = open->severity,
            .text = open->text,
            .threshold_days = open->threshold_days,
        };

        visit(arg, &alert);
    }
}

struct list {
    rouse_alerts_fn *done;
    void *arg;
};

static void
on_alerts(void *arg, enum store_err err, const struct store_alert *alerts,
          size_t n)
{
    struct list *list = arg;
    struct rouse_alert *copies = calloc(n + 1, sizeof *copies);

    if (copies == NULL)
        err = STORE_ENOMEM;
    for (size_t i = 0; copies != NULL && i < n; i++)
        copies[i] = (struct rouse_alert){
            .id = alerts[i].id,
            .at_ms = alerts[i].at_ms,
            .kind = alerts[i].kind,
            .topic = alerts[i].topic,
            .severity = alerts[i].severity,
            .text = alerts[i].text,
            .threshold_days = alerts[i].threshold_days,
            .ended_at_ms = alerts[i].ended_at_ms,
        };
    list->done(list->arg, rouse_err_of_store(err), copies,
               err == STORE_OK ? n : 0);
    free(copies);
    free(list);
}

enum rouse_err
rouse_alert_list(struct rouse *rouse, bool only_open, size_t limit,
                 rouse_alerts_fn *done, void *arg)
{
    struct list *list;
    enum rouse_err err;

    if ((list = call_new(rouse, sizeof *list, &err)) == NULL)
        return err;
    list->done = done;
    list->arg = arg;
    return call_asked(list, store_alert_list(rouse->store, only_open, limit,
                                             on_alerts, list));
}
