/* SPDX-License-Identifier: MIT */
#include "streams.h"

#include <stdlib.h>

#include "bench/sim/push/sim_request.h"

#define FIRST_BUCKETS 64U

/* Clients' stream ids are odd and come in order. */
static struct request **
bucket_of(const struct streams *streams, int32_t stream_id)
{
    return &streams->buckets[((uint32_t)stream_id >> 1) &
                             (streams->n_buckets - 1)];
}

void
streams_free(struct streams *streams)
{
    free(streams->buckets);
}

static bool
grow(struct streams *streams)
{
    struct streams larger = {.n_buckets = streams->n_buckets == 0
                                              ? FIRST_BUCKETS
                                              : 2 * streams->n_buckets};
    struct request *request, *next;

    larger.buckets = calloc(larger.n_buckets, sizeof(struct request *));
    if (larger.buckets == NULL)
        return false;
    for (request = streams_next(streams, NULL); request != NULL;
         request = next) {
        next = streams_next(streams, request);
        streams_add(&larger, request);
    }
    free(streams->buckets);
    *streams = larger;
    return true;
}

bool
streams_add(struct streams *streams, struct request *request)
{
    struct request **bucket;

    if (streams->n == streams->n_buckets && !grow(streams))
        return false;
    bucket = bucket_of(streams, request->stream_id);
    request->next = *bucket;
    *bucket = request;
    streams->n++;
    return true;
}

void
streams_remove(struct streams *streams, struct request *request)
{
    struct request **at = bucket_of(streams, request->stream_id);

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    streams->n--;
}

struct request *
streams_find(const struct streams *streams, int32_t stream_id)
{
    struct request *request;

    if (streams->n == 0)
        return NULL;
    request = *bucket_of(streams, stream_id);
    while (request != NULL && request->stream_id != stream_id)
        request = request->next;
    return request;
}

struct request *
streams_next(const struct streams *streams, const struct request *request)
{
    uint32_t i = 0;

    if (request != NULL) {
        if (request->next != NULL)
            return request->next;
        i = (uint32_t)(bucket_of(streams, request->stream_id) -
                       streams->buckets) +
            1;
    }
    for (; i < streams->n_buckets; i++)
        if (streams->buckets[i] != NULL)
            return streams->buckets[i];
    return NULL;
}
