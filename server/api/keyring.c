/* SPDX-License-Identifier: MIT */
#include "keyring.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api_private.h"
#include "store/store.h"

struct key {
    int64_t id;
    uint8_t hash[AUTH_HASH_LEN];
    struct auth_caller caller;
};

struct keyring {
    struct key *keys; /* in force only */
    size_t n;
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
    free(keyring->keys);
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
on_keys(void *arg, enum store_err err, const struct store_key *keys, size_t n)
{
    struct load *load = arg;
    struct key *copy = NULL;
    size_t n_copied = 0;

    if (err == STORE_OK)
        copy = calloc(n + 1, sizeof *copy);
    if (copy == NULL)
        api_private_log(
            load->api, APNS_LOG_ERROR, "event=keys-not-read why=\"%s\"",
            err == STORE_OK ? "out of memory" : store_err_text(err));
    for (size_t i = 0; copy != NULL && i < n; i++) {
        if (keys[i].revoked_at_ms == 0)
            copy_key(&copy[n_copied++], &keys[i]);
    }
    if (copy != NULL) {
        free(load->keyring->keys);
        load->keyring->keys = copy;
        load->keyring->n = n_copied;
    }
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
        err = api->is_closed ? STORE_ECLOSED
                             : store_key_list(api->store, on_keys, load);
    }
    if (err == STORE_OK)
        return;
    free(load);
    api_private_log(api, APNS_LOG_ERROR, "event=keys-not-read why=\"%s\"",
                    store_err_text(err));
    if (on_loaded != NULL)
        on_loaded(arg);
}

void
keyring_drop(struct keyring *keyring, int64_t id)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < keyring->n; i++) {
        if (keyring->keys[i].id != id)
            keyring->keys[n_kept++] = keyring->keys[i];
    }
    keyring->n = n_kept;
}

bool
keyring_is_full(const struct keyring *keyring)
{
    return keyring->n >= KEYRING_MAX;
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
