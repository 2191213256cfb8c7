/* SPDX-License-Identifier: MIT */

/*
 * Heads of requests: what is understood, and what is refused as what.
 */

#include <stdlib.h>
#include <string.h>

#include "server/api/http/http_head.h"
#include "tests/support/unit.h"

#define LINE  "GET /a HTTP/1.1\r\n"
#define HOST  "Host: x\r\n"
#define START LINE HOST

/* On a copy of just its size, so that a sanitizer sees a byte too much; and
   into a head that was another's. */
static enum http_head_err
read_bytes(const char *bytes, size_t len, struct http_head *head, char **copy)
{
    struct http_head_scan scan = {0};
    enum http_head_err err;

    *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(*copy);
    memcpy(*copy, bytes, len);
    memset(head, 0xa5, sizeof *head);
    err = http_head_find(*copy, len, &scan);
    return err == HTTP_HEAD_OK ? http_head_read(*copy, &scan, head) : err;
}

static void
expect(const char *bytes, size_t len, enum http_head_err wanted)
{
    struct http_head head;
    char *copy;
    enum http_head_err err = read_bytes(bytes, len, &head, &copy);

    if (err != wanted)
        fail_msg("\"%s\": %d, not %d", bytes, err, wanted);
    free(copy);
}

#define EXPECT(text, err) expect("" text, sizeof text - 1, HTTP_HEAD_##err)

TEST(a_head_is_taken_apart)
{
    static const char text[] = "\r\nPOST /v1/wakes?a=1&b HTTP/1.1\r\n"
                               "host:  example:9000\t \r\n"
                               "Content-Length: 12\r\n"
                               "X-Empty:\r\n"
                               "Connection: keep-alive, Close\r\n"
                               "Expect: 100-continue\r\n\r\nbody";
    struct http_head head;
    char *copy;

    assert_int_equal(read_bytes(text, sizeof text - 1, &head, &copy),
                     HTTP_HEAD_OK);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.path, "/v1/wakes");
    assert_string_equal(head.query, "a=1&b");
    assert_string_equal(http_head_get(&head, "HOST"), "example:9000");
    assert_string_equal(http_head_get(&head, "x-empty"), "");
    assert_null(http_head_get(&head, "X-None"));
    assert_int_equal(head.length, 12);
    assert_true(head.has_length);
    assert_true(head.wants_close);
    assert_true(head.expects_go);
    assert_false(head.is_1_0);
    assert_true(http_head_has_body(&head));
    free(copy);
}

TEST(a_head_ends_wherever_it_is_cut)
{
    static const char text[] = START "X: y\r\n\r\nGET /b";
    size_t end = sizeof START "X: y\r\n\r\n" - 1;
    struct http_head_scan scan = {0};

    for (size_t len = 0; len < end; len++)
        assert_int_equal(http_head_find(text, len, &scan), HTTP_HEAD_PARTIAL);
    assert_int_equal(http_head_find(text, end, &scan), HTTP_HEAD_OK);
    assert_int_equal(scan.end, end);
    assert_int_equal(http_head_find(text, sizeof text - 1, &scan),
                     HTTP_HEAD_OK);
    assert_int_equal(scan.end, end);
}

TEST(request_lines_are_strict)
{
    EXPECT(START "\r\n", OK);
    EXPECT("", PARTIAL);
    EXPECT("\r\n\r\n", PARTIAL);
    EXPECT("\r\n\r\n\r\n\r\n\r\n", LINE);
    EXPECT("\x16\x03\x01\x02", LINE);
    EXPECT("\r\n\x16", LINE);
    EXPECT("NONSENSE\r\n\r\n", LINE);
    EXPECT("GET  /a HTTP/1.1\r\n" HOST "\r\n", LINE);
    EXPECT("GET /a  HTTP/1.1\r\n" HOST "\r\n", LINE);
    EXPECT("GET /a HTTP/1.1 \r\n" HOST "\r\n", VERSION);
    EXPECT("GET /a\r\n\r\n", LINE);
    EXPECT("GET /a FTP/1.1\r\n\r\n", LINE);
    EXPECT("G(T /a HTTP/1.1\r\n\r\n", LINE);
    EXPECT("GET\0 /a HTTP/1.1\r\n\r\n", LINE);
    EXPECT("GET /a HTTP/2.0\r\n\r\n", VERSION);
    EXPECT("GET /a HTTP/1.10\r\n\r\n", VERSION);
    EXPECT("GET a HTTP/1.1\r\n" HOST "\r\n", TARGET);
    EXPECT("GET /a\tb HTTP/1.1\r\n" HOST "\r\n", TARGET);
    EXPECT("GET /\x7f HTTP/1.1\r\n" HOST "\r\n", TARGET);
    EXPECT("GET /a\rb HTTP/1.1\r\n" HOST "\r\n", TARGET);
    EXPECT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", OK);
    EXPECT("GET /a HTTP/1.0\r\n\r\n", OK);
    EXPECT("GET /a HTTP/1.1\n", BARE_LF);
    EXPECT(LINE "Host: x\n\n", BARE_LF);
    EXPECT(START "\n", BARE_LF);
}

