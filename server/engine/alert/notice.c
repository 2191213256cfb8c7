/* SPDX-License-Identifier: MIT */
#include "notice.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "server/engine/engine_core.h"

#define MAX_LINE   1024 /* bytes of a log line; longer ones are cut */
#define MAX_QUOTED 320  /* bytes of a quoted value in it */

void
notice_log(struct rouse *rouse, enum apns_log_level level, const char *format,
           ...)
{
    char line[MAX_LINE];
    va_list args;

    if (rouse->log == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    rouse->log(rouse->log_arg, level, line);
}

/* A name that somebody chose must not end its value and begin another. */
static const char *
quote(const char *text, char quoted[MAX_QUOTED])
{
    size_t len = 0;

    for (; *text != '\0' && len + 3 < MAX_QUOTED; text++) {
        if (*text == '"' || *text == '\\')
            quoted[len++] = '\\';
        quoted[len++] = *text;
    }
    quoted[len] = '\0';
    return quoted;
}

void
notice_event(struct rouse *rouse, const char *kind, const char *subject,
             const char *actor, const char *detail)
{
    struct store_event event = {
        .at_ms = tick_now(rouse),
        .kind = kind,
        .subject = subject,
        .actor = actor,
        .detail = detail,
    };
    enum store_err err = store_event_add(rouse->store, &event, NULL, NULL);
    char quoted[3][MAX_QUOTED];

    notice_log(rouse, APNS_LOG_NOTICE,
               EVENT_OF_AUDIT " subject=\"%s\" actor=\"%s\" detail=\"%s\"",
               kind, quote(subject, quoted[0]), quote(actor, quoted[1]),
               quote(detail, quoted[2]));
    if (err != STORE_OK)
        notice_log(rouse, APNS_LOG_ERROR, EVENT_AUDIT_LOST " err=%s",
                   store_err_name(err));
}

static void
count(struct notice_tally *tally, const struct flight *flight)
{
    tally->n++;
    snprintf(tally->reason, sizeof tally->reason, "%s", flight->reason);
    snprintf(tally->topic, sizeof tally->topic, "%s",
             flight->topic != NULL ? flight->topic->name : "");
}

void
notice_settled(struct rouse *rouse, const struct flight *flight)
{
    const struct store_settled *settled = &flight->settled;

    if (settled->effect == STORE_EFFECT_SUSPECT)
        count(&rouse->notices.suspect, flight);
    /* The same comparison as the store's: a newer token does not die. */
    if (settled->effect == STORE_EFFECT_DEAD &&
        (settled->died_at_ms == 0 ||
         flight->token_at_ms <= settled->died_at_ms))
        count(&rouse->notices.dead, flight);
}

void
notice_marked(struct rouse *rouse, const char *topic, uint64_t n)
{
    struct notice_tally *tally = &rouse->notices.suspect;

    tally->n += n;
    snprintf(tally->reason, sizeof tally->reason, "%s", "refused before");
    snprintf(tally->topic, sizeof tally->topic, "%s", topic);
}

static void
tell(struct rouse *rouse, struct notice_tally *tally, const char *kind,
     int64_t now_ms)
{
    char detail[160];

    if (tally->n == 0 || now_ms < tally->told_at_ms + NOTICE_TALLY_MS)
        return;
    snprintf(detail, sizeof detail, "%" PRIu64 " enrollments, last reason %s",
             tally->n, tally->reason);
    notice_event(rouse, kind, tally->topic, "rouse", detail);
    tally->n = 0;
    tally->told_at_ms = now_ms;
}

void
notice_run(struct rouse *rouse, int64_t now_ms)
{
    tell(rouse, &rouse->notices.dead, "enrollment.dead", now_ms);
    tell(rouse, &rouse->notices.suspect, "enrollment.suspect", now_ms);
}

int64_t
notice_next(const struct rouse *rouse)
{
    const struct notice_tally *dead = &rouse->notices.dead;
    const struct notice_tally *suspect = &rouse->notices.suspect;
    int64_t next_ms = INT64_MAX;

    if (dead->n > 0)
        next_ms = dead->told_at_ms + NOTICE_TALLY_MS;
    if (suspect->n > 0 && suspect->told_at_ms + NOTICE_TALLY_MS < next_ms)
        next_ms = suspect->told_at_ms + NOTICE_TALLY_MS;
    return next_ms;
}
