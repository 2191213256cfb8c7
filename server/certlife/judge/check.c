/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "apns/base/must.h"
#include "blame.h"
#include "facts.h"
#include "findings.h"
#include "sentence.h"
#include "server/certlife/read/armor.h"
#include "server/certlife/read/phrase.h"
#include "server/certlife/read/pile.h"

static void
describe(const struct pile_item *item, int64_t now_unix,
         struct certlife_object *object)
{
    EVP_PKEY *key = pile_key(item);

    object->file = item->file;
    object->kind = item->kind;
    object->issuer = -1;
    object->cert = item->facts;
    object->fault = item->fault;
    object->fault_detail = item->fault_detail;
    facts_spki(key, object->spki_sha256);
    facts_key_type(key, object->key_type);
    sentence_write(item, now_unix, object->sentence);
}

/* The same public key; a CA's own key fits nothing that matters here. */
static void
match(struct certlife_check *check, const struct certlife_known *known,
      size_t n_known)
{
    for (size_t i = 0; i < check->n_objects; i++) {
        struct certlife_object *object = &check->objects[i];

        if (object->spki_sha256[0] == '\0')
            continue;
        for (size_t j = 0; j < check->n_objects; j++)
            if (j != i &&
                strcmp(object->spki_sha256, check->objects[j].spki_sha256) == 0)
                object->fits |= UINT64_C(1) << j;
        for (size_t j = 0; j < n_known; j++)
            if (strcmp(object->spki_sha256, known[j].spki_sha256) == 0)
                object->known |= UINT64_C(1) << j;
    }
}

static void
find_issuers(struct certlife_check *check)
{
    for (size_t i = 0; i < check->n_objects; i++) {
        X509 *cert = check->pile->items[i].cert;

        for (size_t j = 0; cert != NULL && j < check->n_objects; j++) {
            X509 *issuer = check->pile->items[j].cert;

            if (j != i && issuer != NULL && facts_signed_by(cert, issuer)) {
                check->objects[i].issuer = (int)j;
                break;
            }
        }
    }
}

static enum certlife_err
read_files(struct pile *pile, const struct certlife_file *files, size_t n_files,
           char *detail)
{
    for (size_t i = 0; i < n_files; i++) {
        enum certlife_err err = pile_read(pile, i, &files[i]);

        if (err == CERTLIFE_OK)
            continue;
        phrase_write(detail, "%.80s: %s",
                     files[i].name == NULL ? "?" : files[i].name,
                     err == CERTLIFE_ETOOLARGE ? "larger than 1 MiB"
                     : err == CERTLIFE_ETOOMANY
                         ? "with this file there are more than 64 objects"
                         : "the password is longer than 1024 bytes");
        return err;
    }
    return CERTLIFE_OK;
}

static struct certlife_check *
new_check(void)
{
    struct certlife_check *check = calloc(1, sizeof *check);

    if (check == NULL)
        return NULL;
    check->objects = calloc(CERTLIFE_MAX_OBJECTS, sizeof *check->objects);
    check->findings = calloc(CERTLIFE_MAX_FINDINGS, sizeof *check->findings);
    check->pile = pile_new();
    if (check->objects == NULL || check->findings == NULL ||
        check->pile == NULL) {
        certlife_check_free(check);
        return NULL;
    }
    return check;
}

enum certlife_err
certlife_check_make(const struct certlife_file *files, size_t n_files,
                    const struct certlife_known *known, size_t n_known,
                    int64_t now_unix, struct certlife_check **check,
                    char *detail)
{
    struct certlife_check *new;
    enum certlife_err err;

    *check = NULL;
    phrase_write(detail, "%s", "");
    if (n_files > CERTLIFE_MAX_FILES || n_known > CERTLIFE_MAX_KNOWN) {
        phrase_write(detail,
                     "%zu files and %zu known keys; at most %d and "
                     "%d",
                     n_files, n_known, CERTLIFE_MAX_FILES, CERTLIFE_MAX_KNOWN);
        return CERTLIFE_ETOOMANY;
    }
    if ((new = new_check()) == NULL)
        return CERTLIFE_ENOMEM;
    if ((err = read_files(new->pile, files, n_files, detail)) != CERTLIFE_OK) {
        certlife_check_free(new);
        return err;
    }
    new->n_objects = new->pile->n;
    for (size_t i = 0; i < new->n_objects; i++)
        describe(&new->pile->items[i], now_unix, &new->objects[i]);
    match(new, known, n_known);
    find_issuers(new);
    findings_fill(new, files, known, now_unix);
    ERR_clear_error();
    *check = new;
    return CERTLIFE_OK;
}

