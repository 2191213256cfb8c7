/* SPDX-License-Identifier: MIT */
#include "store/store_request.h"

#include "store/core.h"

void *
store_request_new(struct store *store, const struct store_request_kind *kind,
                  size_t size, void *arg)
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
    if ((request = arena_take(&arena, size)) == NULL) {
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
