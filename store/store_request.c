/* SPDX-License-Identifier: MIT */
#include "store/store_request.h"

#include <string.h>

#include "store/core.h"
#include "store/shape.h"

void *
store_request_new(struct store *store, const struct store_request_kind *kind,
                  void *arg)
{
    struct arena arena = {0};
    struct store_request *request;

    if (store->is_closing) {
        store->refusal = STORE_ECLOSED;
        return NULL;
    }
    if (store->n_pending >= STORE_MAX_PENDING) {
        store->refusal = STORE_EBUSY;
        return NULL;
    }
    if ((request = arena_take(&arena, kind->size)) == NULL) {
        store->refusal = STORE_ENOMEM;
        return NULL;
    }
    request->kind = kind;
    request->arena = arena;
    request->arg = arg;
    return request;
}

enum store_err
store_request_add(struct store *store, struct store_request *request)
{
    if (request == NULL)
        return store->refusal;
    if (request->arena.is_failed) {
        store_request_free(request);
        return STORE_ENOMEM;
    }
    /* When nobody hands over before the loop sleeps, this wakes it. */
    if (lanes_are_empty(&store->made))
        ev_async_send(store->loop, &store->async);
    lanes_add(&store->made, request);
    store->n_pending++;
    return STORE_OK;
}

static const char **
text_of(const void *record, const struct store_text *text)
{
    return (const char **)(void *)((char *)(uintptr_t)record + text->at);
}

static bool
are_shaped(const struct store_text *texts, const void *record)
{
    for (; texts != NULL && texts->max != 0; texts++) {
        const char *text = *text_of(record, texts);

        if (texts->how == TEXT_NEEDED ? !shape_name(text, texts->max)
                                      : !shape_text(text, texts->max))
            return false;
    }
    return true;
}

static void
copy_texts(const struct store_text *texts, struct store_request *request)
{
    for (; texts != NULL && texts->max != 0; texts++) {
        const char **text = text_of(request, texts);

        if (texts->how == TEXT_GIVEN)
            *text = shape_given(*text);
        *text = arena_text(&request->arena, *text);
    }
}

static struct store_ids *
ids_of(const void *record, const struct store_request_kind *kind)
{
    return (struct store_ids *)(void *)((char *)(uintptr_t)record + kind->ids);
}

enum store_err
store_request_put(struct store *store, const struct store_request_kind *kind,
                  const void *like, void *arg)
{
    const struct store_request *head = like;
    struct store_request *request;

    if (!are_shaped(kind->texts, like) ||
        (kind->ids != 0 &&
         !shape_ids(ids_of(like, kind)->ids, ids_of(like, kind)->n)))
        return STORE_EINVAL;
    if ((request = store_request_new(store, kind, arg)) == NULL)
        return store->refusal;
    request->arena.is_secret = head->arena.is_secret;
    request->is_prompt = head->is_prompt;
    memcpy(request + 1, head + 1, kind->size - sizeof *request);
    copy_texts(kind->texts, request);
    if (kind->ids != 0) {
        struct store_ids *ids = ids_of(request, kind);

        ids->ids = store_request_texts(request, ids->ids, ids->n);
    }
    return store_request_add(store, request);
}

void
store_request_free(struct store_request *request)
{
    struct arena arena;

    if (request == NULL)
        return;
    if (request->kind->forget != NULL)
        request->kind->forget(request);
    arena = request->arena; /* the request lies inside */
    arena_fini(&arena);
}

const char *const *
store_request_texts(struct store_request *request, const char *const *texts,
                    size_t n)
{
    const char **copies = arena_take(&request->arena, n * sizeof *copies);

    if (copies == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        copies[i] = arena_text(&request->arena, texts[i]);
    return copies;
}
