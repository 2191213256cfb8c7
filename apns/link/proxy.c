/* SPDX-License-Identifier: MIT */
#include "proxy.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/base64.h"
#include "apns/base/hex.h"
#include "apns/base/number.h"

#define DEFAULT_PORT 3128

/* Percent-decode user:password and turn it into what Basic wants. */
static enum apns_err
read_login(const char *text, size_t len, struct proxy *proxy)
{
    unsigned char login[PROXY_MAX_LOGIN];
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];

        if (c == '%') {
            if (len - i < 3 || hex_digit(text[i + 1]) < 0 ||
                hex_digit(text[i + 2]) < 0)
                return APNS_EINVAL;
            c = hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]);
            i += 2;
        }
        if (n == sizeof login || c == '\0' || c == '\r' || c == '\n')
            return APNS_EINVAL;
        login[n++] = (unsigned char)c;
    }
    (void)base64_write(login, n, proxy->login);
    OPENSSL_cleanse(login, sizeof login);
    return APNS_OK;
}

static bool
read_port(const char *text, uint16_t *port)
{
    uint64_t number;
    const char *rest = number_take(text, UINT16_MAX, &number);

    if (rest == NULL || number == 0)
        return false;
    *port = (uint16_t)number;
    return strcmp(rest, "") == 0 || strcmp(rest, "/") == 0;
}

static enum apns_err
read_host(const char *text, struct proxy *proxy)
{
    bool is_bracketed = text[0] == '[';
    size_t len = strcspn(text += is_bracketed, is_bracketed ? "]" : ":/");
    const char *rest = text + len;

    if (len == 0 || len > PROXY_MAX_HOST || strpbrk(text, " \t\r\n") != NULL)
        return APNS_EINVAL;
    memcpy(proxy->host, text, len);
    proxy->host[len] = '\0';
    if (is_bracketed && *rest++ != ']')
        return APNS_EINVAL;
    proxy->port = DEFAULT_PORT;
    if (*rest == ':')
        return read_port(rest + 1, &proxy->port) ? APNS_OK : APNS_EINVAL;
    return strcmp(rest, "") == 0 || strcmp(rest, "/") == 0 ? APNS_OK
                                                           : APNS_EINVAL;
}

enum apns_err
proxy_read_url(const char *url, struct proxy *proxy)
{
    static const char scheme[] = "http://";
    const char *at;
    enum apns_err err;

    memset(proxy, 0, sizeof *proxy);
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return APNS_EINVAL;
    url += sizeof scheme - 1;
    if ((at = strrchr(url, '@')) != NULL) {
        if ((err = read_login(url, (size_t)(at - url), proxy)) != APNS_OK)
            return err;
        url = at + 1;
    }
    return read_host(url, proxy);
}

size_t
proxy_write_ask(const struct proxy *proxy, const char *host, uint16_t port,
                char *out, size_t size)
{
    bool is_v6 = strchr(host, ':') != NULL;
    bool has_login = proxy->login[0] != '\0';
    const char *open = is_v6 ? "[" : "";
    const char *shut = is_v6 ? "]" : "";
    int len = snprintf(out, size,
                       "CONNECT %s%s%s:%u HTTP/1.1\r\n"
                       "Host: %s%s%s:%u\r\n"
                       "%s%s%s\r\n",
                       open, host, shut, port, open, host, shut, port,
                       has_login ? "Proxy-Authorization: Basic " : "",
                       proxy->login, has_login ? "\r\n" : "");

    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

/* "HTTP/1.x NNN", then a space or the line's end. */
static bool
read_status(const char *text, size_t len, unsigned *status)
{
    unsigned number = 0;

    if (len < 12 || memcmp(text, "HTTP/1.", 7) != 0 || text[8] != ' ')
        return false;
    for (size_t i = 9; i < 12; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (unsigned)(text[i] - '0');
    }
    if (len > 12 && text[12] != ' ' && text[12] != '\r' && text[12] != '\n')
        return false;
    *status = number;
    return number >= 100;
}

/* Behind the empty line, or 0. Some proxies end lines without a CR. */
static size_t
find_end(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\n')
            continue;
        if (i + 1 < len && text[i + 1] == '\n')
            return i + 2;
        if (i + 2 < len && text[i + 1] == '\r' && text[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

enum proxy_reply
proxy_read_reply(const char *text, size_t len, size_t *head_len,
                 unsigned *status)
{
    static const char start[] = "HTTP/1.";
    size_t n = len < sizeof start - 1 ? len : sizeof start - 1;

    *head_len = 0;
    *status = 0;
    if (memcmp(text, start, n) != 0)
        return PROXY_BROKEN;
    if ((*head_len = find_end(text, len)) == 0)
        return len < PROXY_MAX_REPLY ? PROXY_MORE : PROXY_BROKEN;
    if (*head_len > PROXY_MAX_REPLY || !read_status(text, *head_len, status))
        return PROXY_BROKEN;
    return *status >= 200 && *status < 300 ? PROXY_OK : PROXY_REFUSED;
}
