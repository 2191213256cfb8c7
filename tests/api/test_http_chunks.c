/* SPDX-License-Identifier: MIT */

/*
 * Chunked bodies, whole and in single bytes.
 */

#include <string.h>

#include "server/api/http/http_chunks.h"
#include "tests/support/unit.h"

#define MAX_BODY 64

/* Reads ${text} in pieces of ${step}; ${body} gets the data. Returns the
   state at the end, and how much was read. */
static enum http_chunks_state
read_all(const char *text, size_t len, size_t step, char *body, size_t *n_read)
{
    struct http_chunks chunks = {0};
    size_t at = 0, end = 0, n_body = 0;

    while (end < len) {
        end = end + step > len ? len : end + step;
        for (;;) {
            size_t n;

            at += http_chunks_skip(&chunks, text + at, end - at);
            if (chunks.state != HTTP_CHUNKS_DATA || at == end)
                break;
            n = chunks.left < end - at ? (size_t)chunks.left : end - at;
            assert_true(n_body + n < MAX_BODY);
            memcpy(body + n_body, text + at, n);
            n_body += n;
            at += n;
            http_chunks_take(&chunks, n);
        }
    }
    body[n_body] = '\0';
    *n_read = at;
    return chunks.state;
}

static void
expect(const char *text, size_t len, enum http_chunks_state state,
       const char *wanted, size_t rest)
{
    char body[MAX_BODY];
    size_t n_read;

    for (size_t step = 1; step <= len; step++) {
        assert_int_equal(read_all(text, len, step, body, &n_read), state);
        if (wanted == NULL)
            continue;
        assert_string_equal(body, wanted);
        assert_int_equal(n_read, len - rest);
    }
}

#define EXPECT(text, state, wanted, rest) \
    expect("" text, sizeof text - 1, HTTP_CHUNKS_##state, wanted, rest)

TEST(chunks_are_joined)
{
    EXPECT("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", END, "abc0123456789", 0);
    EXPECT("000b\r\nabcdefghijk\r\n0\r\n\r\nGET", END, "abcdefghijk", 3);
    EXPECT("1;a=b\r\nx\r\n0 ;c\r\nTrailer: y\r\nZ: 1\r\n\r\n", END, "x", 0);
    EXPECT("2\r\n\r\n\r\n0\r\n\r\n", END, "\r\n", 0);
    EXPECT("2\r\na", DATA, "a", 0);
    EXPECT("1\r\na\r\n0\r\n", TRAILER, "a", 0);
}

TEST(other_bytes_are_no_chunks)
{
    EXPECT("zz\r\n", BAD, NULL, 0);
    EXPECT("\r\n", BAD, NULL, 0);
    EXPECT("-1\r\n", BAD, NULL, 0);
    EXPECT("1\nx", BAD, NULL, 0);
    EXPECT("1\r\rx", BAD, NULL, 0);
    EXPECT("1\r\nxy\r\n", BAD, NULL, 0);
    EXPECT("1\r\nx\n", BAD, NULL, 0);
    EXPECT("1\r\nx\r\r", BAD, NULL, 0);
    EXPECT("1;\n", BAD, NULL, 0);
    EXPECT("0\r\nX: y\n", BAD, NULL, 0);
    EXPECT("0\r\nX: \0y", BAD, NULL, 0);
    EXPECT("0\r\n\n", BAD, NULL, 0);
    EXPECT("0\r\n\rx", BAD, NULL, 0);
    EXPECT("0\r\nX: y\rz", BAD, NULL, 0);
    EXPECT("1000000000000000\r\n", BAD, NULL, 0);
    EXPECT("fffffffffffffff\r\n", DATA, "", 0);
}

TEST(extensions_and_trailers_have_a_limit)
{
    struct http_chunks chunks = {0};
    char many[HTTP_CHUNKS_MAX_EXTRA + 1];

    memset(many, 'x', sizeof many);
    http_chunks_skip(&chunks, "0\r\n", 3);
    http_chunks_skip(&chunks, many, sizeof many - 1);
    assert_int_equal(chunks.state, HTTP_CHUNKS_TRAILER_LINE);
    http_chunks_skip(&chunks, many, 1);
    assert_int_equal(chunks.state, HTTP_CHUNKS_BAD);
}
