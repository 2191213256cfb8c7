/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "apns/base/must.h"
#include "apns/http2/reply.h"

/* Any bytes as an answer's body: the reason stays one short word. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct reply_body body;
    bool is_read;

    memset(&body, 0x5a, sizeof body);
    is_read = reply_body_read((const char *)input, len, &body);
    must(memchr(body.reason, '\0', sizeof body.reason) != NULL);
    must(is_read == (body.reason[0] != '\0'));
    must(body.timestamp_ms >= 0);
    for (const char *at = body.reason; *at != '\0'; at++)
        must(*at > ' ' && *at < 0x7f && strchr("\"\\=", *at) == NULL);
    must(reply_classify(400, body.reason) < APNS_N_CLASSES);
    return 0;
}
