/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_IMPORT_VERDICT_H
#define ENGINE_IMPORT_VERDICT_H

/*
 * May this certificate be imported, what does it look like beside the one in
 * force, and what is to be said although nothing forbids it. Decides on
 * values; touches neither store nor client.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_view.h"
#include "server/certlife/certlife.h"
#include "server/engine/cert/life/life_files.h"
#include "server/rouse.h"

struct import_verdict {
    bool is_made; /* what follows is filled in */
    struct certlife_answer answer;
    const char *account; /* to be recorded: given or of before; NULL: none */
    char *comparison;
    size_t n_warnings;
    const char *warnings[CERTLIFE_MAX_WARNINGS]; /* the check's, and: */
    char of_account[CERTLIFE_MAX_TEXT];
};

/**
 * import_verdict_make(verdict, view, given, request_topic, files, push, now):
 * Judge object ${push} of ${files}, which are ${given}. False: no memory.
 *
 *   shape    ${request_topic}: what the request that its key is of was made
 *            to renew; "" a new topic; NULL: it is of none
 *   owns     points into all of them; they outlive it
 */
bool import_verdict_make(struct import_verdict *verdict,
                         const struct import_view *view,
                         const struct rouse_cert_import *given,
                         const char *request_topic,
                         const struct life_files *files, int push,
                         int64_t now_unix);

/** import_verdict_code(verdict): as a refusal's; ROUSE_CERT_OK: it is none. */
enum rouse_cert_code import_verdict_code(enum certlife_verdict verdict);

void import_verdict_fini(struct import_verdict *verdict);

#endif /* ENGINE_IMPORT_VERDICT_H */
