/* SPDX-License-Identifier: MIT */
#include "alert_cert.h"

#include <stdio.h>
#include <string.h>

#include "server/engine/engine_core.h"

struct look {
    struct rouse *rouse;
    int64_t now_unix;
};

/* By what its connections say right now. */
static unsigned
live_marks(const struct apns_identity_status *status)
{
    static const unsigned marks[APNS_N_CAUSES] = {
        [APNS_CAUSE_REVOKED] = CERTLIFE_MARK_REVOKED,
        [APNS_CAUSE_REFUSED] = CERTLIFE_MARK_REFUSED,
        [APNS_CAUSE_ENVIRONMENT] = CERTLIFE_MARK_WRONG_ENVIRONMENT,
        [APNS_CAUSE_TOKENS_ENVIRONMENT] = CERTLIFE_MARK_WRONG_ENVIRONMENT,
        [APNS_CAUSE_TOKENS_TOPIC] = CERTLIFE_MARK_WRONG_TOPIC,
    };
    bool is_idle = status->n_in_flight == 0 && status->n_queued == 0;

    /* While something is in flight, its answer may be the first 200. */
    if (status->cause == APNS_CAUSE_NONE && status->n_undecided > 0 && is_idle)
        return CERTLIFE_MARK_NONE_ACCEPTED;
    return marks[status->cause];
}

/* And what is stored of it. */
static unsigned
marks_of(struct rouse *rouse, const struct apns_identity_status *status)
{
    const struct life_cert *cert = life_find(rouse, status->cert.topic);
    unsigned marks = live_marks(status);

    if (cert != NULL && strcmp(cert->sha256, status->cert.sha256) == 0)
        marks |= cert->marks;
    return marks;
}

enum certlife_state
alert_cert_state(struct rouse *rouse, const struct apns_identity_status *status,
                 int64_t now_unix)
{
    return certlife_state_of(status->cert.not_before_unix,
                             status->cert.not_after_unix, now_unix,
                             marks_of(rouse, status));
}

/*
 * Expiry.
 */

static const char *
severity_of(const struct certlife_alert *alert)
{
    if (alert->days_left <= 3)
        return "critical";
    return alert->days_left <= 7 ? "warning" : "notice";
}

/* Around its days an alert stays open while the clock steps back and forth.
   One that a clock months ahead has raised is over when that is set right. */
static bool
is_far(const struct apns_cert *cert, int64_t now_unix)
{
    return certlife_days_left(cert->not_after_unix, now_unix) >
           2 * CERTLIFE_EXPIRING_DAYS;
}

static void
look_at_expiry(const struct look *look, const struct apns_cert *cert,
               struct certlife_told *told)
{
    struct rouse *rouse = look->rouse;
    const struct alert_open *open =
        alert_book_find(&rouse->alerts.book, ALERT_KIND_EXPIRY, cert->topic);
    const struct topic *topic = topics_find(&rouse->topics, cert->topic);
    const struct life_cert *life = life_find(rouse, cert->topic);
    struct certlife_held held = {
        .cert = cert,
        .n_enrollments = topic != NULL ? topic->n_enabled : 0,
        .apple_account = life != NULL && life->apple_account[0] != '\0'
                             ? life->apple_account
                             : NULL,
    };
    struct certlife_alert due;
    struct store_alert alert;

    if (!certlife_alert_expiry(&held, look->now_unix, told, &due)) {
        if (open != NULL && strcmp(open->cert, cert->sha256) != 0)
            alert_finish(rouse, open, NULL);
        else if (open != NULL && is_far(cert, look->now_unix))
            alert_finish(rouse, open, told);
        return;
    }
    alert = (struct store_alert){
        .kind = alert_book_word(ALERT_KIND_EXPIRY),
        .topic = cert->topic,
        .severity = severity_of(&due),
        .text = due.text,
        .cert = cert->sha256,
        .threshold_days = due.threshold,
        .since_ms = cert->not_after_unix * 1000,
    };
    alert_raise(rouse, &alert, told);
}

/*
 * What is wrong with it beside its end.
 */

/* ALERT_N_KINDS: nothing that is told. */
static enum alert_kind
kind_of(enum certlife_state state)
{
    switch (state) {
    case CERTLIFE_STATE_NOT_YET_VALID:
        return ALERT_KIND_NOT_YET_VALID;
    case CERTLIFE_STATE_REFUSED:
        return ALERT_KIND_REFUSED;
    case CERTLIFE_STATE_WRONG_ENVIRONMENT:
        return ALERT_KIND_WRONG_ENVIRONMENT;
    case CERTLIFE_STATE_WRONG_TOPIC:
        return ALERT_KIND_WRONG_TOPIC;
    case CERTLIFE_STATE_NONE_ACCEPTED:
        return ALERT_KIND_NONE_ACCEPTED;
    case CERTLIFE_STATE_REVOKED:
        return ALERT_KIND_REVOKED;
    case CERTLIFE_STATE_TEST_FAILED:
        return ALERT_KIND_TEST_FAILED;
    case CERTLIFE_STATE_KEY_LOST:
        return ALERT_KIND_KEY_LOST;
    default:
        return ALERT_N_KINDS;
    }
}

