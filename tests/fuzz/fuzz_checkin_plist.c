/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/must.h"
#include "server/engine/checkin/checkin_plist.h"

/* Any bytes: never a crash, never a check-in that breaks its promises. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_text(const char *text, size_t size)
{
    const char *end = memchr(text, '\0', size);

    must(end != NULL);
    for (const char *at = text; at < end; at++)
        must((unsigned char)*at >= 0x20 && *at != 0x7f);
}

static void
check(const struct checkin *checkin)
{
    bool is_update = checkin->type == STORE_CHECKIN_TOKEN_UPDATE;
    bool is_user = checkin->kind == STORE_KIND_USER ||
                   checkin->kind == STORE_KIND_SHARED_IPAD ||
                   checkin->kind == STORE_KIND_USER_ENROLLMENT;

    check_text(checkin->id, sizeof checkin->id);
    check_text(checkin->parent, sizeof checkin->parent);
    check_text(checkin->serial, sizeof checkin->serial);
    check_text(checkin->topic, sizeof checkin->topic);
    check_text(checkin->message_type, sizeof checkin->message_type);
    must(memchr(checkin->magic, '\0', sizeof checkin->magic) != NULL);
    must(checkin->id[0] != '\0');
    must(is_user == (checkin->parent[0] != '\0'));
    must(!is_user || strlen(checkin->id) > strlen(checkin->parent) + 1);
    must(checkin->token_len <= sizeof checkin->token);
    must(is_update == (checkin->token_len > 0));
    must(is_update == (checkin->magic[0] != '\0'));
    must(!is_update || checkin->topic[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char detail[CHECKIN_PLIST_MAX_DETAIL];
    struct checkin checkin;

    memset(detail, 'x', sizeof detail);
    switch (checkin_plist_read(input, len, &checkin, detail)) {
    case ROUSE_OK:
        check(&checkin);
        must(detail[0] == '\0');
        break;
    case ROUSE_EPLIST:
        must(detail[0] != '\0');
        must(checkin.id[0] == '\0');
        break;
    default:
        must(len > ROUSE_MAX_PLIST);
    }
    check_text(detail, sizeof detail);
    checkin_plist_fini(&checkin);
    return 0;
}
