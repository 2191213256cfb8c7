/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "checkin_try.h"
#include "tests/support/unit.h"

TEST(token_update_of_a_device_is_read)
{
    assert_int_equal(
        read_xml(DICT(UPDATE STRING("UDID", UDID) THE_REST STRING(
            "SerialNumber", "C02XX") "<key>AwaitingConfiguration</key><false/>"
                                     "<key>UnlockToken</key><data>AAAA</data>"
                                     "<key>New</key><array><integer>5"
                                     "</integer></array>")),
        ROUSE_OK);
    assert_int_equal(checkin.type, STORE_CHECKIN_TOKEN_UPDATE);
    assert_int_equal(checkin.kind, STORE_KIND_DEVICE);
    assert_string_equal(checkin.message_type, "TokenUpdate");
    assert_string_equal(checkin.id, UDID);
    assert_string_equal(checkin.parent, "");
    assert_string_equal(checkin.topic, TOPIC);
    assert_string_equal(checkin.magic, MAGIC);
    assert_string_equal(checkin.serial, "C02XX");
    assert_int_equal(checkin.token_len, 5);
    assert_memory_equal(checkin.token, "\x00\x01\x02\xfe\xff", 5);
    checkin_plist_fini(&checkin);
    assert_string_equal(checkin.magic, "");
    assert_int_equal(checkin.token[4], 0);
}

TEST(ids_and_kinds_are_nanomdms)
{
    static const struct {
        const char *keys;
        enum store_kind kind;
        const char *id;
        const char *parent;
    } cases[] = {
        {STRING("UDID", "u"), STORE_KIND_DEVICE, "u", ""},
        {STRING("UDID", "u") STRING("UserID", "a"), STORE_KIND_USER, "u:a",
         "u"},
        {STRING("UDID", "u") STRING("UserID", "a")
             STRING("UserShortName", "short"),
         STORE_KIND_USER, "u:a", "u"},
        {STRING("UDID", "u") STRING("UserID", SHARED)
             STRING("UserShortName", "kid@example.com"),
         STORE_KIND_SHARED_IPAD, "u:kid@example.com", "u"},
        {STRING("EnrollmentID", "e"), STORE_KIND_USER_ENROLLMENT_DEVICE, "e",
         ""},
        {STRING("EnrollmentID", "e") STRING("EnrollmentUserID", "f"),
         STORE_KIND_USER_ENROLLMENT, "e:f", "e"},
        /* UDID wins; the other pair is not looked at. */
        {STRING("EnrollmentID", "e") STRING("EnrollmentUserID", "f")
             STRING("UDID", "u"),
         STORE_KIND_DEVICE, "u", ""},
        /* An empty key is as good as none. */
        {STRING("UDID", "") STRING("EnrollmentID", "e"),
         STORE_KIND_USER_ENROLLMENT_DEVICE, "e", ""},
        {STRING("UDID", "u") STRING("UserID", ""), STORE_KIND_DEVICE, "u", ""},
        /* As they come: case, blanks, colons. */
        {STRING("UDID", " aBc:d "), STORE_KIND_DEVICE, " aBc:d ", ""},
        {STRING("UDID", "u") STRING("UserID", "ffffffff-ffff-ffff-ffff-"
                                              "ffffffffffff"),
         STORE_KIND_USER, "u:ffffffff-ffff-ffff-ffff-ffffffffffff", "u"},
    };
    char xml[2048];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(xml, sizeof xml,
                 PROLOG "<dict>" UPDATE THE_REST "%s</dict></plist>",
                 cases[i].keys);
        assert_int_equal(read_xml(xml), ROUSE_OK);
        assert_int_equal(checkin.kind, cases[i].kind);
        assert_string_equal(checkin.id, cases[i].id);
        assert_string_equal(checkin.parent, cases[i].parent);
    }
}

TEST(authenticate_needs_no_token_nor_topic)
{
    assert_int_equal(
        read_xml(DICT(STRING("MessageType", "Authenticate") STRING("UDID", UDID)
                          STRING("SerialNumber", "S1") STRING("Topic", TOPIC))),
        ROUSE_OK);
    assert_int_equal(checkin.type, STORE_CHECKIN_AUTHENTICATE);
    assert_string_equal(checkin.serial, "S1");
    assert_string_equal(checkin.topic, TOPIC);
    assert_int_equal(checkin.token_len, 0);
    assert_int_equal(read_xml(DICT(STRING("MessageType", "Authenticate")
                                       STRING("UDID", UDID))),
                     ROUSE_OK);
}

TEST(check_out_is_read)
{
    assert_int_equal(read_xml(DICT(STRING("MessageType", "CheckOut") STRING(
                         "EnrollmentID", "e") STRING("Topic", TOPIC))),
                     ROUSE_OK);
    assert_int_equal(checkin.type, STORE_CHECKIN_CHECK_OUT);
    assert_int_equal(checkin.kind, STORE_KIND_USER_ENROLLMENT_DEVICE);
}

