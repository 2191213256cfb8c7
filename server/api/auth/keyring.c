/* SPDX-License-Identifier: MIT */
#include "keyring.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/api/api_private.h"
#include "store/store.h"

struct key {
    int64_t id;
    uint8_t hash[AUTH_HASH_LEN];
    struct auth_caller caller;
};

struct keyring {
    size_t n;
    size_t n_reserved;
    struct key keys[KEYRING_MAX]; /* in force only; memory that is not used
                                     costs none */
};

/* One reading of the keys; it may outlive none of the objects it names. */
struct load {
    struct keyring *keyring;
    const struct api *api;
    keyring_loaded_fn *on_loaded;
    void *arg;
};

struct keyring *
keyring_new(void)
{
    return calloc(1, sizeof(struct keyring));
}

void
keyring_free(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    free(keyring);
}

static void
copy_key(struct key *key, const struct store_key *from)
{
    key->id = from->id;
    memcpy(key->hash, from->hash, sizeof key->hash);
    key->caller.key = from->id;
    key->caller.verbs = from->verbs;
    snprintf(key->caller.topic, sizeof key->caller.topic, "%s", from->topic);
    snprintf(key->caller.group, sizeof key->caller.group, "%s", from->group);
    snprintf(key->caller.name, sizeof key->caller.name, "key:%lld:%s",
             (long long)from->id, from->name);
}

static void
on_keys(void *arg, enum store_err err, const struct store_key *keys, size_t n,
        int64_t next)
{
    struct load *load = arg;

    (void)next;
    if (err != STORE_OK)
        api_private_log(load->api, APNS_LOG_ERROR,
                        EVENT_KEYS_NOT_READ " why=\"%s\"", store_err_text(err));
    for (size_t i = 0; i < n && keyring_reserve(load->keyring); i++)
        keyring_add(load->keyring, &keys[i]);
    if (load->on_loaded != NULL)
        load->on_loaded(load->arg);
    free(load);
}

void
keyring_load(struct keyring *keyring, struct api *api,
             keyring_loaded_fn *on_loaded, void *arg)
{
    struct load *load = calloc(1, sizeof *load);
    enum store_err err = STORE_ENOMEM;

    if (load != NULL) {
        load->keyring = keyring;
        load->api = api;
        load->on_loaded = on_loaded;
        load->arg = arg;
        err = store_key_list(api->store, true, 0, KEYRING_MAX, on_keys, load);
    }
    if (err == STORE_OK)
        return;
    free(load);
    api_private_log(api, APNS_LOG_ERROR, EVENT_KEYS_NOT_READ " why=\"%s\"",
                    store_err_text(err));
    if (on_loaded != NULL)
        on_loaded(arg);
}

bool
keyring_reserve(struct keyring *keyring)
{
    if (keyring->n + keyring->n_reserved >= KEYRING_MAX)
        return false;
    keyring->n_reserved++;
    return true;
}

void
keyring_release(struct keyring *keyring)
{
    must(keyring->n_reserved > 0);
    keyring->n_reserved--;
}

void
keyring_add(struct keyring *keyring, const struct store_key *key)
{
    keyring_release(keyring);
    copy_key(&keyring->keys[keyring->n++], key);
}

void
keyring_drop(struct keyring *keyring, int64_t id)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < keyring->n; i++) {
        if (keyring->keys[i].id == id)
            continue;
        if (n_kept < i)
            keyring->keys[n_kept] = keyring->keys[i];
        n_kept++;
    }
    keyring->n = n_kept;
}

bool
keyring_find(const struct keyring *keyring, const char *header,
             struct auth_caller *caller)
{
    static const struct key nobody;
    const struct key *found = &nobody;
    uint8_t hash[AUTH_HASH_LEN];
    char text[AUTH_KEY_SIZE];
    int64_t id;
    bool is_key;

    if (!auth_header_read(header, text))
        return false;
    is_key = auth_key_split(text, &id, hash);
    OPENSSL_cleanse(text, sizeof text);
    if (!is_key)
        return false;
    for (size_t i = 0; i < keyring->n; i++) {
        if (keyring->keys[i].id == id)
            found = &keyring->keys[i];
    }
    if (CRYPTO_memcmp(found->hash, hash, sizeof hash) != 0 || found == &nobody)
        return false;
    *caller = found->caller;
    return true;
}
