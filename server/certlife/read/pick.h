/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_PICK_H
#define ROUSE_PICK_H

/* Take the one thing that a step needs out of a file, or say what it is. */

#include <openssl/x509.h>

#include "pile.h"

/**
 * pick_csr(file, csr, detail):
 * The file's only request, its own signature checked; X509_REQ_free it.
 *
 *   errors   CERTLIFE_ECSR (detail says what the file is), CERTLIFE_ECSRSIG,
 *            LIMIT, CERTLIFE_ENOMEM
 */
enum certlife_err pick_csr(const struct certlife_file *file, X509_REQ **csr,
                           char *detail);

/**
 * pick_blame(pile, file, wanted, detail, err):
 * Write into ${detail} what ${file} holds instead of ${wanted}. Returns
 * CERTLIFE_EPASSWORD or CERTLIFE_EWORK when it is locked, else ${err}.
 */
enum certlife_err pick_blame(const struct pile *pile,
                             const struct certlife_file *file,
                             const char *wanted, char *detail,
                             enum certlife_err err);

#endif /* ROUSE_PICK_H */