TEST(everything_else_is_a_sighting)
{
    static const char *const types[] = {
        "UserAuthenticate",  "DeclarativeManagement", "GetToken",
        "GetBootstrapToken", "SetBootstrapToken",     "ReturnToService",
        "tokenupdate",       "SomethingNew"};
    char xml[1024];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        /* Token and Topic of a foreign type are none of our business. */
        snprintf(xml, sizeof xml,
                 DICT(STRING("MessageType", "%s") STRING("UDID", "u") STRING(
                     "UserID", "v") "<key>Token</key><true/>"
                                    "<key>SerialNumber</key><integer>1"
                                    "</integer>"),
                 types[i]);
        assert_int_equal(read_xml(xml), ROUSE_OK);
        assert_int_equal(checkin.type, STORE_CHECKIN_SEEN);
        assert_string_equal(checkin.message_type, types[i]);
        assert_string_equal(checkin.id, "u:v");
    }
}

TEST(command_responses_are_sightings)
{
    assert_int_equal(
        read_xml(DICT(STRING("Status", "Idle") STRING("UDID", UDID))),
        ROUSE_OK);
    assert_int_equal(checkin.type, STORE_CHECKIN_SEEN);
    assert_string_equal(checkin.message_type, "");
    assert_int_equal(
        read_xml(DICT(STRING("CommandUUID", "c") STRING(
            "Status", "Acknowledged") STRING("EnrollmentID", "e")
                          STRING("EnrollmentUserID", "f") "<key>X</key><array>"
                                                          "<dict/></array>")),
        ROUSE_OK);
    assert_string_equal(checkin.id, "e:f");
}

TEST(magic_may_hold_any_character)
{
    assert_int_equal(
        read_xml(DICT(
            UPDATE STRING("UDID", UDID) STRING("Topic", TOPIC) TOKEN STRING(
                "PushMagic", "a\"b\\c&amp;&lt;&#9;\xc3\xa4\xe2\x82\xac"
                             "\xf0\x9f\x98\x80"))),
        ROUSE_OK);
    assert_string_equal(checkin.magic,
                        "a\"b\\c&<\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_int_equal(
        read_xml(DICT(UPDATE STRING("UDID", UDID) STRING("Topic", TOPIC)
                          TOKEN STRING("PushMagic", "<![CDATA[<dict>&x;]]>"))),
        ROUSE_OK);
    assert_string_equal(checkin.magic, "<dict>&x;");
}

TEST(missing_keys_are_named)
{
    assert_refused(DICT(STRING("UDID", UDID)),
                   "MessageType and Status are both missing");
    assert_refused(DICT(""), "MessageType and Status are both missing");
    assert_refused(DICT(STRING("MessageType", "") STRING("UDID", UDID)),
                   "MessageType is empty");
    assert_refused(DICT(UPDATE THE_REST),
                   "UDID and EnrollmentID are both missing");
    assert_refused(
        DICT(UPDATE STRING("UDID", "u") STRING("UserID", SHARED) THE_REST),
        "UserShortName is missing");
    assert_refused(DICT(UPDATE STRING("UDID", "u") STRING("Topic", TOPIC)
                            STRING("PushMagic", MAGIC)),
                   "Token is missing");
    assert_refused(
        DICT(UPDATE STRING("UDID", "u") STRING("PushMagic", MAGIC) TOKEN),
        "Topic is missing");
    assert_refused(
        DICT(UPDATE STRING("UDID", "u") STRING("Topic", TOPIC) TOKEN),
        "PushMagic is missing");
    assert_refused(DICT(UPDATE STRING("UDID", "u") STRING("Topic", TOPIC)
                            TOKEN STRING("PushMagic", "")),
                   "PushMagic is empty");
}

TEST(wrong_types_are_named)
{
    assert_refused(DICT("<key>MessageType</key><integer>3</integer>"),
                   "MessageType is an integer, not a string");
    assert_refused(DICT(UPDATE "<key>UDID</key><data>AAAA</data>" THE_REST),
                   "UDID is data, not a string");
    assert_refused(DICT(UPDATE STRING("UDID", "u") "<key>UserID</key><dict/>"),
                   "UserID is a dict, not a string");
    assert_refused(DICT(UPDATE STRING("UDID", "u") STRING("Topic", TOPIC)
                            STRING("Token", "AAAA") STRING("PushMagic", MAGIC)),
                   "Token is a string, not data");
    assert_refused(DICT(UPDATE STRING("UDID", "u") STRING("Topic", TOPIC) TOKEN
                        "<key>PushMagic</key><true/>"),
                   "PushMagic is a boolean, not a string");
    assert_refused(
        DICT(UPDATE STRING("UDID", "u") "<key>Topic</key><array/>" TOKEN),
        "Topic is an array, not a string");
    assert_refused(PROLOG "<array><string>x</string></array></plist>",
                   "the plist is an array, not a dict");
    assert_refused(PROLOG "<string>x</string></plist>",
                   "the plist is a string, not a dict");
}