void
certlife_check_free(struct certlife_check *check)
{
    if (check == NULL)
        return;
    pile_free(check->pile);
    free(check->findings);
    free(check->objects);
    free(check);
}

char *
certlife_check_pem(const struct certlife_check *check, size_t object)
{
    const struct pile_item *item;
    char *pem = NULL;

    must(object < check->n_objects);
    item = &check->pile->items[object];
    if (item->cert != NULL)
        pem = armor_cert_pem(item->cert);
    else if (item->csr != NULL)
        pem = armor_csr_pem(item->csr);
    else if (item->key != NULL)
        pem = armor_key_pem(item->key);
    ERR_clear_error();
    return pem;
}

/* One that can be used before one that cannot, then the one that ends last. */
static bool
is_better(const struct certlife_object *a, const struct certlife_object *b)
{
    if ((a->fault == APNS_OK) != (b->fault == APNS_OK))
        return a->fault == APNS_OK;
    return a->cert.not_after_unix > b->cert.not_after_unix;
}

int
certlife_check_push(const struct certlife_check *check)
{
    int best = -1;

    for (size_t i = 0; i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_PUSH_CERT &&
            (best < 0 || is_better(&check->objects[i], &check->objects[best])))
            best = (int)i;
    return best;
}

int
certlife_check_push_of(const struct certlife_check *check, const char *topic)
{
    int best = -1;

    for (size_t i = 0; i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_PUSH_CERT &&
            strcmp(check->objects[i].cert.topic, topic) == 0 &&
            (best < 0 || is_better(&check->objects[i], &check->objects[best])))
            best = (int)i;
    return best;
}

bool
certlife_check_is_torn(const struct certlife_check *check)
{
    int best = certlife_check_push(check);

    for (size_t i = 0; best >= 0 && i < check->n_objects; i++)
        if (check->objects[i].kind == CERTLIFE_KIND_PUSH_CERT &&
            strcmp(check->objects[i].cert.topic,
                   check->objects[best].cert.topic) != 0)
            return true;
    return false;
}

char *
certlife_check_details(const struct certlife_check *check, size_t object)
{
    const struct certlife_object *it;
    const struct apns_cert *cert;
    char *text = NULL;

    must(object < check->n_objects);
    it = &check->objects[object];
    cert = &it->cert;
    if (it->kind == CERTLIFE_KIND_PRIVATE_KEY && it->spki_sha256[0] != '\0')
        return asprintf(&text, "fingerprint  %.*s…\n", BLAME_FINGERPRINT,
                        it->spki_sha256) < 0
                   ? NULL
                   : text;
    if (cert->serial[0] == '\0')
        return NULL;
    if (asprintf(&text,
                 "serial   %s\n"
                 "issuer   %s\n"
                 "SHA-256  %s\n",
                 cert->serial, cert->issuer, cert->sha256) < 0)
        return NULL;
    return text;
}

/* Where nothing else is to be said of a file, what it is. A key beside
 * something else is no riddle. */
static bool
is_worth_naming(const struct certlife_check *check,
                const struct certlife_file *files, size_t object)
{
    char said[CERTLIFE_MAX_TEXT];

    return !blame_no_push(check, files, object, said) &&
           (check->n_objects == 1 ||
            check->objects[object].kind != CERTLIFE_KIND_PRIVATE_KEY);
}

char *
certlife_check_why(const struct certlife_check *check,
                   const struct certlife_file *files)
{
    bool is_push_here = certlife_check_push(check) >= 0;
    const char *gap = "";
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; !is_push_here && i < check->n_objects; i++)
        if (is_worth_naming(check, files, i)) {
            fprintf(out, "%s%s: %s", gap, blame_name(files, &check->objects[i]),
                    check->objects[i].sentence);
            gap = "\n";
        }
    for (size_t i = 0; i < check->n_findings; i++)
        if (check->findings[i].severity == CERTLIFE_PROBLEM) {
            fprintf(out, "%s%s", gap, check->findings[i].text);
            gap = "\n";
        }
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
