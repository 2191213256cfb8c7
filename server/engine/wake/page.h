/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PAGE_H
#define ENGINE_PAGE_H

/*
 * A page: a batch of due pushes that the store handed out, from its claim
 * until the last of them is settled. A wave's page says how far the wave's
 * cursor may move then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct store_batch;
struct topic;
struct walk;

struct page {
    TAILQ_ENTRY(page) lane;    /* while some are to be submitted */
    TAILQ_ENTRY(page) trail;   /* a wave's: until the cursor is behind it */
    struct page_list *in;      /* the lane it is in, or NULL */
    struct walk *walk;         /* its wave; NULL: single wakes */
    struct store_batch *batch; /* owned; NULL when all are submitted */
    size_t next;               /* first in batch that is not submitted */
    size_t n_unsettled;        /* submitted or not */
    int64_t cursor;            /* a wave's: behind this page */
    bool is_last;              /* a wave's: nothing comes behind it */
    bool is_probe;             /* goes though its topic is held */
    bool is_cut;               /* some were left out: never pass it */
    const char *topic_name;    /* the last one looked up, as interned */
    struct topic *topic;
};

TAILQ_HEAD(page_list, page);

/** page_new(): made before the claim, so that what is claimed has a place. */
struct page *page_new(void);

/** page_free(page): with its batch; it is in no list. NULL is fine. */
void page_free(struct page *page);

/** page_fill(page, batch): the claim's answer; takes ${batch}, which may be
 *  NULL or empty. */
void page_fill(struct page *page, struct store_batch *batch);

/** page_enter(page, lane): to be submitted from ${lane}. */
void page_enter(struct page *page, struct page_list *lane);

/** page_n_due(page): how many are not submitted yet. */
size_t page_n_due(const struct page *page);

/** page_advance(page, i): ${i} was submitted; those skipped before it stay. */
void page_advance(struct page *page, size_t i);

/** page_cut(page): drop what is not submitted; counts it. */
size_t page_cut(struct page *page);

#endif /* ENGINE_PAGE_H */
