/* SPDX-License-Identifier: MIT */
#include "store/head.h"

void
head_done(struct store_request *request, enum store_err err)
{
    const struct done_head *it = (const struct done_head *)request;

    if (it->done != NULL)
        it->done(request->arg, err);
}

void
head_count(struct store_request *request, enum store_err err)
{
    const struct count_head *it = (const struct count_head *)request;

    if (it->done != NULL)
        it->done(request->arg, err, err == STORE_OK ? it->n : 0);
}

void
head_begin(struct list_head *list)
{
    list->n = list->room = 0;
    list->is_more = false;
    list->next = 0;
}

void *
head_add(struct list_head *list, size_t size)
{
    char *rows = arena_more(&list->request.arena, list->rows, list->n,
                            &list->room, size);

    if (rows == NULL)
        return NULL;
    list->rows = rows;
    return rows + list->n++ * size;
}

enum store_err
head_take(struct list_head *list, struct bind *bind, size_t size,
          enum store_err (*take)(struct store_request *request,
                                 struct bind *bind, void *row))
{
    enum store_err err = STORE_OK;
    void *row;

    head_begin(list);
    while (err == STORE_OK && bind_row(bind)) {
        if (list->limit != 0 && list->n == list->limit) {
            list->is_more = true;
            break;
        }
        row = head_add(list, size);
        err = row == NULL ? STORE_ENOMEM : take(&list->request, bind, row);
    }
    return bind_end_taken(bind, &list->request.arena, err);
}

void
head_drop(struct list_head *list, enum store_err err)
{
    if (err == STORE_OK)
        return;
    list->rows = NULL;
    list->n = 0;
    list->next = 0;
}
