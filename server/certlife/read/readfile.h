/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_READFILE_H
#define ROUSE_READFILE_H

/* Any file, recognised by its bytes. */

#include "pile.h"

/** readfile_bytes(pile, bytes, len, password): add what it is, always. */
void readfile_bytes(struct pile *pile, const unsigned char *bytes, size_t len,
                    const char *password);

#endif /* ROUSE_READFILE_H */
