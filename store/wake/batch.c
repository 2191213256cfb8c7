/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include "store/core.h"

enum store_err
batch_begin(struct batch_builder *builder, struct db *db, size_t max)
{
    *builder = (struct batch_builder){.max = max, .number = ++db->n_batches};
    builder->batch = arena_take(&builder->arena, sizeof *builder->batch);
    if (builder->batch == NULL)
        return STORE_ENOMEM;
    return STORE_OK;
}

/* The room doubles: most batches are far smaller than what they may be. */
static bool
make_room(struct batch_builder *builder)
{
    struct store_batch *batch = builder->batch;
    size_t room = batch->n == 0 ? 8 : batch->n * 2;
    struct store_due *due;

    if (batch->n > 0 && (batch->n < 8 || (batch->n & (batch->n - 1)) != 0))
        return true;
    if (room > builder->max)
        room = builder->max;
    if ((due = arena_take(&builder->arena, room * sizeof *due)) == NULL)
        return false;
    for (size_t i = 0; i < batch->n; i++)
        due[i] = batch->due[i];
    batch->due = due;
    return true;
}

struct store_due *
batch_add(struct batch_builder *builder, struct db *db, int64_t topic)
{
    struct topic *interned;
    struct store_due *due;

    must(builder->batch->n < builder->max);
    if (!make_room(builder))
        return NULL;
    must(topic >= 0 && (size_t)topic < db->n_topics);
    interned = &db->topics[topic];
    if (interned->copied_in != builder->number) {
        interned->copied_in = builder->number;
        interned->copy = arena_text(&builder->arena, interned->name);
    }
    due = &builder->batch->due[builder->batch->n++];
    due->topic = interned->copy;
    return due;
}

void
batch_take_token(struct batch_builder *builder, struct store_due *due,
                 struct bind *bind)
{
    size_t len;

    due->token = bind_take_blob(bind, &builder->arena, &len);
    due->token_len = (uint16_t)len;
    due->magic = bind_take_text(bind, &builder->arena);
    due->tally = bind_take_u32(bind);
    due->token_at_ms = bind_take_int(bind);
}

struct store_batch *
batch_end(struct batch_builder *builder)
{
    struct store_batch *batch = builder->batch;

    if (builder->arena.is_failed) {
        batch_drop(builder);
        return NULL;
    }
    batch->memory = builder->arena.chunks;
    builder->batch = NULL;
    return batch;
}

void
batch_drop(struct batch_builder *builder)
{
    arena_fini(&builder->arena);
    builder->batch = NULL;
}

enum store_err
batch_finish(struct batch_head *head)
{
    head->batch = batch_end(&head->builder);
    return head->batch == NULL ? STORE_ENOMEM : STORE_OK;
}

struct store_batch *
batch_give(struct batch_head *head)
{
    struct store_batch *batch = head->batch;

    head->batch = NULL;
    return batch;
}

void
batch_forget(struct store_request *request)
{
    struct batch_head *head = (struct batch_head *)request;

    if (head->builder.batch != NULL)
        batch_drop(&head->builder);
    store_batch_free(batch_give(head));
}

void
store_batch_free(struct store_batch *batch)
{
    struct arena arena = {0};

    if (batch == NULL)
        return;
    arena.chunks = batch->memory; /* the batch lies inside */
    arena_fini(&arena);
}
