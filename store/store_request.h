/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_REQUEST_H
#define STORE_STORE_REQUEST_H

/*
 * One operation on its way: made on the loop's thread, run on the store
 * thread, completed on the loop's thread. A request lives in its own arena
 * together with its inputs and answers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "store/arena.h"
#include "store/store.h"

struct db;
struct store_request;

enum store_text_how {
    TEXT_NEEDED, /* neither NULL nor "" */
    TEXT_GIVEN,  /* NULL stands for "" */
    TEXT_MAYBE,  /* NULL stays NULL */
};

/* A text of a record: checked and copied when a request is made. */
struct store_text {
    size_t at;  /* where it lies in the record */
    size_t max; /* bytes; 0 ends an array of these */
    enum store_text_how how;
};

/* The enrollments that a request is about. */
struct store_ids {
    const char *const *ids;
    size_t n;
};

#define TEXT(type, member, max, how)                   \
    {                                                  \
        offsetof(struct type, member), max, TEXT_##how \
    }

struct store_request_kind {
    bool is_write;
    bool is_apart; /* a read that no transaction may surround */
    /* On the store thread. Checks first, writes after: an error of category
       USAGE means that nothing was written, one of category SYSTEM undoes
       the whole transaction. A read may be run twice: then the last counts. */
    enum store_err (*run)(struct store_request *request, struct db *db);
    /* On the loop's thread: call the caller back. */
    void (*complete)(struct store_request *request, enum store_err err);
    /* Give back what run made outside the arena; NULL when it makes none. */
    void (*forget)(struct store_request *request);
    size_t size; /* of the record that begins with struct store_request */
    const struct store_text *texts; /* NULL: it has none */
    size_t ids; /* where a struct store_ids lies; 0: it has none */
};

struct store_request {
    STAILQ_ENTRY(store_request) link;
    const struct store_request_kind *kind;
    struct arena arena;
    enum store_err err;
    bool is_prompt; /* see store.h */
    void *arg;
};

STAILQ_HEAD(store_request_list, store_request);

#define STORE_PROMPT_MAX 64 /* items of a request that is prompt */

/**
 * store_request_put(store, kind, like, arg):
 * Make one that is as ${like}, a record of ${kind}, with copies of its texts
 * and ids, and put it behind those made before. Whatever else
 * it points to stays the caller's: a run must not look at it.
 *
 *   errors   STORE_EINVAL  a text or id is too long, or needed and missing
 *            STORE_ECLOSED, STORE_EBUSY, STORE_ENOMEM: there is none
 */
enum store_err store_request_put(struct store *store,
                                 const struct store_request_kind *kind,
                                 const void *like, void *arg);

/**
 * store_request_new(store, kind, arg):
 * A zeroed record of ${kind}, for one that takes more than texts with it.
 * NULL when the store takes none: ${store->refusal} says why.
 */
void *store_request_new(struct store *store,
                        const struct store_request_kind *kind, void *arg);

/**
 * store_request_add(store, request):
 * Put it behind those made before; STORE_ENOMEM when its arena failed, and
 * the refusal when ${request} is NULL.
 */
enum store_err store_request_add(struct store *store,
                                 struct store_request *request);

/** store_request_free(request): with its arena; NULL is fine. */
void store_request_free(struct store_request *request);

/** store_request_texts(request, texts, n): copies in the arena, or NULL. */
const char *const *store_request_texts(struct store_request *request,
                                       const char *const *texts, size_t n);

#endif /* STORE_STORE_REQUEST_H */
