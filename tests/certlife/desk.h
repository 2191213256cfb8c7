/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_DESK_H
#define ROUSE_DESK_H

/* A vendor's desk: all that a signature needs. Tests spoil one thing. */

#include "made_up.h"

struct desk {
    struct certlife_file chain[2]; /* out of order */
    struct certlife_signing signing;
};

/** desk_lay_out(desk, made_up): everything right. */
void desk_lay_out(struct desk *desk, const struct made_up *made_up);

#endif /* ROUSE_DESK_H */
