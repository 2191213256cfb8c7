/* SPDX-License-Identifier: MIT */
#include <string.h>

#include <jansson.h>

#include "apns/base/must.h"
#include "apns/push/payload.h"

/* Any text as a magic: an independent JSON reader gets it back, and what is
 * refused is not UTF-8 for that reader either. */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    char out[PAYLOAD_MAX];
    char magic[APNS_MAX_MAGIC + 1];
    size_t out_len;
    json_t *text, *root;

    if (len > APNS_MAX_MAGIC)
        len = APNS_MAX_MAGIC;
    memcpy(magic, input, len);
    magic[len] = '\0';
    out_len = payload_write(out, sizeof out, magic);
    text = json_string(magic);
    must((text != NULL) == (out_len > 0));
    if (out_len > 0) {
        root = json_loadb(out, out_len, 0, NULL);
        must(json_object_size(root) == 1);
        must(json_equal(json_object_get(root, "mdm"), text));
        json_decref(root);
    }
    json_decref(text);
    return 0;
}
