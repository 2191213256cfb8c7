/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apns/apns.h"
#include "apns/base/must.h"

/* Any text as a token: what is read is written again as it was, in lower
 * case. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char hex[2 * APNS_MAX_TOKEN + 1];
    uint8_t token[APNS_MAX_TOKEN];
    size_t token_len = 0;
    char *text = malloc(len + 1);

    memcpy(text, input, len);
    text[len] = '\0';
    if (apns_token_read(text, token, &token_len) == APNS_OK) {
        must(token_len >= 1 && token_len <= APNS_MAX_TOKEN);
        apns_token_hex(token, token_len, hex);
        must(strcasecmp(hex, text) == 0);
        must(strpbrk(hex, "ABCDEF") == NULL);
    }
    free(text);
    return 0;
}
