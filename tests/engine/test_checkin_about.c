/* SPDX-License-Identifier: MIT */

/*
 * What an MDM server says of a check-in beside its plist.
 */

#include "server/engine/checkin/checkin_about.h"

#include "checkin_try.h"
#include "tests/support/unit.h"

#define DEVICE_PLIST DICT(UPDATE STRING("UDID", UDID) THE_REST)
#define USER_PLIST \
    DICT(UPDATE STRING("UDID", UDID) STRING("UserID", "u") THE_REST)
#define PRIVATE_PLIST DICT(UPDATE STRING("EnrollmentID", "e") THE_REST)
#define RESPONSE      DICT(STRING("Status", "Idle") STRING("UDID", UDID))

static void
expect(const char *plist, const struct rouse_checkin_about *about,
       const char *refusal)
{
    assert_int_equal(read_xml(plist), ROUSE_OK);
    detail[0] = '\0';
    assert_int_equal(checkin_about_apply(about, &checkin, detail),
                     *refusal == '\0');
    assert_string_equal(detail, refusal);
}

#define ABOUT(...) (&(struct rouse_checkin_about){__VA_ARGS__})

TEST(what_agrees_is_taken)
{
    expect(DEVICE_PLIST, ABOUT(.at_ms = 0), "");
    expect(DEVICE_PLIST, ABOUT(.udid = UDID, .message_type = "TokenUpdate"),
           "");
    expect(USER_PLIST, ABOUT(.udid = UDID), "");
    expect(PRIVATE_PLIST, ABOUT(.enrollment_id = "e"), "");
    /* Where there is a UDID the other one is not looked at. */
    expect(DEVICE_PLIST, ABOUT(.udid = UDID, .enrollment_id = "e"), "");
    expect(RESPONSE, ABOUT(.udid = UDID, .message_type = "Connect"), "");
    /* Nobody knows all the messages that there will be. */
    expect(RESPONSE, ABOUT(.message_type = "Something"), "");
}

TEST(what_contradicts_the_plist_is_refused)
{
    static const char *const other = "the plist's UDID is not the event's udid";

    expect(DEVICE_PLIST, ABOUT(.udid = "other"), other);
    expect(USER_PLIST, ABOUT(.udid = UDID ":u"), other);
    expect(PRIVATE_PLIST, ABOUT(.udid = "e"), other);
    expect(PRIVATE_PLIST, ABOUT(.enrollment_id = "f"),
           "the plist's EnrollmentID is not the event's enrollment_id");
    expect(DEVICE_PLIST, ABOUT(.message_type = "Authenticate"),
           "the plist is a TokenUpdate, and the event is an Authenticate");
    expect(DEVICE_PLIST, ABOUT(.message_type = "Connect"),
           "the plist is a TokenUpdate, and the event is of another type");
    expect(RESPONSE, ABOUT(.message_type = "CheckOut"),
           "the plist is of another type, and the event is a CheckOut");
}

TEST(the_servers_own_id_counts)
{
    expect(DEVICE_PLIST, ABOUT(.id = UDID, .kind = "Device"), "");
    assert_string_equal(checkin.id, UDID);
    expect(DEVICE_PLIST, ABOUT(.udid = UDID, .id = "own", .kind = "Device"),
           "");
    assert_string_equal(checkin.id, "own");
    assert_string_equal(checkin.parent, "");
    expect(USER_PLIST, ABOUT(.id = "own.u", .parent = "own", .kind = "User"),
           "");
    assert_string_equal(checkin.id, "own.u");
    assert_string_equal(checkin.parent, "own");
    assert_int_equal(checkin.kind, STORE_KIND_USER);
    expect(USER_PLIST, ABOUT(.id = "own", .kind = "Device"), "");
    assert_string_equal(checkin.parent, "");
    assert_int_equal(checkin.kind, STORE_KIND_DEVICE);
    /* A kind that is not known yet leaves what the plist says. */
    expect(USER_PLIST, ABOUT(.id = "own", .kind = "Toaster"), "");
    assert_string_equal(checkin.parent, UDID);
    assert_int_equal(checkin.kind, STORE_KIND_USER);
}

TEST(ids_have_their_shape)
{
    char wide[STORE_MAX_ID + 2];

    memset(wide, 'x', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    expect(DEVICE_PLIST, ABOUT(.id = wide),
           "ids.id has 512 bytes, at most 511");
    expect(DEVICE_PLIST, ABOUT(.id = "a\nb"),
           "ids.id contains a character that is not allowed: U+000A at byte 1");
    expect(DEVICE_PLIST, ABOUT(.id = "a", .kind = "User"),
           "ids.parent_id is missing; a user channel needs one");
    expect(USER_PLIST, ABOUT(.id = "a", .parent = "\x7f", .kind = "User"),
           "ids.parent_id contains a character that is not allowed: U+007F at "
           "byte 0");
}
