/* SPDX-License-Identifier: MIT */
#include "webhook_key.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "apns/base/base64.h"
#include "server/api/api.h"

#define MAC_LEN       32 /* bytes of SHA-256 */
#define SIGNATURE_LEN (BASE64_SIZE(MAC_LEN) - 1)

static bool
read_file(const char *path, struct webhook_key *key, char *why)
{
    FILE *file = fopen(path, "re");
    bool is_read;

    if (file == NULL) {
        snprintf(why, API_WHY, "the webhook key in %.120s cannot be read: %s",
                 path, strerror(errno));
        return false;
    }
    is_read = fgets(key->bytes, sizeof key->bytes, file) != NULL;
    fclose(file);
    key->len = is_read ? strcspn(key->bytes, "\r\n") : 0;
    if (key->len > 0 && key->len < WEBHOOK_KEY_MAX)
        return true;
    snprintf(
        why, API_WHY,
        "the first line of %.120s is not a webhook key: it needs 1 to %d bytes",
        path, WEBHOOK_KEY_MAX - 1);
    return false;
}

bool
webhook_key_load(const struct api_config *config, struct webhook_key *key,
                 char *why)
{
    const char *text = config->webhook_hmac_key;

    key->len = 0;
    if (text != NULL && config->webhook_hmac_key_file != NULL) {
        snprintf(why, API_WHY,
                 "webhook_hmac_key and webhook_hmac_key_file are both set; "
                 "keep one");
        return false;
    }
    if (config->webhook_hmac_key_file != NULL)
        return read_file(config->webhook_hmac_key_file, key, why);
    if (text == NULL)
        return true;
    key->len = strnlen(text, WEBHOOK_KEY_MAX);
    memcpy(key->bytes, text, key->len);
    return true;
}

bool
webhook_key_verify(const struct webhook_key *key, const void *body, size_t len,
                   const char *signature)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    char text[BASE64_SIZE(MAC_LEN)];

    if (key->len == 0)
        return true;
    if (signature == NULL || strlen(signature) != SIGNATURE_LEN ||
        HMAC(EVP_sha256(), key->bytes, (int)key->len, body, len, mac, NULL) ==
            NULL)
        return false;
    (void)base64_write(mac, MAC_LEN, text);
    return CRYPTO_memcmp(text, signature, SIGNATURE_LEN) == 0;
}

void
webhook_key_fini(struct webhook_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}
