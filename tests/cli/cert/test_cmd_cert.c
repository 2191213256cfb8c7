/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cli/command.h"
#include "tests/support/unit.h"

#define CERT                                                                 \
    "{\"topic\":\"com.apple.mgmt.External.a\",\"state\":\"ready\",\"life\":" \
    "\"active\",\"last_test\":{\"at\":\"2026-11-21T12:00:00.000Z\",\"ok\":"  \
    "true,\"text\":\"BadDeviceToken\"},\"alert\":null,\"why\":"              \
    "\"\",\"days_left\":364,\"not_after\":\"2027-11-20T12:00:00.000Z\","     \
    "\"subject\":\"CN=APSP\",\"enrollments\":12,\"apple_account\":"          \
    "\"it@example.com\",\"imported_at\":\"2026-11-21T12:00:00.000Z\","       \
    "\"imported_by\":\"socket\"}"

ALL(command_use_utc, NULL);

TEST(certificates_are_listed_and_shown)
{
    struct command_setup list = {
        ANSWERS({.status = 200, .body = "{\"pushcerts\":[" CERT "]}"})};
    struct command_setup show = {ANSWERS({.status = 200, .body = CERT})};
    struct command_run run;

    command_do(&run, &list, "cert", "list");
    assert_string_equal(
        run.out, "TOPIC                      STATE  DAYS LEFT  ENROLLED  "
                 "APPLE ACCOUNT\n"
                 "com.apple.mgmt.External.a  ready        364        12  "
                 "it@example.com\n");
    command_fini(&run);
    command_do(&run, &show, "cert", "show", "com.apple.mgmt.External.a");
    assert_string_equal(run.requests[0].path,
                        "/v1/pushcerts/com.apple.mgmt.External.a");
    assert_non_null(strstr(run.out, "life              active\n"));
    assert_non_null(strstr(run.out, "last test         2026-11-21 12:00:00 "
                                    "UTC ok: BadDeviceToken\n"));
    assert_non_null(strstr(run.out, "days left         364\n"));
    assert_non_null(
        strstr(run.out, "imported          2026-11-21 12:00:00 UTC by socket"));
    command_fini(&run);
    command_do(&run, &show, "cert", "show", "x.t", "--json");
    assert_string_equal(run.out, CERT "\n");
    command_fini(&run);
}