/* What stopped it by the tokens that it was tried with, or may do so. */
static void
write_tokens(const struct apns_identity_status *status, char *text)
{
    const char *topic = status->cert.topic;
    unsigned n = status->n_undecided;

    if (status->cause == APNS_CAUSE_TOKENS_ENVIRONMENT)
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "APNs knows none of the %u device tokens tried with the push "
                 "certificate of %.200s (BadDeviceToken): either the host in "
                 "[apns] belongs to the other environment, or the tokens do. "
                 "Wakes wait; no device is marked.",
                 n, topic);
    else if (status->cause == APNS_CAUSE_TOKENS_TOPIC)
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "The %u device tokens tried with the push certificate of "
                 "%.200s belong to another topic (DeviceTokenNotForTopic): "
                 "import the certificate that the devices were enrolled with. "
                 "Wakes wait; no device is marked.",
                 n, topic);
    else
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "APNs has accepted no push with the certificate of %.200s "
                 "yet, and refused %u device token%s: is the environment or "
                 "topic wrong, or are the devices gone? They are not pushed "
                 "again until another push is accepted.",
                 topic, n, n == 1 ? "" : "s");
}

static void
write_state(const struct apns_identity_status *status, enum alert_kind kind,
            const struct certlife_alert *due, char *text)
{
    if (kind == ALERT_KIND_WRONG_ENVIRONMENT &&
        status->cause == APNS_CAUSE_ENVIRONMENT)
        snprintf(text, CERTLIFE_MAX_TEXT,
                 "The push certificate of %.200s is for APNs' other "
                 "environment (%.100s). Wakes wait; see [apns] host.",
                 status->cert.topic, status->why);
    else if (kind == ALERT_KIND_WRONG_ENVIRONMENT ||
             kind == ALERT_KIND_WRONG_TOPIC || kind == ALERT_KIND_NONE_ACCEPTED)
        write_tokens(status, text);
    else if (kind == ALERT_KIND_REFUSED || kind == ALERT_KIND_REVOKED)
        snprintf(text, CERTLIFE_MAX_TEXT, "%.380s APNs said: %.100s.",
                 due->text, status->why);
    else
        snprintf(text, CERTLIFE_MAX_TEXT, "%s", due->text);
}

static void
raise_state(const struct look *look, const struct apns_identity_status *status,
            enum alert_kind kind, const struct certlife_alert *due,
            const struct certlife_told *told)
{
    char text[CERTLIFE_MAX_TEXT];
    bool is_mild =
        kind == ALERT_KIND_TEST_FAILED || kind == ALERT_KIND_NONE_ACCEPTED;
    struct store_alert alert = {
        .kind = alert_book_word(kind),
        .topic = status->cert.topic,
        .severity = is_mild ? "warning" : "critical",
        .text = text,
        .cert = status->cert.sha256,
        .threshold_days = -1,
    };

    write_state(status, kind, due, text);
    alert_raise(look->rouse, &alert, told);
}

/* After a start nothing is known before APNs took or refused it: until then
   what was told stands. */
static bool
is_news(const struct apns_identity_status *status,
        const struct alert_open *open)
{
    return strcmp(open->cert, status->cert.sha256) != 0 || status->is_taken ||
           status->state == APNS_IDENTITY_STOPPED ||
           status->state == APNS_IDENTITY_PROBING ||
           open->kind == ALERT_KIND_NOT_YET_VALID ||
           open->kind == ALERT_KIND_TEST_FAILED;
}

/* Those that are open and not ${kind}; true when one of them stays. */
static bool
finish_others(const struct look *look,
              const struct apns_identity_status *status, enum alert_kind kind,
              const struct certlife_told *told)
{
    struct alerts *alerts = &look->rouse->alerts;
    bool is_kept = false;

    for (int i = ALERT_KIND_NOT_YET_VALID; i <= ALERT_KIND_TEST_FAILED; i++) {
        const struct alert_open *open = alert_book_find(
            &alerts->book, (enum alert_kind)i, status->cert.topic);
        bool is_same;

        if (open == NULL)
            continue;
        is_same = strcmp(open->cert, status->cert.sha256) == 0;
        if (open->kind == kind && is_same)
            continue;
        if (is_news(status, open))
            alert_finish(look->rouse, open, is_same ? told : NULL);
        else
            is_kept = true;
    }
    return is_kept;
}

static void
look_at_state(const struct look *look,
              const struct apns_identity_status *status,
              struct certlife_told *told)
{
    enum certlife_state state =
        alert_cert_state(look->rouse, status, look->now_unix);
    enum alert_kind kind = kind_of(state);
    struct certlife_told before = *told;
    struct certlife_alert due;
    bool is_due =
        certlife_alert_state(state, status->cert.not_after_unix, look->now_unix,
                             status->cert.topic, told, &due);

    if (finish_others(look, status, kind, told) && kind == ALERT_N_KINDS)
        *told = before;
    if (is_due && kind != ALERT_N_KINDS)
        raise_state(look, status, kind, &due, told);
}

static void
on_each(void *arg, const struct apns_identity_status *status)
{
    const struct look *look = arg;
    struct certlife_told told =
        alert_book_told(&look->rouse->alerts.book, status->cert.sha256);

    if (strlen(status->cert.sha256) != STORE_SHA256_HEX)
        return; /* it could not even be read */
    look_at_expiry(look, &status->cert, &told);
    look_at_state(look, status, &told);
}

static bool
is_held(struct rouse *rouse, const char *name)
{
    struct apns_identity_status status;
    const struct topic *topic = topics_find(&rouse->topics, name);

    return (topic != NULL && topic->refused != NULL) ||
           apns_identity_get(rouse->client, name, &status) == APNS_OK;
}

void
alert_cert_look(struct rouse *rouse, int64_t now_ms)
{
    struct look look = {.rouse = rouse, .now_unix = now_ms / 1000};
    const struct alert_book *book = &rouse->alerts.book;

    rouse_cert_each(rouse, on_each, &look);
    for (size_t i = 0; i < book->n_open; i++)
        if (book->open[i].kind <= ALERT_KIND_TEST_FAILED &&
            !is_held(rouse, book->open[i].topic))
            alert_finish(rouse, &book->open[i], NULL);
}
