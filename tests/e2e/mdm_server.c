/* SPDX-License-Identifier: MIT */
#include "mdm_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <openssl/evp.h>

static char *
base64(const char *text)
{
    size_t len = strlen(text);
    unsigned char *out = malloc(len / 3 * 4 + 5);

    if (out == NULL)
        fail_msg("out of memory");
    EVP_EncodeBlock(out, (const unsigned char *)text, (int)len);
    return (char *)out;
}

static void
say_time(const struct mdm_server_event *event, char out[64])
{
    time_t seconds = (time_t)(event->created_ms / 1000);
    struct tm tm;

    if (event->created != NULL) {
        snprintf(out, 64, "%s", event->created);
        return;
    }
    gmtime_r(&seconds, &tm);
    strftime(out, 64, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + strlen(out), 16, ".%03dZ", (int)(event->created_ms % 1000));
}

char *
mdm_server_event(const struct mdm_server_event *event)
{
    char *payload = base64(event->plist);
    char created[64], tally[64] = "";
    char *body;

    say_time(event, created);
    if (event->tally != 0)
        snprintf(tally, sizeof tally, "\"token_update_tally\":%d,",
                 event->tally);
    if (asprintf(&body,
                 "{\"%s\":{\"ids\":{\"id\":\"%s\",\"type\":\"Device\"},"
                 "\"raw_payload\":\"%s\",%s\"udid\":\"%s\"},"
                 "\"created_at\":\"%s\",\"event_id\":\"x\",\"topic\":\"%s\"}",
                 strcmp(event->topic, "mdm.Connect") == 0 ? "acknowledge_event"
                                                          : "checkin_event",
                 event->id == NULL ? event->udid : event->id, payload, tally,
                 event->udid, created, event->topic) < 0)
        fail_msg("out of memory");
    free(payload);
    return body;
}
