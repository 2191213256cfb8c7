/* SPDX-License-Identifier: MIT */
#include "checkin_about.h"

#include <stdio.h>
#include <string.h>

static bool
refuse(char *detail, const char *why)
{
    snprintf(detail, CHECKIN_PLIST_MAX_DETAIL, "%s", why);
    return false;
}

static bool
is_said(const char *text)
{
    return text != NULL && *text != '\0';
}

static const char *
type_words(enum store_checkin_type type)
{
    switch (type) {
    case STORE_CHECKIN_AUTHENTICATE:
        return "an Authenticate";
    case STORE_CHECKIN_TOKEN_UPDATE:
        return "a TokenUpdate";
    case STORE_CHECKIN_CHECK_OUT:
        return "a CheckOut";
    case STORE_CHECKIN_SEEN:
    default:
        return "of another type";
    }
}

static bool
is_type(const struct rouse_checkin_about *about, const struct checkin *read,
        char *detail)
{
    enum store_checkin_type type;

    if (!is_said(about->message_type))
        return true;
    type = checkin_plist_type(about->message_type);
    if (type == read->type)
        return true;
    snprintf(detail, CHECKIN_PLIST_MAX_DETAIL,
             "the plist is %s, and the event is %s", type_words(read->type),
             type_words(type));
    return false;
}

static bool
is_device(const struct rouse_checkin_about *about, const struct checkin *read,
          char *detail)
{
    bool has_udid = read->kind != STORE_KIND_USER_ENROLLMENT_DEVICE &&
                    read->kind != STORE_KIND_USER_ENROLLMENT;
    const char *id = read->parent[0] != '\0' ? read->parent : read->id;

    if (is_said(about->udid) && (!has_udid || strcmp(about->udid, id) != 0))
        return refuse(detail, "the plist's UDID is not the event's udid");
    if (is_said(about->enrollment_id) && !has_udid &&
        strcmp(about->enrollment_id, id) != 0)
        return refuse(
            detail,
            "the plist's EnrollmentID is not the event's enrollment_id");
    return true;
}

/* A kind that is not known yet leaves the plist's. */
static bool
take_ids(const struct rouse_checkin_about *about, struct checkin *read,
         char *detail)
{
    enum store_kind kind = read->kind;

    if (!is_said(about->id))
        return true;
    if (is_said(about->kind) && !store_kind_read(about->kind, &kind))
        kind = read->kind;
    read->kind = kind;
    if (!checkin_plist_id("ids.id", about->id, read->id, detail))
        return false;
    if (!store_kind_is_user(read->kind)) {
        read->parent[0] = '\0';
        return true;
    }
    if (is_said(about->parent))
        return checkin_plist_id("ids.parent_id", about->parent, read->parent,
                                detail);
    return read->parent[0] != '\0' ||
           refuse(detail, "ids.parent_id is missing; a user channel needs one");
}

bool
checkin_about_apply(const struct rouse_checkin_about *about,
                    struct checkin *read, char *detail)
{
    return is_type(about, read, detail) && is_device(about, read, detail) &&
           take_ids(about, read, detail);
}
