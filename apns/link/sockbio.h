/* SPDX-License-Identifier: MIT */
#ifndef APNS_SOCKBIO_H
#define APNS_SOCKBIO_H

/*
 * A socket for OpenSSL that never raises SIGPIPE: OpenSSL's own writes with
 * write(), and a library must not touch its host's signal handlers.
 */

#include <openssl/bio.h>

/** sockbio_method_new(): free with BIO_meth_free; NULL: out of memory. */
BIO_METHOD *sockbio_method_new(void);

/** sockbio_new(method, fd): does not own ${fd}; NULL: out of memory. */
BIO *sockbio_new(const BIO_METHOD *method, int fd);

#endif /* APNS_SOCKBIO_H */
