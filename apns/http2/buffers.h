/* SPDX-License-Identifier: MIT */
#ifndef APNS_BUFFERS_H
#define APNS_BUFFERS_H

/*
 * Output buffers of one TLS record each. A connection has one only while it
 * has something to say, so idle ones cost nothing.
 */

#include <stdint.h>

#define BUFFERS_SIZE 16384 /* TLS' largest record */
#define BUFFERS_KEEP 8     /* unused ones that are kept */

struct buffers {
    uint8_t *kept[BUFFERS_KEEP];
    uint32_t n_kept;
};

/** buffers_take(buffers): BUFFERS_SIZE bytes, NULL: out of memory. */
uint8_t *buffers_take(struct buffers *buffers);

/** buffers_give(buffers, buffer): NULL is fine. */
void buffers_give(struct buffers *buffers, uint8_t *buffer);

/** buffers_fini(buffers): free those that are kept. */
void buffers_fini(struct buffers *buffers);

#endif /* APNS_BUFFERS_H */
