/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "must.h"

size_t
base64_write(const void *bytes, size_t len, char *text)
{
    must(len < INT_MAX / 2);
    return (size_t)EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
}

char *
base64_new(const void *bytes, size_t len)
{
    char *text = malloc(BASE64_SIZE(len));

    if (text != NULL)
        (void)base64_write(bytes, len, text);
    return text;
}

/* OpenSSL passes over blanks at both ends and takes '-' for an end. */
static bool
is_base64(const char *text, size_t len)
{
    size_t n_pad = 0;

    if (len == 0 || len % 4 != 0 || len >= INT_MAX / 2)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '=')
            n_pad++;
        else if (n_pad != 0 || !(isalnum(c) || c == '+' || c == '/'))
            return false;
    }
    return n_pad <= 2;
}

bool
base64_read(const char *text, size_t len, uint8_t *bytes, size_t *n)
{
    int got;

    if (!is_base64(text, len))
        return false;
    got = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len);
    must(got >= 0 && (size_t)got == BASE64_ROOM(len));
    /* It counts the padding as bytes. */
    *n = (size_t)got - (text[len - 1] == '=') - (text[len - 2] == '=');
    return true;
}

/* Copy without white space; literal "\n" and "\r" count as such. */
static size_t
squeeze(const char *text, size_t len, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (isspace((unsigned char)text[i]))
            continue;
        if (text[i] == '\\' && i + 1 < len &&
            (text[i + 1] == 'n' || text[i + 1] == 'r')) {
            i++;
            continue;
        }
        out[n++] = text[i];
    }
    return n;
}

unsigned char *
base64_read_loose(const char *text, size_t len, size_t *n)
{
    unsigned char *bytes = NULL;
    char *plain;
    size_t plain_len, size;

    if (len == 0 || len >= INT_MAX / 2 || (plain = OPENSSL_malloc(len)) == NULL)
        return NULL;
    plain_len = squeeze(text, len, plain);
    size = BASE64_ROOM(plain_len) + 1;
    if ((bytes = OPENSSL_malloc(size)) == NULL)
        goto done;
    if (base64_read(plain, plain_len, bytes, n)) {
        bytes[*n] = '\0';
    } else {
        OPENSSL_free(bytes);
        bytes = NULL;
    }
done:
    OPENSSL_clear_free(plain, len);
    return bytes;
}
