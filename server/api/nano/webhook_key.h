/* SPDX-License-Identifier: MIT */
#ifndef API_WEBHOOK_KEY_H
#define API_WEBHOOK_KEY_H

/*
 * The key under which NanoMDM signs its webhook events
 * (-webhook-hmac-key): base64 of the body's HMAC-SHA256 in a header.
 */

#include <stdbool.h>
#include <stddef.h>

#define WEBHOOK_SIGNATURE_HEADER "X-Hmac-Signature"
#define WEBHOOK_KEY_MAX          1023 /* bytes */

struct api_config;

struct webhook_key {
    char bytes[WEBHOOK_KEY_MAX + 1];
    size_t len; /* 0: events need no signature */
};

/**
 * webhook_key_load(config, key, why):
 * The key itself or its file's first line, whichever ${config} has.
 *
 *   why      API_WHY bytes; what to do when it is false
 */
bool webhook_key_load(const struct api_config *config, struct webhook_key *key,
                      char *why);

/** webhook_key_verify(key, body, len, signature): in constant time;
 *  ${signature} may be NULL. True when no key is set. */
bool webhook_key_verify(const struct webhook_key *key, const void *body,
                        size_t len, const char *signature);

/** webhook_key_fini(key): cleanse it. */
void webhook_key_fini(struct webhook_key *key);

#endif /* API_WEBHOOK_KEY_H */
