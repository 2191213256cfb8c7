/* SPDX-License-Identifier: MIT */
#include "blame.h"

#include <string.h>

#include "apns/cert/cert_describe.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pile.h"

#define GIVE_PASSWORD                                            \
    "rouse asks for the password on a terminal; elsewhere give " \
    "--password-file FILE"

const char *
blame_name(const struct certlife_file *files,
           const struct certlife_object *object)
{
    const char *name = files[object->file].name;

    return name == NULL ? "?" : name;
}

/* True: it is locked, and ${text} says so. */
static bool
blame_lock(const struct pile_item *item, const char *name, char *text)
{
    if (item->kind != CERTLIFE_KIND_LOCKED_KEY &&
        item->kind != CERTLIFE_KIND_LOCKED_PKCS12)
        return false;
    if (item->trouble == PILE_TOO_MANY_ROUNDS)
        phrase_write(text,
                     "%.80s asks for more than %d rounds of key derivation; "
                     "it was not opened. Export it again with fewer.",
                     name, CERTLIFE_MAX_ITERATIONS);
    else if (item->trouble == PILE_WRONG_PASSWORD)
        phrase_write(text,
                     "%.80s is locked, and the password given does not open "
                     "it.",
                     name);
    else
        phrase_write(text, "%.80s is locked: " GIVE_PASSWORD ".", name);
    return true;
}

/* A private key that is not the one, for one reason or another. */
static bool
blame_key(const struct pile_item *item, const struct certlife_object *key,
          const struct certlife_object *push, const char *name, char *text)
{
    char spki[BLAME_FINGERPRINT + 1];

    /* One that fits something else here, the vendor's say, was meant so. */
    if (item->kind != CERTLIFE_KIND_PRIVATE_KEY || key->fits != 0)
        return false;
    phrase_cut(push->spki_sha256, sizeof spki - 1, spki);
    if (item->key == NULL)
        phrase_write(
            text,
            "%.80s is a kind of key that push certificates do not use (%.60s). "
            "The key needed is %.20s with the fingerprint %s….",
            name, item->note, push->key_type, spki);
    else if (EVP_PKEY_get_base_id(item->key) == EVP_PKEY_EC &&
             strncmp(push->key_type, "EC", 2) != 0)
        phrase_write(text,
                     "%.80s is a key of another kind (%.20s), perhaps an "
                     "AuthKey .p8 for an app's pushes. The key needed is %.20s "
                     "with the fingerprint %s….",
                     name, key->key_type, push->key_type, spki);
    else
        phrase_write(text,
                     "%.80s belongs to another certificate; the key needed has "
                     "the fingerprint %s….",
                     name, spki);
    return true;
}

static bool
blame_cut(const struct pile_item *item, const char *name, char *text)
{
    if (item->trouble != PILE_HALF_A_KEY)
        return false;
    phrase_write(text,
                 "%.80s contains a truncated or damaged private key. Copy the "
                 "whole file again.",
                 name);
    return true;
}

bool
blame_no_key(const struct certlife_check *check,
             const struct certlife_file *files, size_t push, char *text)
{
    /* What cannot be read may be the very key; what can be is not. */
    for (size_t i = 0; i < check->n_objects; i++) {
        const struct pile_item *item = &check->pile->items[i];
        const char *name = blame_name(files, &check->objects[i]);

        if (blame_lock(item, name, text) || blame_cut(item, name, text))
            return true;
    }
    for (size_t i = 0; i < check->n_objects; i++)
        if (blame_key(&check->pile->items[i], &check->objects[i],
                      &check->objects[push],
                      blame_name(files, &check->objects[i]), text))
            return true;
    phrase_write(text,
                 "The private key of %.80s is neither among the files nor "
                 "stored here. It was created with the request that was "
                 "uploaded to Apple: give its file as well.",
                 blame_name(files, &check->objects[push]));
    return false;
}

bool
blame_no_push(const struct certlife_check *check,
              const struct certlife_file *files, size_t object, char *text)
{
    const struct pile_item *item = &check->pile->items[object];
    const char *name = blame_name(files, &check->objects[object]);

    if (blame_lock(item, name, text))
        return true;
    switch (item->kind) {
    case CERTLIFE_KIND_UPLOAD:
        phrase_write(text,
                     "%.80s is the request that you upload to Apple. Upload it "
                     "at identity.apple.com/pushcert (Renew on the row of your "
                     "topic; Create a Certificate for a first one only), "
                     "download the certificate, and import that.",
                     name);
        return true;
    case CERTLIFE_KIND_CSR:
        phrase_write(
            text,
            "%.80s is a request: a vendor signs it (rouse cert sign-request), "
            "you upload the result to Apple, and import what Apple returns.",
            name);
        return true;
    case CERTLIFE_KIND_MDMCERT_REPLY:
        phrase_write(text,
                     "%.80s is mdmcert.download's reply: open it with \"rouse "
                     "cert mdmcert open\", upload the result to Apple, and "
                     "import what Apple returns.",
                     name);
        return true;
    default:
        return false;
    }
}
