/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include "apns/base/hex.h"
#include "apns/base/must.h"
#include "armor.h"

unsigned char *
armor_unhex(const char *text, size_t len, size_t *out_len)
{
    unsigned char *out = OPENSSL_zalloc(len / 2 + 1);
    size_t n = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0 && isspace((unsigned char)text[i]))
            continue;
        if (digit < 0)
            goto fail;
        out[n / 2] = (unsigned char)(out[n / 2] << 4 | digit);
        n++;
    }
    if (n == 0 || n % 2 != 0)
        goto fail;
    *out_len = n / 2;
    return out;
fail:
    OPENSSL_free(out);
    return NULL;
}

void
armor_sha256(const void *bytes, size_t len, char hex[65])
{
    unsigned char digest[32];

    hex[0] = '\0';
    if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) == 1)
        hex_write(digest, sizeof digest, hex);
}

char *
armor_take(BIO *bio, size_t *len)
{
    char *bytes;
    long n = BIO_get_mem_data(bio, &bytes);
    char *copy;

    if (n < 0 || (copy = malloc((size_t)n + 1)) == NULL)
        return NULL;
    if (n > 0)
        memcpy(copy, bytes, (size_t)n);
    copy[n] = '\0';
    if (len != NULL)
        *len = (size_t)n;
    return copy;
}

/* A memory BIO cleanses its buffer when it is freed, so keys may pass. */
char *
armor_cert_pem(X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

char *
armor_csr_pem(X509_REQ *csr)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL && PEM_write_bio_X509_REQ(bio, csr) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

char *
armor_key_pem(const EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    if (bio != NULL &&
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        pem = armor_take(bio, NULL);
    BIO_free(bio);
    return pem;
}

/* "Proc-Type: …\nDEK-Info: …\n\n" before the base64 of an old encrypted key. */
static void
split_header(struct armor_block *block)
{
    const char *end = block->body + block->body_len;
    const char *at = block->body;

    block->header = NULL;
    block->header_len = 0;
    while (at < end && isspace((unsigned char)*at))
        at++;
    if (end - at < 10 || memcmp(at, "Proc-Type:", 10) != 0)
        return;
    block->header = at;
    for (; at < end; at++) {
        const char *next = at + 1;

        if (*at != '\n')
            continue;
        if (next < end && *next == '\r')
            next++;
        if (next < end && *next == '\n') {
            block->header_len = (size_t)(at + 1 - block->header);
            block->body = next + 1;
            block->body_len = (size_t)(end - block->body);
            return;
        }
    }
}

static const char *
find(const char *text, size_t len, const char *what)
{
    return len == 0 ? NULL : memmem(text, len, what, strlen(what));
}

bool
armor_block_next(const char *text, size_t len, size_t *at,
                 struct armor_block *block)
{
    static const char begin[] = "-----BEGIN ";
    const char *limit = text + len;
    const char *start = find(text + *at, len - *at, begin);
    const char *type_end;
    const char *end;
    const char *again;

    if (start == NULL)
        return false;
    start += sizeof begin - 1;
    type_end = find(start, (size_t)(limit - start), "-----");
    if (type_end == NULL || type_end - start >= (ptrdiff_t)sizeof block->type) {
        *at = (size_t)(start - text);
        snprintf(block->type, sizeof block->type, "?");
        block->header = NULL;
        block->body_len = 0;
        block->is_cut = true;
        return true;
    }
    memset(block, 0, sizeof *block);
    memcpy(block->type, start, (size_t)(type_end - start));
    block->body = type_end + 5;
    end = find(block->body, (size_t)(limit - block->body), "-----END ");
    again = find(block->body, (size_t)(limit - block->body), begin);
    block->is_cut = end == NULL || (again != NULL && again < end);
    if (block->is_cut)
        end = again != NULL ? again : limit;
    block->body_len = (size_t)(end - block->body);
    *at = (size_t)(end - text) + (block->is_cut ? 0 : 9);
    split_header(block);
    return true;
}
