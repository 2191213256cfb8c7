/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <inttypes.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <string.h>

#include "bench/sim/push/sim_request.h"
#include "sim_session.h"
#include "sim_uuid.h"

#define MAX_BLOCK   256  /* bytes of an answer's header block */
#define STATUS_200  0x88 /* indexed, out of HPACK's static table */
#define EMPTY_TABLE 0x20 /* a table size update to 0 */

/* What the client must hear once, if it wants a smaller table than there is
 * without a word. */
static uint8_t *
begin_block(struct session *session, uint8_t *to)
{
    if (session->is_table_small) {
        session->is_table_small = false;
        *to++ = EMPTY_TABLE;
    }
    return to;
}

/* A literal header without index or Huffman; both shorter than 127. */
static uint8_t *
put_literal(uint8_t *to, const char *name, const char *value, size_t len)
{
    size_t name_len = strlen(name);

    *to++ = 0x00;
    *to++ = (uint8_t)name_len;
    memcpy(to, name, name_len);
    to += name_len;
    *to++ = (uint8_t)len;
    memcpy(to, value, len);
    return to + len;
}

/* "apns-id", never indexed, and its value. */
static uint8_t *
put_own_id(uint8_t *to, const char *id)
{
    static const uint8_t name[] = {0x10, 0x85, 0x1d, 0x75, 0x21, 0x63, 0x49};
    size_t len;

    memcpy(to, name, sizeof name);
    to += sizeof name + 1;
    len = sim_uuid_code(to, id);
    to[-1] = (uint8_t)(0x80 | len);
    return to + len;
}

static void
put_headers(struct session *session, int32_t stream_id, uint8_t flags,
            const uint8_t *block, size_t len)
{
    memcpy(frame_put(&session->out, NGHTTP2_HEADERS,
                     (uint8_t)(NGHTTP2_FLAG_END_HEADERS | flags), stream_id,
                     len),
           block, len);
}

void
answer_accept(struct session *session, int32_t stream_id, const char *id)
{
    uint8_t block[MAX_BLOCK], *to = begin_block(session, block);

    *to++ = STATUS_200;
    to = put_own_id(to, id);
    put_headers(session, stream_id, NGHTTP2_FLAG_END_STREAM, block,
                (size_t)(to - block));
}

static uint8_t *
put_number(uint8_t *to, const char *name, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);

    return put_literal(to, name, text, (size_t)len);
}

void
answer_begin(struct session *session, struct request *request, const char *id)
{
    static const char json[] = "application/json";
    uint8_t block[MAX_BLOCK], *to;
    bool has_body = request->body_len > 0;
    bool is_echo = request->judged != NULL && judge_has_id(request->judged);

    if (request->status == 200 && !is_echo) {
        answer_accept(session, request->stream_id, id);
        return;
    }
    to = begin_block(session, block);
    to = put_number(to, ":status", request->status);
    to = put_literal(to, "apns-id", id, SIM_UUID_LEN);
    if (has_body)
        to = put_literal(to, "content-type", json, sizeof json - 1);
    if (request->retry_after_s >= 0)
        to = put_number(to, "retry-after", request->retry_after_s);
    put_headers(session, request->stream_id,
                has_body ? 0 : NGHTTP2_FLAG_END_STREAM, block,
                (size_t)(to - block));
}

bool
answer_go_on(struct session *session, struct request *request)
{
    int64_t left = request->body_len - request->body_sent, n = left;

    if (n > session->window)
        n = session->window;
    if (n > request->window)
        n = request->window;
    if (n > 0) {
        memcpy(frame_put(&session->out, NGHTTP2_DATA,
                         n == left ? NGHTTP2_FLAG_END_STREAM : 0,
                         request->stream_id, (size_t)n),
               request->body + request->body_sent, (size_t)n);
        session->window -= n;
        request->window -= n;
        request->body_sent = (uint8_t)(request->body_sent + n);
    }
    if (request->body_sent == request->body_len)
        return true;
    if (!request->is_answered) {
        request->is_answered = true;
        session->n_waiting++;
    }
    return false;
}
