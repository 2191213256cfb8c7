/* SPDX-License-Identifier: MIT */
#include "alert.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert_cert.h"
#include "alert_fleet.h"
#include "server/engine/engine_core.h"

/* An alert on its way into the store. */
struct telling {
    struct rouse *rouse;
    struct certlife_told told;
    bool has_told;
};

void
alert_touch(struct rouse *rouse)
{
    rouse->alerts.is_touched = true;
    tick_wake(rouse);
}

void
alert_fini(struct rouse *rouse)
{
    alert_book_fini(&rouse->alerts.book);
}

/*
 * The start.
 */

static void
end_load(struct rouse *rouse, enum store_err err)
{
    struct alerts *alerts = &rouse->alerts;

    alerts->n_underway--;
    if (err != STORE_OK)
        alerts->has_failed = true;
    if (alerts->n_underway > 0 || rouse->is_freeing)
        return;
    alerts->is_loading = false;
    alerts->is_loaded = !alerts->has_failed;
    if (alerts->is_loaded)
        alert_touch(rouse);
    else
        notice_log(rouse, APNS_LOG_ERROR, EVENT_ALERTS_NOT_LOADED " err=%s",
                   store_err_name(err));
}

static void
on_open(void *arg, enum store_err err, const struct store_alert *alerts,
        size_t n)
{
    struct rouse *rouse = arg;

    for (size_t i = 0; i < n; i++)
        (void)alert_book_put(&rouse->alerts.book, &alerts[i]);
    end_load(rouse, err);
}

static void
on_told(void *arg, enum store_err err, const struct store_told *tolds, size_t n)
{
    struct rouse *rouse = arg;

    for (size_t i = 0; i < n; i++) {
        struct certlife_told told = {
            .thresholds = tolds[i].thresholds,
            .days = tolds[i].days,
            .last_day = tolds[i].last_day,
            .state_told = tolds[i].state_told,
        };

        if (!alert_book_tell(&rouse->alerts.book, tolds[i].cert, &told))
            err = STORE_ENOMEM;
    }
    end_load(rouse, err);
}

static void
load(struct rouse *rouse)
{
    struct alerts *alerts = &rouse->alerts;

    alert_book_fini(&alerts->book);
    alerts->is_loading = true;
    alerts->has_failed = false;
    alerts->n_underway = 2;
    if (store_alert_list(rouse->store, true, ALERT_BOOK_MAX_OPEN, on_open,
                         rouse) != STORE_OK)
        end_load(rouse, STORE_EBUSY);
    if (store_alert_told(rouse->store, on_told, rouse) != STORE_OK)
        end_load(rouse, STORE_EBUSY);
}

/*
 * Looking.
 */

static bool
is_time(const struct alerts *alerts, int64_t now_ms)
{
    return alerts->is_touched || now_ms < alerts->looked_ms ||
           now_ms >= alerts->looked_ms + ALERT_LOOK_MS;
}

void
alert_run(struct rouse *rouse, int64_t now_ms)
{
    struct alerts *alerts = &rouse->alerts;

    if (rouse->is_draining || rouse->is_freeing || alerts->n_underway > 0 ||
        rouse->disk.is_failing || !pushcert_is_loaded(rouse) ||
        !is_time(alerts, now_ms))
        return;
    alerts->is_touched = false;
    alerts->looked_ms = now_ms;
    if (!alerts->is_loaded) {
        load(rouse);
        return;
    }
    alert_cert_look(rouse, now_ms);
    alert_fleet_look(rouse, now_ms);
}

int64_t
alert_next(const struct rouse *rouse)
{
    const struct alerts *alerts = &rouse->alerts;

    /* What is underway wakes the loop itself. */
    if (alerts->n_underway > 0 || rouse->disk.is_failing)
        return INT64_MAX;
    return alerts->looked_ms + ALERT_LOOK_MS;
}

/*
 * Telling.
 */

static void
say(struct rouse *rouse, const struct store_alert *alert)
{
    enum apns_log_level level = strcmp(alert->severity, "critical") == 0
                                    ? APNS_LOG_ERROR
                                    : APNS_LOG_WARN;

    if (alert->ended_at_ms != 0)
        level = APNS_LOG_NOTICE;
    notice_log(rouse, level,
               EVENT_OF_ALERT " id=%" PRId64
                              " topic=\"%s\" severity=%s text=\"%s\"",
               alert->ended_at_ms != 0 ? "ended" : alert->kind, alert->id,
               alert->topic, alert->severity, alert->text);
    if (rouse->alerts.channels != 0 && rouse->alerts.on_alert != NULL)
        rouse->alerts.on_alert(rouse->alerts.on_alert_arg);
}

/* With an alert that ended nothing is open, and what was told is forgotten
   unless it was written anew. */
static void
note(struct telling *telling, const struct store_alert *alert)
{
    struct alert_book *book = &telling->rouse->alerts.book;
    bool is_end = alert->ended_at_ms != 0;

    if (is_end)
        alert_book_drop(book, alert->id);
    else if (!alert_book_put(book, alert))
        notice_log(telling->rouse, APNS_LOG_ERROR, EVENT_ALERT_NOT_LISTED);
    if (alert->cert[0] == '\0')
        return;
    if (telling->has_told)
        (void)alert_book_tell(book, alert->cert, &telling->told);
    else if (is_end)
        (void)alert_book_tell(book, alert->cert, NULL);
}

static void
on_stored(void *arg, enum store_err err, const struct store_alert *alert,
          size_t n)
{
    struct telling *telling = arg;
    struct rouse *rouse = telling->rouse;

    rouse->alerts.n_underway--;
    if (rouse->is_freeing) {
        free(telling);
        return;
    }
    if (err == STORE_OK && n == 1) {
        note(telling, alert);
        say(rouse, alert);
    } else {
        notice_log(rouse, APNS_LOG_ERROR, EVENT_ALERT_NOT_STORED " err=%s",
                   store_err_name(err));
    }
    free(telling);
    tick_wake(rouse);
}

static struct telling *
begin(struct rouse *rouse, const char *cert, const struct certlife_told *told,
      struct store_told *row)
{
    struct telling *telling = calloc(1, sizeof *telling);

    if (telling == NULL)
        return NULL;
    telling->rouse = rouse;
    telling->has_told = told != NULL;
    if (told == NULL)
        return telling;
    telling->told = *told;
    *row = (struct store_told){
        .cert = cert,
        .thresholds = told->thresholds,
        .days = told->days,
        .last_day = told->last_day,
        .state_told = told->state_told,
    };
    return telling;
}

static void
end_begin(struct telling *telling, enum store_err err)
{
    if (err == STORE_OK)
        telling->rouse->alerts.n_underway++;
    else
        free(telling); /* the next look tries again */
}

void
alert_raise(struct rouse *rouse, const struct store_alert *alert,
            const struct certlife_told *told)
{
    struct store_told row;
    struct telling *telling = begin(rouse, alert->cert, told, &row);

    if (telling != NULL)
        end_begin(telling, store_alert_put(
                               rouse->store, alert, told != NULL ? &row : NULL,
                               rouse->alerts.channels, on_stored, telling));
}

void
alert_finish(struct rouse *rouse, const struct alert_open *open,
             const struct certlife_told *told)
{
    struct store_told row;
    struct telling *telling = begin(rouse, open->cert, told, &row);

    if (telling != NULL)
        end_begin(telling,
                  store_alert_end(rouse->store, open->id,
                                  told != NULL ? &row : NULL,
                                  rouse->alerts.channels, on_stored, telling));
}
