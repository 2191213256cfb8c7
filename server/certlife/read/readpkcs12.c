/* SPDX-License-Identifier: MIT */
#include "readpkcs12.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>

#include "readder.h"

/*
 * PKCS#12, opened safe by safe instead of by PKCS12_parse: that would derive
 * keys with as many rounds as the file likes and decode keys of any type.
 */

#define MAX_DEPTH 4 /* safes within safes */

struct crumb {
    bool is_key; /* PKCS#8, else a certificate */
    unsigned char *der;
    int len;
};

struct opening {
    struct legacy *legacy;
    const char *password; /* NULL is not the same as "" in PKCS#12 */
    bool is_locked;       /* something could not be decrypted */
    size_t n;
    struct crumb crumbs[CERTLIFE_MAX_OBJECTS + 1];
};

static int
password_len(const struct opening *opening)
{
    return opening->password == NULL ? 0 : (int)strlen(opening->password);
}

static void
keep(struct opening *opening, bool is_key, unsigned char *der, int len)
{
    if (len <= 0)
        return;
    if (opening->n > CERTLIFE_MAX_OBJECTS) {
        OPENSSL_clear_free(der, (size_t)len);
        return;
    }
    opening->crumbs[opening->n++] =
        (struct crumb){.is_key = is_key, .der = der, .len = len};
}

static void
keep_key(struct opening *opening, const PKCS8_PRIV_KEY_INFO *info)
{
    unsigned char *der = NULL;
    int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);

    keep(opening, true, der, len);
}

static void
open_shrouded(struct opening *opening, const PKCS12_SAFEBAG *bag)
{
    const X509_ALGOR *algorithm = NULL;
    const X509_SIG *sealed = PKCS12_SAFEBAG_get0_pkcs8(bag);
    PKCS8_PRIV_KEY_INFO *info = NULL;

    if (sealed != NULL)
        X509_SIG_get0(sealed, &algorithm, NULL);
    if (algorithm != NULL && legacy_spend_on(opening->legacy, algorithm))
        info =
            PKCS12_decrypt_skey(bag, opening->password, password_len(opening));
    if (info == NULL)
        opening->is_locked = true;
    keep_key(opening, info);
    PKCS8_PRIV_KEY_INFO_free(info);
}

static void
open_cert(struct opening *opening, const PKCS12_SAFEBAG *bag)
{
    X509 *cert;
    unsigned char *der = NULL;

    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate ||
        (cert = PKCS12_SAFEBAG_get1_cert(bag)) == NULL)
        return;

    int len = i2d_X509(cert, &der);

    keep(opening, false, der, len);
    X509_free(cert);
}

static void open_bags(struct opening *opening,
                      const STACK_OF(PKCS12_SAFEBAG) * bags, int depth);

static void
open_bag(struct opening *opening, const PKCS12_SAFEBAG *bag, int depth)
{
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
        keep_key(opening, PKCS12_SAFEBAG_get0_p8inf(bag));
        break;
    case NID_pkcs8ShroudedKeyBag:
        open_shrouded(opening, bag);
        break;
    case NID_certBag:
        open_cert(opening, bag);
        break;
    case NID_safeContentsBag:
        if (depth < MAX_DEPTH)
            open_bags(opening, PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
        break;
    default:
        break;
    }
}

static void
open_bags(struct opening *opening, const STACK_OF(PKCS12_SAFEBAG) * bags,
          int depth)
{
    for (int i = 0;
         i < sk_PKCS12_SAFEBAG_num(bags) &&
         opening->n <= CERTLIFE_MAX_OBJECTS && !opening->legacy->is_over_budget;
         i++)
        open_bag(opening, sk_PKCS12_SAFEBAG_value(bags, i), depth);
}

