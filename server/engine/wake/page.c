/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdlib.h>

#include "apns/base/must.h"
#include "store/store.h"

struct page *
page_new(void)
{
    return calloc(1, sizeof(struct page));
}

void
page_free(struct page *page)
{
    if (page == NULL)
        return;
    must(page->in == NULL);
    store_batch_free(page->batch);
    free(page);
}

void
page_fill(struct page *page, struct store_batch *batch)
{
    must(page->batch == NULL);
    if (batch == NULL || batch->n == 0) {
        store_batch_free(batch);
        return;
    }
    page->batch = batch;
    page->n_unsettled = batch->n;
}

void
page_enter(struct page *page, struct page_list *lane)
{
    must(page->in == NULL);
    page->in = lane;
    TAILQ_INSERT_TAIL(lane, page, lane);
}

size_t
page_n_due(const struct page *page)
{
    return page->batch != NULL ? page->batch->n - page->next : 0;
}

/* Tokens are needed no longer than until they are submitted. */
static void
leave(struct page *page)
{
    store_batch_free(page->batch);
    page->batch = NULL;
    page->topic_name = NULL;
    if (page->in != NULL)
        TAILQ_REMOVE(page->in, page, lane);
    page->in = NULL;
}

void
page_advance(struct page *page, size_t i)
{
    struct store_due *due = page->batch->due;

    must(i >= page->next && i < page->batch->n);
    if (i != page->next) /* the first of those skipped takes its place */
        due[i] = due[page->next];
    if (++page->next == page->batch->n)
        leave(page);
}

size_t
page_cut(struct page *page)
{
    size_t n = page_n_due(page);

    if (n == 0)
        return 0;
    must(page->n_unsettled >= n);
    page->n_unsettled -= n;
    page->is_cut = true;
    leave(page);
    return n;
}
