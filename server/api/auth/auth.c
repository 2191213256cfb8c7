/* SPDX-License-Identifier: MIT */
#include "auth.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apns/base/base64.h"
#include "apns/base/number.h"

#define PREFIX    "rouse_"
#define MAX_BASIC 512 /* characters of base64 in an Authorization header */

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *const verb_texts[] = {
#define X(name, text) text,
    AUTH_VERBS(X)
#undef X
};

const char *
auth_verb_text(enum auth_verb verb)
{
    return verb_texts[verb];
}

bool
auth_verb_read(const char *text, enum auth_verb *verb)
{
    for (unsigned i = 0; i < AUTH_N_VERBS; i++) {
        if (strcmp(text, verb_texts[i]) == 0) {
            *verb = (enum auth_verb)i;
            return true;
        }
    }
    return false;
}

static bool
hash_secret(const char *secret, uint8_t hash[AUTH_HASH_LEN])
{
    unsigned len = AUTH_HASH_LEN;

    return EVP_Digest(secret, AUTH_SECRET_LEN, hash, &len, EVP_sha256(),
                      NULL) == 1;
}

bool
auth_secret_new(char secret[AUTH_SECRET_LEN + 1], uint8_t hash[AUTH_HASH_LEN])
{
    uint8_t random[32];
    char text[BASE64_SIZE(sizeof random)];

    if (RAND_bytes(random, sizeof random) != 1)
        return false;
    (void)base64_write(random, sizeof random, text);
    for (size_t i = 0; i < AUTH_SECRET_LEN; i++)
        secret[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    secret[AUTH_SECRET_LEN] = '\0'; /* without the padding */
    OPENSSL_cleanse(random, sizeof random);
    OPENSSL_cleanse(text, sizeof text);
    return hash_secret(secret, hash);
}

bool
auth_key_split(const char *key, int64_t *id, uint8_t hash[AUTH_HASH_LEN])
{
    const char *at;
    uint64_t number;

    if (strncmp(key, PREFIX, strlen(PREFIX)) != 0 ||
        (at = number_take(key + strlen(PREFIX), INT64_MAX, &number)) == NULL)
        return false;
    *id = (int64_t)number;
    if (*at++ != '_' || strlen(at) != AUTH_SECRET_LEN ||
        strspn(at, base64url) != AUTH_SECRET_LEN)
        return false;
    return hash_secret(at, hash);
}

static bool
take_key(const char *text, size_t len, char key[AUTH_KEY_SIZE])
{
    if (len == 0 || len >= AUTH_KEY_SIZE || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(key, text, len);
    key[len] = '\0';
    return true;
}

static bool
read_basic(const char *base64, char key[AUTH_KEY_SIZE])
{
    uint8_t plain[BASE64_ROOM(MAX_BASIC)];
    size_t len = strnlen(base64, MAX_BASIC + 1), n;
    const uint8_t *colon;
    bool is_ok;

    if (len > MAX_BASIC || !base64_read(base64, len, plain, &n))
        return false;
    colon = memchr(plain, ':', n);
    is_ok = colon != NULL && take_key((const char *)colon + 1,
                                      (size_t)(plain + n - (colon + 1)), key);
    OPENSSL_cleanse(plain, sizeof plain);
    return is_ok;
}

bool
auth_header_read(const char *header, char key[AUTH_KEY_SIZE])
{
    if (header == NULL)
        return false;
    if (strncasecmp(header, "Bearer ", 7) == 0) {
        header += 7 + strspn(header + 7, " ");
        return take_key(header, strlen(header), key);
    }
    if (strncasecmp(header, "Basic ", 6) == 0)
        return read_basic(header + 6 + strspn(header + 6, " "), key);
    return false;
}
