/* SPDX-License-Identifier: MIT */
#include "pem.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

static const char begin[] = "-----BEGIN ";
static const char dashes[] = "-----";

static const char *
find(const char *at, const char *end, const char *what)
{
    return memmem(at, (size_t)(end - at), what, strlen(what));
}

/* Copy what stands after BEGIN. A type that is too long or not printable is
 * no type: false. */
static bool
copy_type(char *type, const char *at, const char *end)
{
    size_t len = (size_t)(end - at);

    if (len == 0 || len > PEM_MAX_TYPE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (at[i] < ' ' || at[i] > '~')
            return false;
    memcpy(type, at, len);
    type[len] = '\0';
    return true;
}

enum pem_step
pem_next(const char **at, const char *end, struct pem_block *block)
{
    char end_line[PEM_MAX_TYPE + 16];
    const char *start, *stop;

    block->type[0] = '\0';
    if ((start = find(*at, end, begin)) == NULL)
        return PEM_END;
    start += strlen(begin);
    *at = end;
    if ((stop = find(start, end, dashes)) == NULL ||
        !copy_type(block->type, start, stop))
        return PEM_BROKEN;
    block->body = stop + strlen(dashes);
    snprintf(end_line, sizeof end_line, "-----END %s-----", block->type);
    if ((stop = find(block->body, end, end_line)) == NULL)
        return PEM_BROKEN;
    block->body_len = (size_t)(stop - block->body);
    *at = stop + strlen(end_line);
    return PEM_BLOCK;
}

bool
pem_is_encrypted(const struct pem_block *block)
{
    const char *end = block->body + block->body_len;

    return find(block->body, end, "Proc-Type:") != NULL &&
           find(block->body, end, "ENCRYPTED") != NULL;
}

bool
pem_decode(const struct pem_block *block, unsigned char **der, size_t *der_len)
{
    /* Never longer than its base64 and what the decoder holds back. */
    size_t size = block->body_len + 64;
    EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
    int len = 0, tail_len = 0;
    bool is_good;

    *der = OPENSSL_malloc(size);
    is_good = decoder != NULL && *der != NULL;
    if (is_good) {
        EVP_DecodeInit(decoder);
        is_good = EVP_DecodeUpdate(decoder, *der, &len,
                                   (const unsigned char *)block->body,
                                   (int)block->body_len) >= 0 &&
                  EVP_DecodeFinal(decoder, *der + len, &tail_len) == 1 &&
                  len + tail_len > 0;
    }
    EVP_ENCODE_CTX_free(decoder); /* cleanses what it held back */
    if (!is_good) {
        OPENSSL_clear_free(*der, size);
        *der = NULL;
        return false;
    }
    /* Shrink so that the length is the size that has to be cleansed. */
    *der_len = (size_t)len + (size_t)tail_len;
    *der = OPENSSL_clear_realloc(*der, size, *der_len);
    return *der != NULL;
}
