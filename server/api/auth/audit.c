/* SPDX-License-Identifier: MIT */
#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/utf8.h"
#include "server/api/api_private.h"
#include "server/api/request.h"

__attribute__((format(printf, 5, 0))) static void
write_row(const struct api *api, const char *actor, const char *kind,
          const char *subject, const char *format, va_list args)
{
    char who[AUTH_NAME_SIZE];
    char about[STORE_MAX_ID + 2];
    char detail[STORE_MAX_NOTE + 2];
    struct store_event event = {
        .kind = kind, .subject = about, .actor = who, .detail = detail};

    vsnprintf(detail, sizeof detail, format, args);
    detail[utf8_head(detail, STORE_MAX_NOTE)] = '\0';
    snprintf(about, sizeof about, "%s", subject);
    about[utf8_head(about, STORE_MAX_ID)] = '\0';
    snprintf(who, sizeof who, "%s", actor);
    who[utf8_head(who, STORE_MAX_NAME)] = '\0';
    if (api->is_closed ||
        store_event_add(api->store, &event, NULL, NULL) != STORE_OK)
        api_private_log(api, APNS_LOG_WARN, EVENT_AUDIT_LOST " kind=%s", kind);
}

void
audit_say(const struct api *api, const char *actor, const char *kind,
          const char *subject, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_row(api, actor, kind, subject, format, args);
    va_end(args);
}

void
audit_note(const struct request *request, const char *kind, const char *subject,
           const char *format, ...)
{
    char actor[AUTH_NAME_SIZE];
    va_list args;

    request_actor(request, actor);
    va_start(args, format);
    write_row(request->api, actor, kind, subject, format, args);
    va_end(args);
}
