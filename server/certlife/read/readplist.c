/* SPDX-License-Identifier: MIT */
#include "readplist.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <plist/plist.h>

#include "apns/base/base64.h"
#include "apns/base/pem.h"
#include "armor.h"
#include "server/certlife/judge/facts.h"

/* libplist frees its trees by recursion; a signed request is one dict deep. */
#define MAX_CONTAINERS 16
#define MAX_CHAIN      16

static size_t
count(const char *text, size_t len, const char *what)
{
    size_t n = 0;
    const char *end = text + len;
    size_t what_len = strlen(what);

    for (const char *at = text;
         (at = memmem(at, (size_t)(end - at), what, what_len)) != NULL;
         at += what_len)
        n++;
    return n;
}

/*
 * The text of a <string> value, borrowed; NULL when it is missing, not one,
 * or holds a NUL (on which plist_get_string_val would abort).
 */
static const char *
string_of(plist_t dict, const char *key)
{
    plist_t node = plist_dict_get_item(dict, key);
    const char *text;
    uint64_t len = 0;

    if (node == NULL || plist_get_node_type(node) != PLIST_STRING)
        return NULL;
    text = plist_get_string_ptr(node, &len);
    return text != NULL && strlen(text) == len ? text : NULL;
}

static STACK_OF(X509) * read_chain(const char *pem)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    struct pem_block block;
    size_t at = 0;
    size_t len = strlen(pem);

    while (chain != NULL && sk_X509_num(chain) < MAX_CHAIN &&
           pem_next(pem, len, &at, &block)) {
        size_t der_len = 0;
        unsigned char *der =
            base64_read_loose(block.body, block.body_len, &der_len);
        const unsigned char *p = der;
        X509 *cert = der == NULL ? NULL : d2i_X509(NULL, &p, (long)der_len);

        if (cert != NULL && sk_X509_push(chain, cert) <= 0)
            X509_free(cert);
        OPENSSL_free(der);
    }
    return chain;
}

static bool
verify(X509 *leaf, const char *signature, const unsigned char *der,
       size_t der_len)
{
    EVP_PKEY *key = X509_get0_pubkey(leaf);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    size_t len = 0;
    unsigned char *bytes =
        base64_read_loose(signature, strlen(signature), &len);
    bool is_valid =
        key != NULL && md != NULL && bytes != NULL &&
        EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
        EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(md, bytes, len, der, der_len) == 1;

    OPENSSL_free(bytes);
    EVP_MD_CTX_free(md);
    return is_valid;
}

static void
add_upload(struct pile *pile, const char *csr_text, const char *chain_text,
           const char *signature)
{
    size_t len = 0;
    unsigned char *der = base64_read_loose(csr_text, strlen(csr_text), &len);
    const unsigned char *at = der;
    X509_REQ *csr = der == NULL ? NULL : d2i_X509_REQ(NULL, &at, (long)len);
    STACK_OF(X509) *chain = read_chain(chain_text);
    struct pile_item *item = NULL;

    if (csr == NULL || chain == NULL || sk_X509_num(chain) == 0) {
        pile_note(pile, CERTLIFE_KIND_BROKEN, "signed request");
        goto done;
    }
    if ((item = pile_add(pile, CERTLIFE_KIND_UPLOAD)) == NULL)
        goto done;
    item->is_signature_valid =
        verify(sk_X509_value(chain, 0), signature, der, len);
    item->csr = csr;
    facts_csr(csr, &item->facts);
    item->chain = chain;
done:
    OPENSSL_free(der);
    if (item == NULL) {
        X509_REQ_free(csr);
        sk_X509_pop_free(chain, X509_free);
    }
}

static bool
read_dict(struct pile *pile, plist_t dict)
{
    const char *csr;
    const char *chain;
    const char *signature;

    if (plist_get_node_type(dict) != PLIST_DICT ||
        plist_dict_get_item(dict, "PushCertRequestCSR") == NULL)
        return false;
    csr = string_of(dict, "PushCertRequestCSR");
    chain = string_of(dict, "PushCertCertificateChain");
    signature = string_of(dict, "PushCertSignature");
    if (csr != NULL && chain != NULL && signature != NULL)
        add_upload(pile, csr, chain, signature);
    else
        pile_note(pile, CERTLIFE_KIND_BROKEN, "signed request");
    return true;
}

static bool
has(const char *xml, size_t len, const char *word)
{
    return memmem(xml, len, word, strlen(word)) != NULL;
}

/* Told by their keys as text: a profile may be deeper than is parsed here. */
static void
note_other(struct pile *pile, const char *xml, size_t len)
{
    static const char *const messages[] = {"Authenticate", "TokenUpdate",
                                           "CheckOut"};
    const char *note = "";

    if (has(xml, len, "<key>PayloadType</key>") ||
        has(xml, len, "<key>PayloadContent</key>")) {
        pile_note(pile, CERTLIFE_KIND_PROFILE, "");
        return;
    }
    if (!has(xml, len, "<key>MessageType</key>") &&
        !has(xml, len, "<key>UDID</key>")) {
        pile_note(pile, CERTLIFE_KIND_PLIST, "");
        return;
    }
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (has(xml, len, messages[i]))
            note = messages[i];
    pile_note(pile, CERTLIFE_KIND_CHECKIN, note);
}

void
readplist_upload(struct pile *pile, const char *xml, size_t len)
{
    plist_t root = NULL;

    if (len < UINT32_MAX &&
        count(xml, len, "<dict") + count(xml, len, "<array") <= MAX_CONTAINERS)
        plist_from_xml(xml, (uint32_t)len, &root);
    if (root == NULL || !read_dict(pile, root))
        note_other(pile, xml, len);
    plist_free(root);
    ERR_clear_error();
}
