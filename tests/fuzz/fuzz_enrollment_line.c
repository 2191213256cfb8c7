/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/json/enrollment_json.h"
#include "server/api/json/json_in.h"
#include "server/rouse.h"

/*
 * Any bytes as a line of a bulk import, and as the JSON of other requests:
 * what is taken keeps the store's limits, what is not is explained.
 */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_enrollment(const struct store_enrollment *it)
{
    must(it->id != NULL && *it->id != '\0' && strlen(it->id) <= STORE_MAX_ID);
    must(strlen(it->topic) <= STORE_MAX_TOPIC);
    must(strlen(it->serial) <= STORE_MAX_SERIAL);
    must(strlen(it->magic) <= STORE_MAX_MAGIC);
    must(it->token_len <= STORE_MAX_TOKEN);
    must(it->token_at_ms >= 0 && it->seen_at_ms >= 0);
    for (const char *at = it->id; *at != '\0'; at++)
        must((unsigned char)*at >= ' ' && *at != 0x7f);
    if (it->state == STORE_STATE_DISABLED)
        return;
    must(it->token_len > 0 && *it->topic != '\0' && *it->magic != '\0');
}

/* As wakes and waves read theirs. */
static void
read_others(const json_t *json)
{
    struct json_in in, filter;
    const json_t *object;
    size_t n;

    json_in_begin(&in, json);
    free((void *)json_in_strings(&in, "ids", ROUSE_MAX_IDS, STORE_MAX_ID, &n));
    (void)json_in_string(&in, "until", 64);
    must(json_in_int(&in, "deadline_s", 1, ROUSE_MAX_SPAN_S, 0) <=
         ROUSE_MAX_SPAN_S);
    must(json_in_int(&in, "pace", 0, ROUSE_MAX_PACE, 0) <= ROUSE_MAX_PACE);
    must(json_in_time(&in, "deadline") >= 0 || in.is_bad);
    (void)json_in_bool(&in, "all", false);
    if ((object = json_in_object(&in, "filter")) != NULL) {
        json_in_begin(&filter, object);
        (void)json_in_need(&filter, "topic", STORE_MAX_TOPIC);
        free((void *)json_in_strings(&filter, "kinds", STORE_N_KINDS, 64, &n));
        must(json_in_end(&filter) != (filter.why[0] != '\0'));
    }
    must(json_in_end(&in) != (in.why[0] != '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char why[JSON_IN_WHY] = "";
    struct enrollment_json read;
    struct json_in in;
    char *line = malloc(len + 1);
    json_t *json;

    must(line != NULL);
    memcpy(line, input, len);
    line[len] = '\0';
    json = json_in_load(line, len, why);
    must((json != NULL) != (why[0] != '\0'));
    if (json != NULL) {
        json_in_begin(&in, json);
        if (enrollment_json_in(&in, NULL, 1, &read))
            check_enrollment(&read.enrollment);
        else
            must(in.why[0] != '\0');
        read_others(json);
    }
    json_decref(json);
    free(line);
    return 0;
}
