/* SPDX-License-Identifier: MIT */
#ifndef STORE_TRAIL_H
#define STORE_TRAIL_H

/*
 * What running waves counted behind their cursors. A wave's row on the disk
 * accounts for the rows up to its cursor. The pages that were given out
 * behind it are accounted for here, in memory, until the cursor passes them.
 * A crash forgets them: the wave looks at those rows again and counts what
 * became of them, so that none is counted twice. Changes made during a
 * transaction can be undone with it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "count.h"
#include "store/store.h"

#define TRAIL_MAX_PAGES 65536 /* given out and not passed, over all waves */

struct trail_page {
    int64_t after;
    int64_t end;            /* rows after < row <= end */
    int64_t n[N_COUNTERS];  /* before this transaction, */
    int64_t by[N_COUNTERS]; /* and what it adds */
    bool is_new;            /* made in this transaction */
    bool is_passed;         /* passed in it: not looked at any more */
};

/* One wave's, in the order of its rows. */
struct trail {
    int64_t wave;
    struct trail_page *pages;
    size_t n;
    size_t room;
    size_t last; /* page that was counted in last */
    bool is_changed;
};

struct trails {
    struct trail *trails;
    size_t n;
    size_t room;
    size_t n_pages;
};

void trail_fini(struct trails *trails);

/** trail_is_full(trails): TRAIL_MAX_PAGES; then there is no more to note. */
bool trail_is_full(const struct trails *trails);

/**
 * trail_note(trails, wave, page):
 * A page is given out, with what it counts already (${page->by}). It takes
 * the place of those that were given out from there on before.
 */
enum store_err trail_note(struct trails *trails, int64_t wave,
                          const struct trail_page *page);

/** trail_count(trails, wave, row, counter, by): in the page with ${row};
 *  without one nothing: the wave will look at it again. */
void trail_count(struct trails *trails, int64_t wave, int64_t row,
                 enum counter counter, int64_t by);

/** trail_pass(trails, wave, cursor, n): adds to ${n} what the pages up to
 *  ${cursor} count, and forgets them. */
void trail_pass(struct trails *trails, int64_t wave, int64_t cursor,
                int64_t n[N_COUNTERS]);

/** trail_sum(trails, wave, n): adds to ${n} what all its pages count. */
void trail_sum(const struct trails *trails, int64_t wave,
               int64_t n[N_COUNTERS]);

/** trail_keep(trails): the transaction is durable. */
void trail_keep(struct trails *trails);

/** trail_undo(trails): it was undone. */
void trail_undo(struct trails *trails);

#endif /* STORE_TRAIL_H */
