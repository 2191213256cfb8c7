/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_READPEM_H
#define ROUSE_READPEM_H

/* PEM: one block or many, glued or not. */

#include "pile.h"

/** readpem_blocks(pile, text, len, password): false: there is none. */
bool readpem_blocks(struct pile *pile, const char *text, size_t len,
                    const char *password);

#endif /* ROUSE_READPEM_H */
