/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_DESK_H
#define ROUSE_DESK_H

/* A vendor's desk: all that a signature needs. Tests spoil one thing. */

#include <plist/plist.h>

#include "made_up.h"

struct desk {
    struct made_up made_up;        /* for all tests of the program */
    struct certlife_file chain[2]; /* out of order */
    struct certlife_signing signing;
    struct certlife_warnings warnings; /* of the last call */
    char detail[CERTLIFE_MAX_DETAIL];
};

/* For ALL: each test finds the desk in its state. */
int desk_set_up(void **state);
int desk_tear_down(void **state);

/** desk_lay_out(desk): everything right. */
void desk_lay_out(struct desk *desk);

/** desk_sign(desk, upload): certlife_upload_make with what lies there. */
enum certlife_err desk_sign(struct desk *desk, char **upload);

/** desk_read_back(desk, upload, facts): certlife_upload_read. */
enum certlife_err desk_read_back(struct desk *desk, const char *upload,
                                 struct certlife_upload *facts);

/** desk_plist_string(dict, key): to free(); that it is none fails the test. */
char *desk_plist_string(plist_t dict, const char *key);

#endif /* ROUSE_DESK_H */
