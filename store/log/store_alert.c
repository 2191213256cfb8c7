/* SPDX-License-Identifier: MIT */

/*
 * Alerts begin and end. Each does so in one transaction with what was told,
 * the row of the audit log and the messages.
 */

#include <stdio.h>
#include <string.h>

#include "alert_row.h"
#include "event_row.h"
#include "store/bind.h"
#include "store/core.h"

struct alert_request {
    struct store_request request;
    store_alerts_fn *done;
    struct store_alert put;
    int64_t id; /* to end */
    struct store_told told;
    bool has_told;
    uint32_t channels;
    struct store_alert answer;
};

static enum store_err
write_told(struct db *db, const struct store_told *told)
{
    struct bind bind;
    enum store_err err;

    bind_begin(&bind, db, SQL_TOLD_PUT);
    bind_text(&bind, told->cert);
    bind_int(&bind, told->thresholds);
    bind_int(&bind, (int64_t)told->days);
    bind_int(&bind, told->last_day);
    bind_int(&bind, told->state_told);
    if ((err = bind_run(&bind)) != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_TOLD_PRUNE);
    bind_int(&bind, STORE_MAX_TOLD);
    return bind_run(&bind);
}

static enum store_err
forget_told(struct db *db, const char *cert)
{
    struct bind bind;

    if (cert[0] == '\0')
        return STORE_OK;
    bind_begin(&bind, db, SQL_TOLD_DROP);
    bind_text(&bind, cert);
    return bind_run(&bind);
}

static enum store_err
write_message(struct db *db, uint32_t channel, int64_t alert, bool is_end)
{
    struct bind bind;
    int64_t id = 0;
    enum store_err err;

    bind_begin(&bind, db, SQL_OUTBOX_ADD);
    bind_int(&bind, channel);
    bind_int(&bind, alert);
    bind_int(&bind, is_end);
    bind_int(&bind, db_now(db));
    err = bind_run_int(&bind, &id);
    if (err != STORE_OK || id <= STORE_MAX_OUTBOX)
        return err;
    bind_begin(&bind, db, SQL_OUTBOX_PRUNE);
    bind_int(&bind, id - STORE_MAX_OUTBOX);
    return bind_run(&bind);
}

static enum store_err
write_messages(struct db *db, const struct alert_request *it, bool is_end)
{
    enum store_err err = STORE_OK;

    for (uint32_t i = 0; err == STORE_OK && i < STORE_MAX_CHANNELS; i++)
        if ((it->channels & 1U << i) != 0)
            err = write_message(db, i, it->answer.id, is_end);
    return err;
}

/* "alert.expiry" and "alert.ended", with what it is about. */
static enum store_err
write_event(struct db *db, const struct store_alert *alert)
{
    char kind[STORE_MAX_NAME + 1];
    struct store_event event = {.kind = kind,
                                .subject = alert->topic,
                                .actor = "rouse",
                                .detail = alert->text};

    snprintf(kind, sizeof kind, "alert.%.100s",
             alert->ended_at_ms == 0 ? alert->kind : "ended");
    return event_row_add(db, &event);
}

static enum store_err
read_answer(struct db *db, struct alert_request *it, int64_t id)
{
    struct arena *arena = &it->request.arena;
    enum store_err err = STORE_ENOTFOUND;
    struct bind bind;

    bind_begin(&bind, db, SQL_ALERT_GET);
    bind_int(&bind, id);
    if (bind_row(&bind)) {
        alert_row_take(&bind, arena, &it->answer);
        err = STORE_OK;
    }
    return bind_end_taken(&bind, arena, err);
}

static enum store_err
supersede(struct db *db, const struct store_alert *alert, int64_t at)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_ALERT_SUPERSEDE);
    bind_text(&bind, alert->kind);
    bind_text(&bind, alert->topic);
    bind_int(&bind, at);
    return bind_run(&bind);
}

COLUMNS_BIND(bind_columns, store_alert, ALERT_COLUMNS)

static enum store_err
add(struct db *db, const struct store_alert *alert, int64_t at, int64_t *id)
{
    struct store_alert row = *alert;
    struct bind bind;
    enum store_err err;

    row.at_ms = at;
    bind_begin(&bind, db, SQL_ALERT_ADD);
    bind_columns(&bind, &row);
    err = bind_run_int(&bind, id);
    if (err != STORE_OK || *id <= STORE_MAX_ALERTS)
        return err;
    bind_begin(&bind, db, SQL_ALERT_PRUNE);
    bind_int(&bind, *id - STORE_MAX_ALERTS);
    return bind_run(&bind);
}

