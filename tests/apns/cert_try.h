/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_CERT_TRY_H
#define ROUSE_TESTS_CERT_TRY_H

/*
 * Certificates glued together and read: for the tests of reading them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "apns/apns.h"
#include "cert_make.h"

#define TOPIC "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555"

static const struct cert_make good = {.uid = TOPIC};

/* The last reading. */
static struct apns_cert cert;
static char detail[256];

/* Read at ${now}; whatever comes of it, OpenSSL's queue is empty after. */
static inline enum apns_err
read_at(const char *pem, size_t len, int64_t now)
{
    enum apns_err err;

    memset(detail, 'x', sizeof detail);
    err = apns_cert_read(pem, len, now, &cert, NULL, NULL, detail);
    assert_non_null(memchr(detail, '\0', sizeof detail));
    assert_int_equal(ERR_peek_error(), 0);
    return err;
}

/* Read parts glued together; frees them. The last one is NULL. */
static inline enum apns_err
read_parts(char *first, ...)
{
    char pem[32768] = "";
    size_t len = 0;
    va_list parts;

    va_start(parts, first);
    for (char *part = first; part != NULL; part = va_arg(parts, char *)) {
        assert_true(len + strlen(part) < sizeof pem);
        memcpy(pem + len, part, strlen(part) + 1);
        len += strlen(part);
        free(part);
    }
    va_end(parts);
    return read_at(pem, len, CERT_MAKE_NOW);
}

static inline char *
without_last_newline(char *pem)
{
    size_t len = strlen(pem);

    assert_int_equal(pem[len - 1], '\n');
    pem[len - 1] = '\0';
    return pem;
}

static inline char *
made(const struct cert_make *make)
{
    return cert_make_pem(make);
}

static inline char *
rsa_key(void)
{
    return cert_make_key_pem(CERT_MAKE_RSA);
}

static inline char *
text(const char *value)
{
    return strdup(value);
}

#endif /* ROUSE_TESTS_CERT_TRY_H */
