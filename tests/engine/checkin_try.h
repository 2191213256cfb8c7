/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_CHECKIN_TRY_H
#define ROUSE_TESTS_CHECKIN_TRY_H

/*
 * Plists as text, and what becomes of one: for the tests of reading them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/engine/checkin/checkin_plist.h"

#define PROLOG                                                \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"            \
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" " \
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"   \
    "<plist version=\"1.0\">\n"
#define DICT(inside)       PROLOG "<dict>" inside "</dict>\n</plist>\n"
#define STRING(key, value) "<key>" key "</key>\n<string>" value "</string>\n"

#define UDID     "66ADE930-5FDF-5EC4-8429-15640684C489"
#define MAGIC    "3E9A5C24-2AF8-4B6B-9B5C-5F3B1C6B7D10"
#define TOPIC    "com.apple.mgmt.External.test"
#define UPDATE   STRING("MessageType", "TokenUpdate")
#define TOKEN    "<key>Token</key>\n<data>\nAAEC\n/v8=\n</data>\n"
#define THE_REST STRING("Topic", TOPIC) STRING("PushMagic", MAGIC) TOKEN
#define SHARED   "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"

/* The last reading. */
static struct checkin checkin;
static char detail[CHECKIN_PLIST_MAX_DETAIL];

static inline enum rouse_err
read_bytes(const void *plist, size_t len)
{
    /* An exact copy, so that a sanitizer sees one byte too many. */
    char *copy = malloc(len > 0 ? len : 1);
    enum rouse_err err;

    memcpy(copy, plist, len);
    memset(detail, 'x', sizeof detail);
    err = checkin_plist_read(copy, len, &checkin, detail);
    free(copy);
    assert_non_null(memchr(detail, '\0', sizeof detail));
    assert_int_equal(err == ROUSE_OK, detail[0] == '\0');
    if (err != ROUSE_OK)
        assert_string_equal(checkin.id, "");
    return err;
}

static inline enum rouse_err
read_xml(const char *xml)
{
    return read_bytes(xml, strlen(xml));
}

static inline void
assert_refused(const char *xml, const char *expected_detail)
{
    assert_int_equal(read_xml(xml), ROUSE_EPLIST);
    assert_string_equal(detail, expected_detail);
}

#endif /* ROUSE_TESTS_CHECKIN_TRY_H */
