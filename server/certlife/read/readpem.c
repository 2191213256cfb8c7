/* SPDX-License-Identifier: MIT */
#include "readpem.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "apns/base/base64.h"
#include "apns/base/pem.h"
#include "armor.h"
#include "readder.h"

static int
on_password(char *buffer, int size, int is_writing, void *arg)
{
    const char *password = arg;
    size_t len = password == NULL ? 0 : strnlen(password, (size_t)size + 1);

    (void)is_writing;
    if (len == 0 || len > (size_t)size)
        return -1; /* the buffer takes no terminating NUL */
    memcpy(buffer, password, len);
    return (int)len;
}

/* "Proc-Type: 4,ENCRYPTED": decrypt in place. The key is one MD5 away. */
static bool
decrypt_old(struct pile *pile, const struct pem_block *block,
            unsigned char *der, size_t *len, const char *password)
{
    EVP_CIPHER_INFO cipher;
    long n = (long)*len;
    char *header = strndup(block->header, block->header_len);
    bool is_done = false;

    if (header == NULL)
        return false;
    if (legacy_enter(&pile->legacy)) {
        is_done = PEM_get_EVP_CIPHER_INFO(header, &cipher) == 1 &&
                  PEM_do_header(&cipher, der, &n, on_password,
                                (void *)(uintptr_t)password) == 1;
        legacy_leave(&pile->legacy);
    }
    *len = (size_t)n;
    free(header);
    return is_done;
}

static bool
read_traditional(struct pile *pile, const struct pem_block *block, int type,
                 unsigned char *der, size_t len, const char *password)
{
    if (block->header_len == 0)
        return readder_key(pile, type, der, len);
    if (password == NULL) {
        pile_lock(pile, CERTLIFE_KIND_LOCKED_KEY, PILE_NO_PASSWORD);
        return true;
    }
    /* The padding of a wrong password is right once in 256 times; then the
     * key itself cannot be read. */
    if (!decrypt_old(pile, block, der, &len, password) ||
        !readder_key(pile, type, der, len))
        pile_lock(pile, CERTLIFE_KIND_LOCKED_KEY, PILE_WRONG_PASSWORD);
    return true;
}

static bool
read_block(struct pile *pile, const struct pem_block *block, unsigned char *der,
           size_t len, const char *password)
{
    const char *type = block->type;

    if (strcmp(type, "CERTIFICATE") == 0 ||
        strcmp(type, "X509 CERTIFICATE") == 0 ||
        strcmp(type, "TRUSTED CERTIFICATE") == 0)
        return readder_cert(pile, der, len);
    if (strcmp(type, "CERTIFICATE REQUEST") == 0 ||
        strcmp(type, "NEW CERTIFICATE REQUEST") == 0)
        return readder_csr(pile, der, len);
    if (strcmp(type, "PRIVATE KEY") == 0)
        return readder_pkcs8(pile, der, len);
    if (strcmp(type, "ENCRYPTED PRIVATE KEY") == 0)
        return readder_sealed(pile, der, len, password);
    if (strcmp(type, "RSA PRIVATE KEY") == 0)
        return read_traditional(pile, block, EVP_PKEY_RSA, der, len, password);
    if (strcmp(type, "EC PRIVATE KEY") == 0)
        return read_traditional(pile, block, EVP_PKEY_EC, der, len, password);
    if (strcmp(type, "PKCS7") == 0 || strcmp(type, "CMS") == 0)
        return readder_pkcs7(pile, der, len);
    return false;
}

/* Blocks that are recognised by their name alone. */
static bool
name_block(struct pile *pile, const char *type)
{
    if (strstr(type, "OPENSSH") != NULL || strstr(type, "SSH2") != NULL)
        pile_note(pile, CERTLIFE_KIND_SSH_KEY, "");
    else if (strcmp(type, "DSA PRIVATE KEY") == 0)
        pile_note(pile, CERTLIFE_KIND_PRIVATE_KEY, "DSA");
    else if (strstr(type, "PUBLIC KEY") != NULL)
        pile_note(pile, CERTLIFE_KIND_PUBLIC_KEY, "");
    else if (strcmp(type, "EC PARAMETERS") != 0 &&
             strcmp(type, "DH PARAMETERS") != 0)
        return false;
    return true;
}

static bool
is_private_key(const char *type)
{
    static const char end[] = "PRIVATE KEY";
    size_t len = strlen(type);

    return len >= sizeof end - 1 &&
           strcmp(type + len - (sizeof end - 1), end) == 0;
}

static void
note_broken(struct pile *pile, const struct pem_block *block)
{
    struct pile_item *item = pile_add(pile, CERTLIFE_KIND_BROKEN);

    if (item == NULL)
        return;
    snprintf(item->note, sizeof item->note, "%s%.60s",
             block->is_cut ? "cut " : "", block->type);
    if (is_private_key(block->type))
        item->trouble = PILE_HALF_A_KEY;
}

static void
take_block(struct pile *pile, const struct pem_block *block,
           const char *password)
{
    unsigned char *der;
    size_t len = 0;

    if (name_block(pile, block->type))
        return;
    der = base64_read_loose(block->body, block->body_len, &len);
    if (der == NULL || block->is_cut ||
        !read_block(pile, block, der, len, password))
        note_broken(pile, block);
    if (der != NULL)
        OPENSSL_clear_free(der, len + 1);
    ERR_clear_error();
}

bool
readpem_blocks(struct pile *pile, const char *text, size_t len,
               const char *password)
{
    struct pem_block block;
    size_t at = 0;
    bool has_any = false;

    while (!pile->is_full && pem_next(text, len, &at, &block)) {
        has_any = true;
        take_block(pile, &block, password);
    }
    return has_any;
}
