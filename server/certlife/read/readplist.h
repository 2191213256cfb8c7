/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_READPLIST_H
#define ROUSE_READPLIST_H

/* The signed request that goes to Apple. */

#include "pile.h"

/** readplist_upload(pile, xml, len): a signed request; else a PLIST. */
void readplist_upload(struct pile *pile, const char *xml, size_t len);

#endif /* ROUSE_READPLIST_H */
