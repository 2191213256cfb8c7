/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_STREAMS_H
#define ROUSE_SIM_STREAMS_H

/*
 * A connection's open requests by their stream ids: a hash table that grows
 * with them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

/* All zero is none. */
struct streams {
    struct request **buckets;
    uint32_t n_buckets; /* power of two */
    uint32_t n;         /* requests */
};

/** streams_free(streams): they are empty. */
void streams_free(struct streams *streams);

/** streams_add(streams, request): false without memory. */
bool streams_add(struct streams *streams, struct request *request);

/** streams_remove(streams, request): it is one of them. */
void streams_remove(struct streams *streams, struct request *request);

/** streams_find(streams, stream_id): NULL: none. */
struct request *streams_find(const struct streams *streams, int32_t stream_id);

/** streams_next(streams, request): one after the other; NULL to NULL. */
struct request *streams_next(const struct streams *streams,
                             const struct request *request);

#endif /* ROUSE_SIM_STREAMS_H */
