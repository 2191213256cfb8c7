/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "server/api/gate.h"
#include "server/api/http/http_chunks.h"
#include "server/api/http/http_head.h"

/*
 * Any bytes as a request: its head is found at the same place however it is
 * cut, and what is taken apart holds no control character; what comes behind
 * it as a chunked body.
 */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len);

static void
check_head(const struct http_head *head)
{
    must(head->path[0] == '/' || strcmp(head->path, "*") == 0);
    must(head->n_fields <= HTTP_HEAD_MAX_FIELDS);
    must(!head->is_chunked || (!head->has_length && !head->is_1_0));
    must(head->has_length || head->length == 0);
    for (size_t i = 0; i < head->n_fields; i++) {
        must(head->fields[i].name[0] != '\0');
        for (const char *at = head->fields[i].value; *at != '\0'; at++)
            must((unsigned char)*at >= ' ' || *at == '\t');
    }
}

static void
read_chunks(const char *bytes, size_t len)
{
    struct http_chunks chunks = {0};
    size_t at = 0;

    while (at < len) {
        size_t n = http_chunks_skip(&chunks, bytes + at, len - at);

        at += n;
        must(at <= len);
        if (chunks.state != HTTP_CHUNKS_DATA)
            break;
        n = chunks.left < len - at ? (size_t)chunks.left : len - at;
        http_chunks_take(&chunks, n);
        at += n;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct http_head_scan whole = {0}, cut = {0};
    enum http_head_err err, cut_err = HTTP_HEAD_PARTIAL;
    struct http_head head;
    char *bytes = malloc(len + 1);

    must(bytes != NULL);
    memcpy(bytes, input, len);
    err = http_head_find(bytes, len, &whole);
    for (size_t n = 0; n <= len && cut_err == HTTP_HEAD_PARTIAL; n++)
        cut_err = http_head_find(bytes, n, &cut);
    must((err == HTTP_HEAD_OK) == (cut_err == HTTP_HEAD_OK));
    if (err == HTTP_HEAD_OK) {
        must(whole.end == cut.end && whole.end <= len);
        read_chunks(bytes + whole.end, len - whole.end);
        if (http_head_read(bytes, &whole, &head) == HTTP_HEAD_OK) {
            check_head(&head);
            must(gate_unescape(head.path) <= len);
        }
    }
    free(bytes);
    return 0;
}
