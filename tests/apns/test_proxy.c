/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apns/link/proxy.h"
#include "tests/support/unit.h"

static struct proxy proxy;

static void
check_url(const char *url, const char *host, uint16_t port, const char *login)
{
    assert_int_equal(proxy_read_url(url, &proxy), APNS_OK);
    assert_string_equal(proxy.host, host);
    assert_int_equal(proxy.port, port);
    assert_string_equal(proxy.login, login);
}

TEST(urls_are_read)
{
    check_url("http://proxy", "proxy", 3128, "");
    check_url("http://proxy/", "proxy", 3128, "");
    check_url("http://proxy:8080", "proxy", 8080, "");
    check_url("http://10.0.0.1:80/", "10.0.0.1", 80, "");
    check_url("http://[2001:db8::1]:3128", "2001:db8::1", 3128, "");
    check_url("http://[::1]", "::1", 3128, "");
    check_url("http://user:pass@proxy", "proxy", 3128, "dXNlcjpwYXNz");
    check_url("http://u%40x:p%3ass@h:1", "h", 1, "dUB4OnA6c3M=");
}

TEST(broken_urls_are_refused)
{
    static const char *const urls[] = {
        "",           "proxy",          "https://proxy",   "http://",
        "http://:80", "http://a:0",     "http://a:65536",  "http://a:8x",
        "http://a:",  "http://[::1",    "http://[::1]x",   "http://a b",
        "http://a/x", "http://%4@host", "http://%00@host", "http://u%0a@host",
        "http://[]",
    };

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        assert_int_equal(proxy_read_url(urls[i], &proxy), APNS_EINVAL);
}

TEST(too_long_parts_are_refused)
{
    char url[2048];

    memset(url, 'a', sizeof url);
    memcpy(url, "http://", 7);
    url[7 + PROXY_MAX_HOST + 1] = '\0';
    assert_int_equal(proxy_read_url(url, &proxy), APNS_EINVAL);
    url[7 + PROXY_MAX_HOST] = '\0';
    assert_int_equal(proxy_read_url(url, &proxy), APNS_OK);
    memset(url + 7, 'a', 1000);
    memcpy(url + 7 + PROXY_MAX_LOGIN + 1, "@h", 3);
    assert_int_equal(proxy_read_url(url, &proxy), APNS_EINVAL);
    memcpy(url + 7 + PROXY_MAX_LOGIN, "@h", 3);
    assert_int_equal(proxy_read_url(url, &proxy), APNS_OK);
}

TEST(request_asks_for_the_tunnel)
{
    char ask[PROXY_MAX_ASK];
    size_t len;

    assert_int_equal(proxy_read_url("http://user:pass@proxy", &proxy), APNS_OK);
    len = proxy_write_ask(&proxy, "api.push.apple.com", 443, ask, sizeof ask);
    assert_int_equal(len, strlen(ask));
    assert_string_equal(ask, "CONNECT api.push.apple.com:443 HTTP/1.1\r\n"
                             "Host: api.push.apple.com:443\r\n"
                             "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"
                             "\r\n");
    assert_int_equal(proxy_read_url("http://proxy", &proxy), APNS_OK);
    assert_true(proxy_write_ask(&proxy, "::1", 1, ask, sizeof ask) > 0);
    assert_string_equal(ask, "CONNECT [::1]:1 HTTP/1.1\r\n"
                             "Host: [::1]:1\r\n\r\n");
    assert_int_equal(proxy_write_ask(&proxy, "host", 1, ask, 20), 0);
}

static enum proxy_reply
read_reply(const char *text, size_t *head_len, unsigned *status)
{
    /* In memory of its own, so that a sanitizer sees a read too far. */
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    enum proxy_reply reply;

    assert_non_null(copy);
    memcpy(copy, text, len);
    reply = proxy_read_reply(copy, len, head_len, status);
    free(copy);
    return reply;
}

TEST(tunnel_begins_behind_the_head)
{
    size_t head_len;
    unsigned status;

    assert_int_equal(
        read_reply("HTTP/1.1 200 OK\r\nA: b\r\n\r\nTLS", &head_len, &status),
        PROXY_OK);
    assert_int_equal(head_len, 25);
    assert_int_equal(read_reply("HTTP/1.0 200\r\n\r\n", &head_len, &status),
                     PROXY_OK);
    assert_int_equal(read_reply("HTTP/1.1 204 x\n\n", &head_len, &status),
                     PROXY_OK);
    assert_int_equal(head_len, 16);
}

TEST(every_beginning_asks_for_more)
{
    static const char text[] = "HTTP/1.1 200 Connection established\r\n"
                               "Via: x\r\n\r\n";
    char part[sizeof text];
    size_t head_len;
    unsigned status;

    for (size_t len = 0; len < sizeof text - 1; len++) {
        memcpy(part, text, len);
        part[len] = '\0';
        assert_int_equal(read_reply(part, &head_len, &status), PROXY_MORE);
    }
    assert_int_equal(read_reply(text, &head_len, &status), PROXY_OK);
}

TEST(refusals_say_their_status)
{
    size_t head_len;
    unsigned status;

    assert_int_equal(
        read_reply("HTTP/1.1 407 Auth\r\n\r\n", &head_len, &status),
        PROXY_REFUSED);
    assert_int_equal(status, 407);
    assert_int_equal(read_reply("HTTP/1.1 100 C\r\n\r\n", &head_len, &status),
                     PROXY_REFUSED);
}

TEST(hostile_replies_are_broken)
{
    static const char *const replies[] = {
        "SSH-2.0-OpenSSH\r\n",     "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 \r\n\r\n",
        "HTTP/1.1200 OK\r\n\r\n",  "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 x\r\n\r\n",  "\r\n\r\n",
    };
    char *flood = malloc(PROXY_MAX_REPLY);
    size_t head_len;
    unsigned status;

    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
        assert_int_equal(read_reply(replies[i], &head_len, &status),
                         PROXY_BROKEN);
    assert_non_null(flood);
    memset(flood, 'x', PROXY_MAX_REPLY);
    memcpy(flood, "HTTP/1.1 200 ", 13);
    assert_int_equal(
        proxy_read_reply(flood, PROXY_MAX_REPLY - 1, &head_len, &status),
        PROXY_MORE);
    assert_int_equal(
        proxy_read_reply(flood, PROXY_MAX_REPLY, &head_len, &status),
        PROXY_BROKEN);
    free(flood);
}
