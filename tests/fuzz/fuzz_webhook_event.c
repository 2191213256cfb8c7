/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"
#include "server/api/nano/webhook_event.h"
#include "server/engine/checkin/checkin_about.h"

/* Any bytes: never a crash, never an event that breaks its promises, alone
   and together with the plist in it. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_reason(const char *why, size_t size)
{
    must(memchr(why, '\0', size) != NULL);
    must(why[0] != '\0');
}

static void
check_id(const char *id)
{
    must(memchr(id, '\0', STORE_MAX_ID + 1) != NULL);
    for (; *id != '\0'; id++)
        must((unsigned char)*id >= 0x20 && *id != 0x7f);
}

static void
check_plist(const struct webhook_event *event)
{
    char detail[CHECKIN_PLIST_MAX_DETAIL] = "";
    struct checkin checkin;

    if (checkin_plist_read(event->plist, event->len, &checkin, detail) !=
        ROUSE_OK)
        return;
    if (checkin_about_apply(&event->about, &checkin, detail)) {
        must(detail[0] == '\0');
        must(checkin.id[0] != '\0');
        check_id(checkin.id);
        check_id(checkin.parent);
    } else {
        check_reason(detail, sizeof detail);
    }
    checkin_plist_fini(&checkin);
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char why[JSON_IN_WHY] = "";
    struct webhook_event event;
    json_t *json = json_in_load((const char *)input, len, why);

    if (json == NULL) {
        check_reason(why, sizeof why);
        return 0;
    }
    if (!webhook_event_read(json, &event, why)) {
        check_reason(why, sizeof why);
        must(!event.has_plist && event.plist == NULL);
    } else {
        must(event.has_plist == (event.plist != NULL));
        must(event.about.at_ms >= 0);
        if (event.has_plist)
            check_plist(&event);
    }
    free(event.plist);
    json_decref(json);
    return 0;
}
