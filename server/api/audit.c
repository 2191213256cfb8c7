/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api_private.h"
#include "request.h"

/* What is cut must not end in half a character. */
static void
cut(char *text, size_t max)
{
    size_t len = strnlen(text, max);

    if (text[len] == '\0')
        return;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    text[len] = '\0';
}

void
audit_note(const struct request *request, const char *kind, const char *subject,
           const char *format, ...)
{
    const struct api *api = request->api;
    char actor[AUTH_NAME_SIZE];
    char about[STORE_MAX_ID + 2];
    char detail[STORE_MAX_NOTE + 2];
    struct store_event event = {
        .kind = kind, .subject = about, .actor = actor, .detail = detail};
    va_list args;

    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    cut(detail, STORE_MAX_NOTE);
    snprintf(about, sizeof about, "%s", subject);
    cut(about, STORE_MAX_ID);
    request_actor(request, actor);
    cut(actor, STORE_MAX_NAME);
    if (api->is_closed ||
        store_event_add(api->store, &event, NULL, NULL) != STORE_OK)
        api_private_log(api, APNS_LOG_WARN, "event=audit-lost kind=%s", kind);
}
