/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "server/certlife/certlife.h"
#include "tests/support/unit.h"

#define END INT64_C(1821350718) /* 2027-09-19 10:51:18 UTC */

static const struct apns_cert cert = {
    .topic = "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555",
    .serial = "1A2B3C4D5E6F7081",
    .not_after_unix = END,
};

TEST(guide_names_row_account_and_button)
{
    struct certlife_held held = {.cert = &cert,
                                 .n_enrollments = 3000,
                                 .apple_account = "it@school.example"};
    char *text =
        certlife_guide_text(&held, "request.plist", END - 86400 * 20 - 5);

    assert_non_null(strstr(text, "3000 enrollments"));
    assert_non_null(strstr(text, "20 whole days"));
    assert_non_null(strstr(text, "it@school.example and no other"));
    assert_non_null(strstr(text, cert.topic));
    assert_non_null(strstr(text, cert.serial));
    assert_non_null(strstr(text, "2027-09-19 (the portal may show "
                                 "2027-09-18)"));
    assert_non_null(strstr(text, "Press RENEW"));
    assert_non_null(strstr(text, "Not \"Create a Certificate\""));
    assert_non_null(strstr(text, "Not \"Revoke\""));
    assert_non_null(strstr(text, "Upload request.plist"));
    assert_non_null(strstr(text, "Sign out of every other Apple Account"));
    assert_non_null(strstr(text, "code to that account's phone"));
    assert_non_null(strstr(text, "Certificate Signing Request"));
    assert_non_null(strstr(text, "do not let the browser translate it"));
    free(text);
}

TEST(guide_says_what_is_not_known)
{
    struct certlife_held held = {.cert = &cert};
    char *text = certlife_guide_text(&held, NULL, END);

    assert_non_null(strstr(text, "none is recorded"));
    assert_non_null(strstr(text, "EXPIRED"));
    assert_non_null(strstr(text, "Upload the signed request"));
    free(text);
}

/* But for the command at the end, which is one line to copy. */
TEST(guide_fits_80_columns)
{
    struct certlife_held held = {.cert = &cert,
                                 .n_enrollments = 3000,
                                 .apple_account = "it@school.example"};
    char *text = certlife_guide_text(
        &held, "PushCertificateRequest-2027-08-30-2.plist", END - 86400);
    const char *line = text;

    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if (end - line > 80 && strstr(line, "rouse cert import") > end)
            fail_msg("%td columns: %.*s", end - line, (int)(end - line), line);
    free(text);
}
