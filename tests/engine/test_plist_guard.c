/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <plist/plist.h>

#include "checkin_try.h"
#include "tests/support/unit.h"

TEST(what_is_no_plist_is_refused)
{
    static const char *const wrong[] = {
        "",
        " ",
        "<",
        "<>",
        "</",
        "<plist>",
        "<plist",
        "<plist></plist>",
        "<?xml",
        "<!--",
        "<![CDATA[",
        "<!DOCTYPE",
        "{\"MessageType\":\"TokenUpdate\"}",
        "{ UDID = \"u\"; }",
        "bplist00",
        "bplist",
        "hello",
        PROLOG,
        PROLOG "<dict>",
        PROLOG "<dict></plist></dict>",
        PROLOG "</dict></plist>",
        PROLOG "<dict><string>no key</string></dict></plist>",
        PROLOG "<dict><key>UDID</key></dict></plist>",
        PROLOG "<unknown/></plist>",
        "<html><body>404</body></html>",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(read_xml(wrong[i]), ROUSE_EPLIST);
    assert_int_equal(read_bytes("<plist\0<dict>", 13), ROUSE_EPLIST);
    assert_refused("</plist><plist>", "XML plist: an extra closing tag");
    assert_refused("<plist><plist>", "XML plist: truncated");
}

TEST(every_truncation_is_refused)
{
    static const char whole[] = DICT(UPDATE STRING("UDID", UDID) THE_REST);
    size_t len = sizeof whole - 1;

    assert_int_equal(read_bytes(whole, len), ROUSE_OK);
    for (size_t cut = 2; cut <= len; cut++)
        assert_int_equal(read_bytes(whole, len - cut), ROUSE_EPLIST);
}

TEST(oversized_ones_are_refused_unread)
{
    static char large[ROUSE_MAX_PLIST + 1];

    memset(large, ' ', sizeof large);
    memcpy(large, "<", 1);
    assert_int_equal(read_bytes(large, sizeof large), ROUSE_ETOOLARGE);
    assert_string_equal(detail, "the plist has 1048577 bytes, at most 1048576");
    assert_int_equal(read_bytes(large, ROUSE_MAX_PLIST), ROUSE_EPLIST);
}

/* A dict with a value that is ${n} arrays in one another. */
static char *
nested(size_t n)
{
    size_t size = 16 * n + 1024;
    char *xml = malloc(size);
    size_t len = (size_t)snprintf(xml, size,
                                  PROLOG "<dict>" UPDATE STRING("UDID", "u")
                                      THE_REST "<key>x</key>");

    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(xml + len, size - len, "<array>");
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(xml + len, size - len, "</array>");
    snprintf(xml + len, size - len, "</dict></plist>");
    return xml;
}

TEST(deep_nesting_is_refused)
{
    char *xml = nested(31);

    assert_int_equal(read_xml(xml), ROUSE_OK);
    free(xml);
    xml = nested(32);
    assert_refused(xml, "XML plist: nests deeper than 32");
    free(xml);
    xml = nested(60000);
    assert_int_equal(read_xml(xml), ROUSE_EPLIST);
    free(xml);
}

TEST(endless_elements_are_refused)
{
    size_t size = 900000, len;
    char *xml = malloc(size + 128);

    len = (size_t)snprintf(xml, size, PROLOG "<array>");
    while (len < size)
        len += (size_t)snprintf(xml + len, size + 128 - len, "<true/>");
    snprintf(xml + len, size + 128 - len, "</array></plist>");
    assert_refused(xml, "XML plist: more than 20000 elements");
    free(xml);
}

TEST(entity_bombs_are_refused)
{
    assert_refused("<?xml version=\"1.0\"?>\n<!DOCTYPE plist [\n"
                   "<!ENTITY a \"aaaaaaaaaa\">\n"
                   "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\n]>\n"
                   "<plist><dict><key>&b;</key><true/></dict></plist>",
                   "XML plist: a DOCTYPE with declarations of its own");
    assert_refused("<!DOCTYPE plist SYSTEM \"file:///etc/passwd\" ["
                   "<!ENTITY x SYSTEM \"file:///etc/passwd\">]><plist/>",
                   "XML plist: a DOCTYPE with declarations of its own");
    assert_refused("<!ENTITY x \"y\"><plist/>",
                   "XML plist: an unexpected declaration");
    /* One that nobody has defined. */
    assert_int_not_equal(read_xml(DICT(UPDATE STRING("UDID", "&x;") THE_REST)),
                         ROUSE_OK);
}

/*
 * Binary ones.
 */

TEST(binary_plists_are_read_like_xml)
{
    static const char xml[] =
        DICT(UPDATE STRING("UDID", UDID)
                 STRING("UserID", "\xc3\xa4\xe2\x82\xac") STRING("Topic", TOPIC)
                     TOKEN STRING("PushMagic", "a\"\\\xf0\x9f\x98\x80"));
    plist_t plist = NULL;
    char *binary = NULL;
    uint32_t len = 0;

    plist_from_xml(xml, sizeof xml - 1, &plist);
    plist_to_bin(plist, &binary, &len);
    assert_int_equal(read_bytes(binary, len), ROUSE_OK);
    assert_string_equal(checkin.id, UDID ":\xc3\xa4\xe2\x82\xac");
    assert_string_equal(checkin.magic, "a\"\\\xf0\x9f\x98\x80");
    assert_int_equal(checkin.token_len, 5);

    for (uint32_t cut = 1; cut <= len; cut++)
        assert_int_equal(read_bytes(binary, len - cut), ROUSE_EPLIST);
    for (uint32_t i = 0; i < len; i++) /* damage must do no harm */
        for (int bit = 0; bit < 8; bit++) {
            binary[i] ^= (char)(1 << bit);
            (void)read_bytes(binary, len);
            binary[i] ^= (char)(1 << bit);
        }
    free(binary);
    plist_free(plist);
}

/* Puts a binary plist together, with one byte per offset and reference. */
struct builder {
    uint8_t bytes[512];
    size_t len;
    uint8_t offsets[64];
    uint8_t n_objects;
};

static void
add_object(struct builder *builder, const char *bytes, size_t len)
{
    if (builder->n_objects == 0) {
        memcpy(builder->bytes, "bplist00", 8);
        builder->len = 8;
    }
    builder->offsets[builder->n_objects++] = (uint8_t)builder->len;
    memcpy(builder->bytes + builder->len, bytes, len);
    builder->len += len;
}

static enum rouse_err
read_built(struct builder *builder)
{
    size_t table = builder->len;
    uint8_t trailer[32] = {0};

    memcpy(builder->bytes + table, builder->offsets, builder->n_objects);
    trailer[6] = trailer[7] = 1;
    trailer[15] = builder->n_objects;
    trailer[30] = (uint8_t)(table >> 8);
    trailer[31] = (uint8_t)table;
    memcpy(builder->bytes + table + builder->n_objects, trailer, 32);
    return read_bytes(builder->bytes, table + builder->n_objects + 32);
}

TEST(binary_plist_that_contains_itself_is_refused)
{
    struct builder builder = {0};

    add_object(&builder, "\xd1\x01\x00", 3); /* {"k": itself} */
    add_object(&builder, "\x51k", 2);
    assert_int_equal(read_built(&builder), ROUSE_EPLIST);
    assert_string_equal(detail, "binary plist: nests deeper than 32");
}

/* Each of 30 arrays holds the next one twice: a billion objects. */
TEST(binary_plist_that_doubles_is_refused)
{
    struct builder builder = {0};

    for (char i = 1; i < 31; i++) {
        char array[3] = {(char)0xa2, i, i};

        add_object(&builder, array, 3);
    }
    add_object(&builder, "\x09", 1);
    assert_int_equal(read_built(&builder), ROUSE_EPLIST);
    assert_string_equal(detail, "binary plist: more than 20000 objects");
}

/* One string of 200 KiB, shared by a hundred members. */
TEST(binary_plist_that_unfolds_to_megabytes_is_refused)
{
    enum {
        N = 100,
        LEN = 200000
    };
    size_t len = 8, array, string, table;
    uint8_t *bytes = calloc(1, LEN + 1024);

    memcpy(bytes, "bplist00", 8);
    array = len;
    memcpy(bytes + len, "\xaf\x10", 2);
    bytes[len + 2] = N;
    memset(bytes + len + 3, 1, N);
    len += 3 + N;
    string = len;
    memcpy(bytes + len, "\x5f\x12\x00\x03\x0d\x40", 6);
    memset(bytes + len + 6, 'x', LEN);
    len += 6 + LEN;
    table = len;
    bytes[len + 3] = (uint8_t)array;
    bytes[len + 7] = (uint8_t)string;
    len += 8;
    bytes[len + 6] = 4;
    bytes[len + 7] = 1;
    bytes[len + 15] = 2;
    for (size_t i = 0; i < 4; i++)
        bytes[len + 31 - i] = (uint8_t)(table >> (8 * i));
    len += 32;
    assert_int_equal(read_bytes(bytes, len), ROUSE_EPLIST);
    assert_string_equal(detail, "binary plist: unfolds to more than 4 MiB");
    free(bytes);
}

TEST(damaged_binary_objects_are_named)
{
    static const struct {
        const char *object;
        size_t len;
        const char *detail;
    } cases[] = {
        {"\xd1\x07\x01", 3, "binary plist: a dangling reference"},
        {"\xd1\x01", 2, "binary plist: a truncated container"},
        {"\xaf\x13\xff\xff\xff\xff\xff\xff\xff\xff", 10,
         "binary plist: more than 20000 objects"},
        {"\xdf\x13\x80\x00\x00\x00\x00\x00\x00\x01", 10,
         "binary plist: more than 20000 objects"},
        {"\x4f\x13\xff\xff\xff\xff\xff\xff\xff\xff", 10,
         "binary plist: a value longer than the file"},
        {"\x6f\x13\x80\x00\x00\x00\x00\x00\x00\x01", 10,
         "binary plist: a value longer than the file"},
        {"\x5f\x40", 2, "binary plist: a length that is not an integer"},
        {"\x5f\x14", 2, "binary plist: a length that is not an integer"},
        {"\x5f\x13\x01", 3, "binary plist: truncated in a length"},
        {"\x15", 1, "binary plist: a number of unknown size"},
        {"\x21", 1, "binary plist: a number of unknown size"},
        {"\x32", 1, "binary plist: a number of unknown size"},
        {"\x88", 1, "binary plist: a number of unknown size"},
        {"\x00", 1, "binary plist: an object of unknown type"},
        {"\xc1\x00", 2, "binary plist: an object of unknown type"},
        {"\xf0", 1, "binary plist: an object of unknown type"},
        {"\xd1\x00\x00", 3, "binary plist: a key that is not a string"},
        {"\x55"
         "abcd",
         5, "binary plist: a value longer than the file"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct builder builder = {0};

        add_object(&builder, cases[i].object, cases[i].len);
        assert_int_equal(read_built(&builder), ROUSE_EPLIST);
        assert_string_equal(detail, cases[i].detail);
    }
}

/* {}, and true, which nothing refers to. */
static const char empty_dict[] = "bplist00"
                                 "\xd0\x09"             /* objects */
                                 "\x08\x09"             /* offsets */
                                 "\0\0\0\0\0\0\x01\x01" /* sizes */
                                 "\0\0\0\0\0\0\0\x02"   /* objects */
                                 "\0\0\0\0\0\0\0\0"     /* root */
                                 "\0\0\0\0\0\0\0";      /* table */
_Static_assert(sizeof empty_dict == 8 + 2 + 2 + 32, "the last byte is ours");

TEST(damaged_trailers_are_refused)
{
    static const struct {
        size_t at; /* from the end */
        uint8_t value;
    } cases[] = {{26, 0},    {26, 9}, {25, 0}, {25, 9},  {17, 0}, {17, 9},
                 {24, 0x80}, {9, 2},  {1, 7},  {1, 200}, {8, 1},  {8, 0xff}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[sizeof empty_dict];

        memcpy(bytes, empty_dict, sizeof bytes);
        bytes[sizeof bytes - 1] = 10; /* where the table is */
        assert_int_equal(read_bytes(bytes, sizeof bytes), ROUSE_EPLIST);
        assert_string_equal(detail, "MessageType and Status are both missing");
        bytes[sizeof bytes - cases[i].at] = cases[i].value;
        assert_int_equal(read_bytes(bytes, sizeof bytes), ROUSE_EPLIST);
        assert_non_null(strstr(detail, "trailer"));
    }
}

/* XML cannot hold a NUL; binary strings can, and must not be cut there. */
TEST(nul_in_a_binary_string_is_refused)
{
    struct builder builder = {0};

    add_object(&builder, "\xd2\x01\x02\x03\x04", 5);
    add_object(&builder, "\x54UDID", 5);
    add_object(&builder, "\x56Status", 7);
    add_object(&builder,
               "\x53"
               "a\0b",
               4);
    add_object(&builder, "\x54Idle", 5);
    assert_int_equal(read_built(&builder), ROUSE_EPLIST);
    assert_string_equal(detail, "binary plist: a string that holds a NUL");
    memcpy(builder.bytes + builder.offsets[3], "\x61\0\0", 3);
    assert_int_equal(read_built(&builder), ROUSE_EPLIST);
    assert_string_equal(detail, "binary plist: a string that holds a NUL");
    memcpy(builder.bytes + builder.offsets[3], "\x61\0x", 3);
    assert_int_equal(read_built(&builder), ROUSE_OK);
    assert_string_equal(checkin.id, "x");
}
