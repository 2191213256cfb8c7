/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_READDER_H
#define ROUSE_READDER_H

/*
 * DER of one kind or another. True: it was that kind, and something was
 * added, if only a note that it cannot be opened.
 */

#include "pile.h"

/** readder_any(pile, der, len, password): whatever DER it is. */
bool readder_any(struct pile *pile, const unsigned char *der, size_t len,
                 const char *password);

/** readder_cert, readder_csr, readder_pkcs7: as they say. */
bool readder_cert(struct pile *pile, const unsigned char *der, size_t len);
bool readder_csr(struct pile *pile, const unsigned char *der, size_t len);
bool readder_pkcs7(struct pile *pile, const unsigned char *der, size_t len);

/** readder_pkcs8(pile, der, len): an unencrypted PKCS#8 key. */
bool readder_pkcs8(struct pile *pile, const unsigned char *der, size_t len);

/** readder_sealed(pile, der, len, password): an encrypted PKCS#8 key. */
bool readder_sealed(struct pile *pile, const unsigned char *der, size_t len,
                    const char *password);

/** readder_key(pile, type, der, len): PKCS#1 (EVP_PKEY_RSA) or SEC1. */
bool readder_key(struct pile *pile, int type, const unsigned char *der,
                 size_t len);

#endif /* ROUSE_READDER_H */