/* A plist with ${n} characters in ${key} beside what a TokenUpdate needs. */
static char *
with_long(const char *key, const char *open, size_t n, const char *close,
          const char *rest)
{
    size_t size = n + 2048;
    char *xml = malloc(size), *fill = malloc(n + 1);

    memset(fill, 'A', n);
    fill[n] = '\0';
    snprintf(xml, size,
             PROLOG "<dict>" UPDATE "%s<key>%s</key>%s%s%s</dict></plist>",
             rest, key, open, fill, close);
    free(fill);
    return xml;
}

TEST(limits_are_named)
{
    static const struct {
        const char *key;
        size_t max;
        const char *rest;
    } cases[] = {
        {"UDID", STORE_MAX_ID, THE_REST},
        {"EnrollmentID", STORE_MAX_ID, THE_REST},
        {"PushMagic", STORE_MAX_MAGIC,
         STRING("UDID", "u") STRING("Topic", TOPIC) TOKEN},
        {"Topic", STORE_MAX_TOPIC,
         STRING("UDID", "u") STRING("PushMagic", MAGIC) TOKEN},
        {"SerialNumber", STORE_MAX_SERIAL, STRING("UDID", "u") THE_REST},
    };
    char expected[128];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *xml = with_long(cases[i].key, "<string>", cases[i].max,
                              "</string>", cases[i].rest);

        assert_int_equal(read_xml(xml), ROUSE_OK);
        free(xml);
        xml = with_long(cases[i].key, "<string>", cases[i].max + 1, "</string>",
                        cases[i].rest);
        snprintf(expected, sizeof expected, "%s has %zu bytes, at most %zu",
                 cases[i].key, cases[i].max + 1, cases[i].max);
        assert_refused(xml, expected);
        free(xml);
    }
}

TEST(joined_id_is_bounded)
{
    char *xml = with_long("UserID", "<string>", STORE_MAX_ID - 2, "</string>",
                          STRING("UDID", "u") THE_REST);

    assert_int_equal(read_xml(xml), ROUSE_OK);
    assert_int_equal(strlen(checkin.id), STORE_MAX_ID);
    free(xml);
    xml = with_long("UserID", "<string>", STORE_MAX_ID - 1, "</string>",
                    STRING("UDID", "u") THE_REST);
    assert_refused(xml, "the id made of device and UserID has 512 bytes, "
                        "at most 511");
    free(xml);
}

TEST(empty_and_huge_tokens_are_refused)
{
    static const char rest[] =
        STRING("UDID", "u") STRING("Topic", TOPIC) STRING("PushMagic", MAGIC);
    char *xml;

    xml = with_long("Token", "<data>", 0, "</data>", rest);
    assert_refused(xml, "Token is empty");
    free(xml);
    xml = with_long("Token", "<data>", 5464, "</data>", rest);
    assert_refused(xml, "Token has 4098 bytes, at most 256");
    free(xml);
    xml = with_long("Token", "<data>", 343, "=</data>", rest);
    assert_refused(xml, "Token has 257 bytes, at most 256");
    free(xml);
    xml = with_long("Token", "<data>", 342, "==</data>", rest);
    assert_int_equal(read_xml(xml), ROUSE_OK);
    assert_int_equal(checkin.token_len, 256);
    free(xml);
}

TEST(odd_characters_are_refused_where_they_hurt)
{
    assert_refused(
        DICT(UPDATE STRING("UDID", "a&#10;b") THE_REST),
        "UDID contains a character that is not allowed: U+000A at byte 1");
    assert_refused(
        DICT(UPDATE STRING("UDID", "a\x7f") THE_REST),
        "UDID contains a character that is not allowed: U+007F at byte 1");
    assert_refused(
        DICT(UPDATE STRING("UDID", "a\xc2\x85") THE_REST),
        "UDID contains a character that is not allowed: U+0085 at byte 1");
    assert_refused(DICT(UPDATE STRING("UDID", "u\xff") THE_REST),
                   "UDID is not UTF-8");
    assert_refused(DICT(UPDATE STRING("UDID", "u") TOKEN STRING(
                       "PushMagic", "\xed\xa0\x80") STRING("Topic", TOPIC)),
                   "PushMagic is not UTF-8");
    assert_refused(DICT(UPDATE STRING("UDID", "u") TOKEN STRING(
                       "PushMagic", "\xc0\xaf") STRING("Topic", TOPIC)),
                   "PushMagic is not UTF-8");
    assert_refused(
        DICT(UPDATE STRING("UDID", "u") TOKEN STRING("PushMagic", MAGIC)
                 STRING("Topic", "a b")),
        "Topic contains a character that is not allowed: U+0020 at byte 1");
    assert_int_equal(read_xml(DICT(UPDATE STRING("UDID", "\xc3\xa4") THE_REST)),
                     ROUSE_OK);
}
