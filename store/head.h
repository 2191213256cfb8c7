/* SPDX-License-Identifier: MIT */
#ifndef STORE_HEAD_H
#define STORE_HEAD_H

/*
 * The four shapes of an operation: it answers with nothing but its result
 * (done), with a number (count), with rows (list) or with one thing (row).
 * A request of the first three begins with the head of its shape in place of
 * struct store_request. A kind's complete is head_done, head_count, or what
 * the macros at the end make: they call the completion under its own type, so
 * that the compiler checks what it is given.
 */

#include "store/bind.h"
#include "store/store_request.h"

struct done_head {
    struct store_request request;
    store_done_fn *done;
};

struct count_head {
    struct store_request request;
    store_count_fn *done;
    int64_t n;
};

struct list_head {
    struct store_request request;
    size_t limit; /* rows that are taken; 0: all */
    void *rows;
    size_t n;
    size_t room;
    bool is_more; /* there are more than limit */
    int64_t next; /* cursor behind them, where the kind has one; 0: the end */
};

/** head_done(request, err): the complete of a kind with a done_head. */
void head_done(struct store_request *request, enum store_err err);

/** head_count(request, err): of one with a count_head; 0 on error. */
void head_count(struct store_request *request, enum store_err err);

/** head_begin(list): no rows yet; a read may be run twice. */
void head_begin(struct list_head *list);

/** head_add(list, size): the next row, zeroed; NULL: no memory. Rows are not
 *  where they were after that. */
void *head_add(struct list_head *list, size_t size);

/**
 * head_take(list, bind, size, take):
 * head_begin; then run ${bind} to its end and let ${take} take the columns of
 * each row into a record of ${size} zeroed bytes.
 */
enum store_err head_take(struct list_head *list, struct bind *bind, size_t size,
                         enum store_err (*take)(struct store_request *request,
                                                struct bind *bind, void *row));

/** head_drop(list, err): on an error the rows are not for the caller. */
void head_drop(struct list_head *list, enum store_err err);

/* What follows reads ${type}, the request's struct, with its member done. */

/* A list: done(arg, err, rows, n). */
#define HEAD_LIST(name, type)                                           \
    static void name(struct store_request *request, enum store_err err) \
    {                                                                   \
        struct type *it = (struct type *)request;                       \
                                                                        \
        head_drop(&it->list, err);                                      \
        if (it->done != NULL)                                           \
            it->done(request->arg, err, it->list.rows, it->list.n);     \
    }

/* A page: done(arg, err, rows, n, next). */
#define HEAD_PAGE(name, type)                                           \
    static void name(struct store_request *request, enum store_err err) \
    {                                                                   \
        struct type *it = (struct type *)request;                       \
                                                                        \
        head_drop(&it->list, err);                                      \
        if (it->done != NULL)                                           \
            it->done(request->arg, err, it->list.rows, it->list.n,      \
                     it->list.next);                                    \
    }

/* A row, in the member ${row}: done(arg, err, row), NULL on error. */
#define HEAD_ROW(name, type, row)                                           \
    static void name(struct store_request *request, enum store_err err)     \
    {                                                                       \
        struct type *it = (struct type *)request;                           \
                                                                            \
        if (it->done != NULL)                                               \
            it->done(request->arg, err, err == STORE_OK ? &it->row : NULL); \
    }

#endif /* STORE_HEAD_H */