TEST(an_absolute_target_is_a_path)
{
    struct http_head head;
    char *copy;

    assert_int_equal(
        read_bytes("GET http://h:1/a?b HTTP/1.1\r\n" HOST "\r\n",
                   sizeof "GET http://h:1/a?b HTTP/1.1\r\n" HOST "\r\n" - 1,
                   &head, &copy),
        HTTP_HEAD_OK);
    assert_string_equal(head.path, "/a");
    assert_string_equal(head.query, "b");
    free(copy);
    EXPECT("GET http://host HTTP/1.1\r\n" HOST "\r\n", TARGET);
    /* A slash behind these is in no path. */
    EXPECT("GET http://host?a=/b HTTP/1.1\r\n" HOST "\r\n", TARGET);
    EXPECT("GET http://host#/b HTTP/1.1\r\n" HOST "\r\n", TARGET);
}

TEST(fields_are_strict)
{
    EXPECT(START "X : y\r\n\r\n", FIELD);
    EXPECT(START ": y\r\n\r\n", FIELD);
    EXPECT(START "X y\r\n\r\n", FIELD);
    EXPECT(START " X: y\r\n\r\n", FOLDED);
    EXPECT(START "X: y\r\n\tz\r\n\r\n", FOLDED);
    EXPECT(START "X: a\rb\r\n\r\n", CONTROL);
    EXPECT(START "X: a\r\r\n\r\n", CONTROL);
    EXPECT(START "X: a\0b\r\n\r\n", CONTROL);
    EXPECT(START "X: a\x7f\r\n\r\n", CONTROL);
    EXPECT(START "X: a\tb \xc3\xa4\r\n\r\n", OK);
}

TEST(what_could_be_read_in_two_ways_is_refused)
{
    EXPECT(LINE "\r\n", NO_HOST);
    EXPECT(START "host: x\r\n\r\n", TWO_HOSTS);
    EXPECT(START "Content-Length: 1\r\ncontent-length: 1\r\n\r\n", TWO_LENGTHS);
    EXPECT(START "Authorization: a\r\nAuthorization: a\r\n\r\n", TWO_KEYS);
    EXPECT(START "Content-Length: 1, 1\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length: -1\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length: +1\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length: 0x1\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length:\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length: 9999999999999999999\r\n\r\n", LENGTH);
    EXPECT(START "Content-Length: 999999999999999999\r\n\r\n", OK);
    EXPECT(START "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           BOTH);
    EXPECT(START "Transfer-Encoding: gzip, chunked\r\n\r\n", CODING);
    EXPECT(START "Transfer-Encoding: chunked\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n",
           CODING);
    EXPECT("GET /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", CODING);
    EXPECT(START "Expect: a-miracle\r\n\r\n", EXPECT);
}

/* ${n} bytes of 'x' between ${before} and ${behind}. */
static enum http_head_err
pad(const char *before, size_t n, const char *behind)
{
    size_t len = strlen(before) + n + strlen(behind);
    struct http_head head;
    char *text = malloc(len + 1);
    enum http_head_err err;
    char *copy;

    assert_non_null(text);
    memset(text, 'x', len);
    memcpy(text, before, strlen(before));
    memcpy(text + strlen(before) + n, behind, strlen(behind) + 1);
    err = read_bytes(text, len, &head, &copy);
    free(copy);
    free(text);
    return err;
}

TEST(sizes_have_limits)
{
    static const char rest[] = " HTTP/1.1\r\n" HOST "\r\n";
    char fields[HTTP_HEAD_MAX_FIELDS * 6 + 64] = START;
    struct http_head head;
    char *copy;

    assert_int_equal(pad("GET /", HTTP_HEAD_MAX_TARGET - 1, rest),
                     HTTP_HEAD_OK);
    assert_int_equal(pad("GET /", HTTP_HEAD_MAX_TARGET, rest),
                     HTTP_HEAD_TARGET_LONG);
    assert_int_equal(pad("GET /", 10 * HTTP_HEAD_MAX_TARGET, rest),
                     HTTP_HEAD_TARGET_LONG);
    assert_int_equal(pad("GET /", 2 * HTTP_HEAD_MAX_TARGET, ""),
                     HTTP_HEAD_TARGET_LONG);
    assert_int_equal(pad("GET /", HTTP_HEAD_MAX_TARGET - 100, ""),
                     HTTP_HEAD_PARTIAL);
    assert_int_equal(pad("", 100, " /a HTTP/1.1\r\n" HOST "\r\n"),
                     HTTP_HEAD_LINE);
    assert_int_equal(pad(START "X: ", HTTP_HEAD_MAX_BYTES - 16, "\r\n\r\n"),
                     HTTP_HEAD_OK);
    assert_int_equal(pad(START "X: ", HTTP_HEAD_MAX_BYTES, "\r\n\r\n"),
                     HTTP_HEAD_FIELDS_LONG);
    assert_int_equal(pad(START "X: ", HTTP_HEAD_MAX_BYTES, ""),
                     HTTP_HEAD_FIELDS_LONG);
    for (int i = 0; i < HTTP_HEAD_MAX_FIELDS; i++)
        strncat(fields, "X: y\r\n", sizeof fields - strlen(fields) - 1);
    strncat(fields, "\r\n", sizeof fields - strlen(fields) - 1);
    assert_int_equal(read_bytes(fields, strlen(fields), &head, &copy),
                     HTTP_HEAD_FIELDS_MANY);
    free(copy);
}

TEST(every_fault_has_words)
{
    for (int i = HTTP_HEAD_LINE; i < HTTP_HEAD_N_ERRORS; i++) {
        const struct http_head_fault *fault =
            http_head_fault((enum http_head_err)i);

        assert_true(fault->status >= 400);
        assert_true(strlen(fault->code) > 0 && strlen(fault->text) > 0);
        assert_string_not_equal(http_status_phrase(fault->status), "Status");
    }
}
