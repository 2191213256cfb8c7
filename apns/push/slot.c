/* SPDX-License-Identifier: MIT */
#include "slot.h"

#include <stdlib.h>
#include <string.h>

#include "apns/base/must.h"

struct slot_chunk {
    SLIST_ENTRY(slot_chunk) next;
    struct slot slots[SLOT_CHUNK];
};

#define PREFIX_LEN (sizeof SLOT_PATH_PREFIX - 1)

void
slot_pool_init(struct slot_pool *pool, uint32_t max)
{
    memset(pool, 0, sizeof *pool);
    TAILQ_INIT(&pool->free);
    SLIST_INIT(&pool->chunks);
    SLIST_INIT(&pool->answers);
    pool->max = max;
}

void
slot_pool_fini(struct slot_pool *pool)
{
    must(pool->n_used == 0);
    while (!SLIST_EMPTY(&pool->chunks)) {
        struct slot_chunk *chunk = SLIST_FIRST(&pool->chunks);

        SLIST_REMOVE_HEAD(&pool->chunks, next);
        free(chunk);
    }
    while (!SLIST_EMPTY(&pool->answers)) {
        struct slot_answer *answer = SLIST_FIRST(&pool->answers);

        SLIST_REMOVE_HEAD(&pool->answers, next);
        free(answer);
    }
}

static bool
grow(struct slot_pool *pool)
{
    struct slot_chunk *chunk = calloc(1, sizeof *chunk);

    if (chunk == NULL)
        return false;
    SLIST_INSERT_HEAD(&pool->chunks, chunk, next);
    for (size_t i = 0; i < SLOT_CHUNK; i++)
        TAILQ_INSERT_TAIL(&pool->free, &chunk->slots[i], link);
    pool->n_slots += SLOT_CHUNK;
    return true;
}

static void
write_path(struct slot *slot, const struct apns_push *push)
{
    memcpy(slot->text, SLOT_PATH_PREFIX, PREFIX_LEN);
    /* Ends with a NUL, in the place of the body's first byte. */
    apns_token_hex(push->token, push->token_len, slot->text + PREFIX_LEN);
}

/* A text that is too long for the slot. */
static enum apns_err
write_long_text(struct slot *slot, const struct apns_push *push,
                size_t path_len)
{
    char body[PAYLOAD_MAX];
    size_t body_len = payload_write(body, sizeof body, push->magic);

    if (body_len == 0)
        return APNS_EINVAL;
    if ((slot->text = malloc(path_len + body_len)) == NULL)
        return APNS_ENOMEM;
    write_path(slot, push);
    memcpy(slot->text + path_len, body, body_len);
    slot->body_len = (uint16_t)body_len;
    return APNS_OK;
}

/* Path and body share one piece of text: usually the one in the slot. */
static enum apns_err
write_text(struct slot *slot, const struct apns_push *push)
{
    size_t path_len = PREFIX_LEN + 2 * push->token_len;
    size_t body_len;

    slot->path_len = (uint16_t)path_len;
    if (path_len >= SLOT_TEXT_INLINE)
        return write_long_text(slot, push, path_len);
    slot->text = slot->inline_text;
    write_path(slot, push);
    body_len = payload_write(slot->text + path_len, SLOT_TEXT_INLINE - path_len,
                             push->magic);
    if (body_len == 0)
        return write_long_text(slot, push, path_len);
    slot->body_len = (uint16_t)body_len;
    return APNS_OK;
}

enum apns_err
slot_take(struct slot_pool *pool, const struct apns_push *push,
          struct slot **slot)
{
    enum apns_err err;
    struct slot *taken;

    if (push->token == NULL || push->token_len == 0 ||
        push->token_len > APNS_MAX_TOKEN || push->magic == NULL ||
        push->magic[0] == '\0' ||
        strnlen(push->magic, APNS_MAX_MAGIC + 1) > APNS_MAX_MAGIC)
        return APNS_EINVAL;
    if (pool->n_used >= pool->max)
        return APNS_EBUSY;
    if (TAILQ_EMPTY(&pool->free) && !grow(pool))
        return APNS_ENOMEM;
    /* The one given back last is the one that is still in the cache. */
    taken = TAILQ_FIRST(&pool->free);
    if ((err = write_text(taken, push)) != APNS_OK)
        return err;
    TAILQ_REMOVE(&pool->free, taken, link);
    taken->answer = NULL;
    taken->conn = NULL;
    taken->status = 0;
    taken->n_moves = 0;
    taken->is_resent = false;
    taken->is_apart = false;
    taken->probe = 0;
    taken->retry_after_s = 0;
    taken->latency_us = 0;
    taken->timestamp_ms = 0;
    taken->apns_id[0] = '\0';
    taken->reason[0] = '\0';
    pool->n_used++;
    *slot = taken;
    return APNS_OK;
}

void
slot_give(struct slot_pool *pool, struct slot *slot)
{
    must(slot->state != SLOT_FREE);
    slot_answer_drop(pool, slot);
    if (slot->text != slot->inline_text)
        free(slot->text);
    slot->text = NULL;
    slot->state = SLOT_FREE;
    TAILQ_INSERT_HEAD(&pool->free, slot, link);
    pool->n_used--;
}

void
slot_answer_add(struct slot_pool *pool, struct slot *slot, const uint8_t *text,
                size_t len)
{
    struct slot_answer *answer = slot->answer;

    if (answer == NULL) {
        if ((answer = SLIST_FIRST(&pool->answers)) != NULL)
            SLIST_REMOVE_HEAD(&pool->answers, next);
        else if ((answer = malloc(sizeof *answer)) == NULL)
            return;
        answer->len = 0;
        slot->answer = answer;
    }
    if (len > SLOT_MAX_ANSWER - answer->len)
        len = SLOT_MAX_ANSWER - answer->len;
    memcpy(answer->text + answer->len, text, len);
    answer->len += (uint32_t)len;
}

void
slot_answer_drop(struct slot_pool *pool, struct slot *slot)
{
    if (slot->answer != NULL)
        SLIST_INSERT_HEAD(&pool->answers, slot->answer, next);
    slot->answer = NULL;
    slot->status = 0;
    slot->retry_after_s = 0;
    slot->apns_id[0] = '\0';
}

void
slot_result(const struct slot *slot, struct apns_result *result)
{
    must(slot->state == SLOT_DONE);
    result->outcome = (enum apns_outcome)slot->outcome;
    result->class_ = (enum apns_class)slot->class_;
    result->status = slot->outcome == APNS_FAILED ? 0 : slot->status;
    result->reason = slot->reason;
    result->apns_id = slot->apns_id;
    result->timestamp_ms = slot->timestamp_ms;
    result->retry_after_s = slot->retry_after_s;
    result->latency_us = slot->latency_us;
    result->n_moves = slot->n_moves;
    result->is_resent = slot->is_resent;
}