/* What goes with its beginning and its end alike. */
static enum store_err
follow(struct db *db, struct alert_request *it, bool is_end)
{
    enum store_err err = STORE_OK;

    if (it->has_told)
        err = write_told(db, &it->told);
    else if (is_end)
        err = forget_told(db, it->answer.cert);
    if (err == STORE_OK)
        err = write_event(db, &it->answer);
    if (err == STORE_OK)
        err = write_messages(db, it, is_end);
    return err;
}

static enum store_err
run_put(struct store_request *request, struct db *db)
{
    struct alert_request *it = (struct alert_request *)request;
    int64_t at = it->put.at_ms != 0 ? it->put.at_ms : db_now(db);
    int64_t id = 0;
    enum store_err err = supersede(db, &it->put, at);

    if (err == STORE_OK)
        err = add(db, &it->put, at, &id);
    if (err == STORE_OK)
        err = read_answer(db, it, id);
    return err == STORE_OK ? follow(db, it, false) : err;
}

static enum store_err
run_end(struct store_request *request, struct db *db)
{
    struct alert_request *it = (struct alert_request *)request;
    struct bind bind;
    enum store_err err = read_answer(db, it, it->id);

    if (err == STORE_OK && it->answer.ended_at_ms != 0)
        err = STORE_ENOTFOUND;
    if (err != STORE_OK)
        return err;
    it->answer.ended_at_ms = db_now(db);
    bind_begin(&bind, db, SQL_ALERT_END);
    bind_int(&bind, it->id);
    bind_int(&bind, it->answer.ended_at_ms);
    err = bind_run(&bind);
    return err == STORE_OK ? follow(db, it, true) : err;
}

static void
complete(struct store_request *request, enum store_err err)
{
    struct alert_request *it = (struct alert_request *)request;

    if (it->done == NULL)
        return;
    if (err == STORE_OK)
        it->done(request->arg, err, &it->answer, 1);
    else
        it->done(request->arg, err, NULL, 0);
}

static const struct store_text put_texts[] = {
    TEXT(alert_request, put.kind, STORE_MAX_NAME - 10, NEEDED),
    TEXT(alert_request, put.topic, STORE_MAX_TOPIC, GIVEN),
    TEXT(alert_request, put.severity, STORE_MAX_NAME, NEEDED),
    TEXT(alert_request, put.text, STORE_MAX_NOTE, NEEDED),
    TEXT(alert_request, put.cert, STORE_SHA256_HEX, GIVEN),
    TEXT(alert_request, told.cert, STORE_SHA256_HEX, MAYBE),
    {0},
};

static const struct store_request_kind putting = {
    .is_write = true,
    .run = run_put,
    .complete = complete,
    .size = sizeof(struct alert_request),
    .texts = put_texts,
};

static const struct store_text end_texts[] = {
    TEXT(alert_request, told.cert, STORE_SHA256_HEX, MAYBE),
    {0},
};

static const struct store_request_kind ending = {
    .is_write = true,
    .run = run_end,
    .complete = complete,
    .size = sizeof(struct alert_request),
    .texts = end_texts,
};

static bool
is_told(const struct store_told *told)
{
    return told == NULL ||
           (told->cert != NULL &&
            strnlen(told->cert, STORE_SHA256_HEX + 1) == STORE_SHA256_HEX);
}

enum store_err
store_alert_put(struct store *store, const struct store_alert *alert,
                const struct store_told *told, uint32_t channels,
                store_alerts_fn *done, void *arg)
{
    struct alert_request like = {.done = done,
                                 .put = *alert,
                                 .has_told = told != NULL,
                                 .channels = channels};

    if (!is_told(told) || alert->at_ms < 0 ||
        channels >= 1U << STORE_MAX_CHANNELS)
        return STORE_EINVAL;
    if (told != NULL)
        like.told = *told;
    return store_request_put(store, &putting, &like, arg);
}

enum store_err
store_alert_end(struct store *store, int64_t id, const struct store_told *told,
                uint32_t channels, store_alerts_fn *done, void *arg)
{
    struct alert_request like = {
        .done = done, .id = id, .has_told = told != NULL, .channels = channels};

    if (!is_told(told) || channels >= 1U << STORE_MAX_CHANNELS)
        return STORE_EINVAL;
    if (told != NULL)
        like.told = *told;
    return store_request_put(store, &ending, &like, arg);
}
