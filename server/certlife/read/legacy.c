/* SPDX-License-Identifier: MIT */
#include "legacy.h"

#include <string.h>

#include <openssl/asn1t.h>
#include <openssl/objects.h>

#include "apns/base/must.h"
#include "server/certlife/certlife.h"

void
legacy_init(struct legacy *legacy)
{
    memset(legacy, 0, sizeof *legacy);
    legacy->budget = CERTLIFE_MAX_ITERATIONS;
}

void
legacy_fini(struct legacy *legacy)
{
    if (legacy->old != NULL)
        OSSL_PROVIDER_unload(legacy->old);
    if (legacy->modern != NULL)
        OSSL_PROVIDER_unload(legacy->modern);
    OSSL_LIB_CTX_free(legacy->own);
    memset(legacy, 0, sizeof *legacy);
}

bool
legacy_enter(struct legacy *legacy)
{
    if (legacy->own == NULL) {
        OSSL_LIB_CTX *own = OSSL_LIB_CTX_new();

        if (own == NULL)
            return false;
        legacy->modern = OSSL_PROVIDER_load(own, "default");
        if (legacy->modern == NULL) {
            OSSL_LIB_CTX_free(own);
            return false;
        }
        legacy->old = OSSL_PROVIDER_load(own, "legacy");
        legacy->own = own;
    }
    legacy->outer = OSSL_LIB_CTX_set0_default(legacy->own);
    return true;
}

void
legacy_leave(struct legacy *legacy)
{
    must(legacy->outer != NULL);
    OSSL_LIB_CTX_set0_default(legacy->outer);
    legacy->outer = NULL;
}

bool
legacy_spend(struct legacy *legacy, uint64_t rounds)
{
    if (rounds > legacy->budget) {
        legacy->is_over_budget = true;
        return false;
    }
    legacy->budget -= rounds;
    return true;
}

/* What cannot be read or is negative costs more than there is. */
static uint64_t
read_uint(const ASN1_INTEGER *number)
{
    int64_t value;

    if (number == NULL || ASN1_INTEGER_get_int64(&value, number) != 1 ||
        value < 0)
        return UINT64_MAX;
    return (uint64_t)value;
}

static uint64_t
cost_of_scrypt(const ASN1_TYPE *parameter)
{
    SCRYPT_PARAMS *scrypt =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameter);
    uint64_t n;
    uint64_t r;
    uint64_t p;
    uint64_t cost;

    if (scrypt == NULL)
        return UINT64_MAX;
    n = read_uint(scrypt->costParameter);
    r = read_uint(scrypt->blockSize);
    p = read_uint(scrypt->parallelizationParameter);
    SCRYPT_PARAMS_free(scrypt);
    /* One block mix is about as much work as one round of PBKDF2. */
    if (__builtin_mul_overflow(n, r, &cost) ||
        __builtin_mul_overflow(cost, p, &cost))
        return UINT64_MAX;
    return cost;
}

/* SHA-1 is too short for one block of a key; the longer ones are slower. */
static uint64_t
twice(uint64_t cost)
{
    return cost > UINT64_MAX / 2 ? UINT64_MAX : 2 * cost;
}

static uint64_t
cost_of_pbkdf2(const ASN1_TYPE *parameter)
{
    PBKDF2PARAM *pbkdf2 =
        ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), parameter);
    uint64_t cost;

    if (pbkdf2 == NULL)
        return UINT64_MAX;
    cost = read_uint(pbkdf2->iter);
    if (pbkdf2->prf == NULL ||
        OBJ_obj2nid(pbkdf2->prf->algorithm) != NID_hmacWithSHA256)
        cost = twice(cost);
    PBKDF2PARAM_free(pbkdf2);
    return cost;
}

static uint64_t
cost_of_kdf(const X509_ALGOR *kdf)
{
    switch (OBJ_obj2nid(kdf->algorithm)) {
    case NID_id_scrypt:
        return cost_of_scrypt(kdf->parameter);
    case NID_id_pbkdf2:
        return cost_of_pbkdf2(kdf->parameter);
    default:
        return UINT64_MAX;
    }
}

static uint64_t
cost_of(const X509_ALGOR *algorithm)
{
    uint64_t cost = UINT64_MAX;

    if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
        PBE2PARAM *pbes2 = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM),
                                                     algorithm->parameter);

        if (pbes2 != NULL)
            cost = cost_of_kdf(pbes2->keyfunc);
        PBE2PARAM_free(pbes2);
    } else {
        PBEPARAM *pbe = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM),
                                                  algorithm->parameter);

        if (pbe != NULL)
            cost = twice(read_uint(pbe->iter)); /* key and IV */
        PBEPARAM_free(pbe);
    }
    return cost;
}

bool
legacy_spend_on(struct legacy *legacy, const X509_ALGOR *algorithm)
{
    if (algorithm == NULL || algorithm->parameter == NULL)
        return false;

    uint64_t cost = cost_of(algorithm);

    /* Unreadable parameters are damage, not work. */
    if (cost == UINT64_MAX)
        return false;
    return legacy_spend(legacy, cost);
}
