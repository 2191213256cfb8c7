/* SPDX-License-Identifier: MIT */
#include "until.h"

#include <string.h>

static const char *const texts[] = {
    [ROUSE_UNTIL_ACCEPTED] = "accepted",
    [ROUSE_UNTIL_CHECK_IN] = "check-in",
};

const char *
until_text(enum rouse_until until)
{
    return texts[until];
}

enum rouse_until
until_read(struct json_in *in)
{
    const char *text = json_in_string(in, "until", 32);

    if (text == NULL || strcmp(text, texts[ROUSE_UNTIL_ACCEPTED]) == 0)
        return ROUSE_UNTIL_ACCEPTED;
    if (strcmp(text, texts[ROUSE_UNTIL_CHECK_IN]) != 0)
        json_in_fail(in, "until must be \"accepted\" or \"check-in\"");
    return ROUSE_UNTIL_CHECK_IN;
}
