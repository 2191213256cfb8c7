/* SPDX-License-Identifier: MIT */
#ifndef APNS_PEM_H
#define APNS_PEM_H

/*
 * PEM taken apart by ourselves. OpenSSL's reader wants every BEGIN on a line
 * of its own; what people glue together with cat has none where Apple's file
 * ends without a newline. Knows no certificates.
 */

#include <stdbool.h>
#include <stddef.h>

#define PEM_MAX_TYPE 64 /* bytes of the words after BEGIN */

struct pem_block {
    char type[PEM_MAX_TYPE + 1]; /* "CERTIFICATE", "RSA PRIVATE KEY", … */
    const char *body;            /* between the two lines; borrowed */
    size_t body_len;
};

enum pem_step {
    PEM_BLOCK,  /* here is one */
    PEM_END,    /* no further BEGIN */
    PEM_BROKEN, /* a BEGIN without its END; the type is filled in */
};

/**
 * pem_next(at, end, block):
 * Find the next block between ${*at} and ${end} and move ${*at} behind it.
 * Text outside of blocks is passed over. ${block->type} is always printable.
 */
enum pem_step pem_next(const char **at, const char *end,
                       struct pem_block *block);

/** pem_is_encrypted(block): it has OpenSSL's old encryption header. */
bool pem_is_encrypted(const struct pem_block *block);

/**
 * pem_decode(block, der, der_len):
 * The block's bytes, in memory to be given to OPENSSL_clear_free. False: it
 * is not base64, empty, or memory is short.
 */
bool pem_decode(const struct pem_block *block, unsigned char **der,
                size_t *der_len);

#endif /* APNS_PEM_H */
