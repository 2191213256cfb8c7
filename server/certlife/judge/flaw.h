/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_FLAW_H
#define ROUSE_FLAW_H

/*
 * What is wrong with a push certificate itself, whatever is held and whatever
 * else was given. The check and the import say it in the same words.
 */

#include <stdbool.h>

#include "server/certlife/certlife.h"

/**
 * flaw_find(cert, fault, detail, now_unix, verdict, text):
 * Why no import takes it: its ${fault} of cert_describe with its ${detail},
 * its use, its dates. False: nothing.
 *
 *   text     CERTLIFE_MAX_TEXT bytes: what, and what to do
 */
bool flaw_find(const struct apns_cert *cert, enum apns_err fault,
               const char *detail, int64_t now_unix,
               enum certlife_verdict *verdict, char *text);

#endif /* ROUSE_FLAW_H */
