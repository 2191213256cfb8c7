/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_READPKCS12_H
#define ROUSE_READPKCS12_H

/* PKCS#12, also with ciphers of long ago. */

#include "pile.h"

/** readpkcs12_all(pile, der, len, password): false: not PKCS#12. */
bool readpkcs12_all(struct pile *pile, const unsigned char *der, size_t len,
                    const char *password);

#endif /* ROUSE_READPKCS12_H */