static STACK_OF(PKCS12_SAFEBAG) *
    decrypt_safe(struct opening *opening, PKCS7 *safe)
{
    if (safe->d.encrypted == NULL || safe->d.encrypted->enc_data == NULL ||
        !legacy_spend_on(opening->legacy,
                         safe->d.encrypted->enc_data->algorithm))
        return NULL;
    return PKCS12_unpack_p7encdata(safe, opening->password,
                                   password_len(opening));
}

static void
open_safe(struct opening *opening, PKCS7 *safe)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;

    switch (OBJ_obj2nid(safe->type)) {
    case NID_pkcs7_data:
        if (safe->d.data != NULL)
            bags = PKCS12_unpack_p7data(safe);
        break;
    case NID_pkcs7_encrypted:
        bags = decrypt_safe(opening, safe);
        if (bags == NULL)
            opening->is_locked = true;
        break;
    default:
        break;
    }
    open_bags(opening, bags, 0);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

/* No password given: files without one use either none or an empty one. */
static bool
verify_mac(struct opening *opening, PKCS12 *p12)
{
    const ASN1_INTEGER *iterations = NULL;
    uint64_t rounds = 1;

    if (PKCS12_mac_present(p12) != 1)
        return true;
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, p12);
    if (iterations != NULL && ASN1_INTEGER_get_uint64(&rounds, iterations) != 1)
        return false;
    if (!legacy_spend(opening->legacy, rounds))
        return false;
    if (PKCS12_verify_mac(p12, opening->password, password_len(opening)) == 1)
        return true;
    if (opening->password != NULL || !legacy_spend(opening->legacy, rounds))
        return false;
    opening->password = "";
    return PKCS12_verify_mac(p12, "", 0) == 1;
}

static void
open_all(struct opening *opening, PKCS12 *p12)
{
    STACK_OF(PKCS7) * safes;

    if (!verify_mac(opening, p12)) {
        opening->is_locked = true;
        return;
    }
    safes = PKCS12_unpack_authsafes(p12);
    for (int i = 0; i < sk_PKCS7_num(safes) && i < CERTLIFE_MAX_OBJECTS; i++)
        open_safe(opening, sk_PKCS7_value(safes, i));
    sk_PKCS7_pop_free(safes, PKCS7_free);
}

static void
hand_over(struct opening *opening, struct pile *pile)
{
    for (size_t i = 0; i < opening->n; i++) {
        struct crumb *crumb = &opening->crumbs[i];

        if (crumb->is_key)
            readder_pkcs8(pile, crumb->der, (size_t)crumb->len);
        else
            readder_cert(pile, crumb->der, (size_t)crumb->len);
        OPENSSL_clear_free(crumb->der, (size_t)crumb->len);
    }
}

bool
readpkcs12_all(struct pile *pile, const unsigned char *der, size_t len,
               const char *password)
{
    struct opening opening = {.legacy = &pile->legacy, .password = password};
    const unsigned char *at = der;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)len);
    size_t n_before = pile->n;

    if (p12 == NULL)
        return false;
    PKCS12_free(p12);
    if (!legacy_enter(&pile->legacy)) {
        pile_note(pile, CERTLIFE_KIND_BROKEN, "PKCS#12");
        return true;
    }
    /* Once more, so that every part belongs to the context that opens it. */
    at = der;
    if ((p12 = d2i_PKCS12(NULL, &at, (long)len)) != NULL)
        open_all(&opening, p12);
    PKCS12_free(p12);
    legacy_leave(&pile->legacy);
    hand_over(&opening, pile);
    if (pile->legacy.is_over_budget)
        pile_lock(pile, CERTLIFE_KIND_LOCKED_PKCS12, PILE_TOO_MANY_ROUNDS);
    else if (opening.is_locked)
        pile_lock(pile, CERTLIFE_KIND_LOCKED_PKCS12,
                  password == NULL ? PILE_NO_PASSWORD : PILE_WRONG_PASSWORD);
    else if (pile->n == n_before)
        pile_note(pile, CERTLIFE_KIND_BROKEN, "PKCS#12 without contents");
    ERR_clear_error();
    return true;
}
