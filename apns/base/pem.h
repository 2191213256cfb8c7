/* SPDX-License-Identifier: MIT */
#ifndef BASE_PEM_H
#define BASE_PEM_H

/*
 * PEM taken apart by ourselves. OpenSSL's reader wants every BEGIN on a line
 * of its own; what people glue together with cat has none where Apple's file
 * ends without a newline. Knows no certificates, and reads what hostile files
 * hold: text outside of blocks is passed over.
 */

#include <stdbool.h>
#include <stddef.h>

#define PEM_MAX_TYPE 63 /* bytes of the words after BEGIN */

/* "-----BEGIN type-----" … "-----END type-----". Borrowed bytes. */
struct pem_block {
    char type[PEM_MAX_TYPE + 1]; /* "CERTIFICATE", …; "?": none that can be
                                    shown, and is_cut */
    const char *header;          /* Proc-Type …: OpenSSL's old encryption */
    size_t header_len;           /* 0: none, or no blank line ends it */
    const char *body;            /* base64, for base64_read_loose */
    size_t body_len;
    bool is_cut;       /* no END line before the next BEGIN */
    bool is_other_end; /* its END line names another type */
};

/**
 * pem_next(text, len, at, block):
 * Find the next block from offset ${*at} on and move ${*at} behind it. False:
 * there is no further BEGIN.
 */
bool pem_next(const char *text, size_t len, size_t *at,
              struct pem_block *block);

#endif /* BASE_PEM_H */
