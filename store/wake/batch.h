/* SPDX-License-Identifier: MIT */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

/*
 * Filling a batch of due pushes. The batch, its pushes and their bytes lie in
 * one arena that goes to the caller.
 */

#include <stddef.h>
#include <stdint.h>

#include "store/arena.h"
#include "store/bind.h"
#include "store/store.h"
#include "store/store_request.h"

struct batch_builder {
    struct store_batch *batch;
    struct arena arena;
    size_t max;
    uint64_t number; /* distinguishes this batch's copies of topics */
};

/** batch_begin(builder, db, max): room for ${max} pushes. */
enum store_err batch_begin(struct batch_builder *builder, struct db *db,
                           size_t max);

/** batch_add(builder, db, topic): the next push, topic set; NULL: no memory */
struct store_due *batch_add(struct batch_builder *builder, struct db *db,
                            int64_t topic);

/** batch_take_token(builder, due, bind): columns token, magic, version,
 *  token_at. */
void batch_take_token(struct batch_builder *builder, struct store_due *due,
                      struct bind *bind);

/** batch_end(builder): the batch, or NULL and all memory is given back. */
struct store_batch *batch_end(struct batch_builder *builder);

/** batch_drop(builder): give it back instead. */
void batch_drop(struct batch_builder *builder);

/* What a request begins with that hands out a batch. */
struct batch_head {
    struct store_request request;
    struct batch_builder builder;
    struct store_batch *batch;
};

/** batch_finish(head): the builder's batch is complete; STORE_ENOMEM. */
enum store_err batch_finish(struct batch_head *head);

/** batch_give(head): the batch, whose owner is the callee from now on. */
struct store_batch *batch_give(struct batch_head *head);

/** batch_forget(request): a kind's forget. */
void batch_forget(struct store_request *request);

#endif /* STORE_BATCH_H */
