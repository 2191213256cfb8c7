/* SPDX-License-Identifier: MIT */
#include "trail.h"

#include <stdlib.h>
#include <string.h>

void
trail_fini(struct trails *trails)
{
    for (size_t i = 0; i < trails->n; i++)
        free(trails->trails[i].pages);
    free(trails->trails);
    *trails = (struct trails){0};
}

static struct trail *
find(const struct trails *trails, int64_t wave)
{
    for (size_t i = 0; i < trails->n; i++)
        if (trails->trails[i].wave == wave)
            return &trails->trails[i];
    return NULL;
}

static struct trail *
take(struct trails *trails, int64_t wave)
{
    struct trail *trail = find(trails, wave);
    size_t room = trails->room == 0 ? 8 : trails->room * 2;
    struct trail *larger;

    if (trail != NULL)
        return trail;
    if (trails->n == trails->room) {
        larger = realloc(trails->trails, room * sizeof *larger);
        if (larger == NULL)
            return NULL;
        trails->trails = larger;
        trails->room = room;
    }
    trail = &trails->trails[trails->n++];
    *trail = (struct trail){.wave = wave};
    return trail;
}

static bool
make_room(struct trail *trail)
{
    size_t room = trail->room == 0 ? 8 : trail->room * 2;
    struct trail_page *pages;

    if (trail->n < trail->room)
        return true;
    if ((pages = realloc(trail->pages, room * sizeof *pages)) == NULL)
        return false;
    trail->pages = pages;
    trail->room = room;
    return true;
}

bool
trail_is_full(const struct trails *trails)
{
    return trails->n_pages >= TRAIL_MAX_PAGES;
}

enum store_err
trail_note(struct trails *trails, int64_t wave, const struct trail_page *page)
{
    struct trail *trail;

    if ((trail = take(trails, wave)) == NULL)
        return STORE_ENOMEM;
    trail->is_changed = true;
    for (size_t i = 0; i < trail->n; i++)
        trail->pages[i].is_passed |= trail->pages[i].after >= page->after;
    if (!make_room(trail))
        return STORE_ENOMEM; /* and the transaction is undone */
    trail->pages[trail->n] = *page;
    trail->pages[trail->n].is_new = true;
    trail->n++;
    trails->n_pages++;
    return STORE_OK;
}

static bool
holds(const struct trail_page *page, int64_t row)
{
    return !page->is_passed && row > page->after && row <= page->end;
}

void
trail_count(struct trails *trails, int64_t wave, int64_t row,
            enum counter counter, int64_t by)
{
    struct trail *trail = find(trails, wave);

    if (trail == NULL)
        return;
    if (trail->last >= trail->n || !holds(&trail->pages[trail->last], row)) {
        trail->last = 0;
        while (trail->last < trail->n &&
               !holds(&trail->pages[trail->last], row))
            trail->last++;
        if (trail->last == trail->n)
            return;
    }
    trail->pages[trail->last].by[counter] += by;
    trail->is_changed = true;
}

static void
add(const struct trail_page *page, int64_t n[N_COUNTERS])
{
    for (int i = 0; i < N_COUNTERS; i++)
        n[i] += page->n[i] + page->by[i];
}

void
trail_pass(struct trails *trails, int64_t wave, int64_t cursor,
           int64_t n[N_COUNTERS])
{
    struct trail *trail = find(trails, wave);

    if (trail == NULL)
        return;
    for (size_t i = 0; i < trail->n; i++) {
        struct trail_page *page = &trail->pages[i];

        if (page->is_passed || page->end > cursor)
            continue;
        add(page, n);
        page->is_passed = true;
        trail->is_changed = true;
    }
}

void
trail_sum(const struct trails *trails, int64_t wave, int64_t n[N_COUNTERS])
{
    const struct trail *trail = find(trails, wave);

    for (size_t i = 0; trail != NULL && i < trail->n; i++)
        if (!trail->pages[i].is_passed)
            add(&trail->pages[i], n);
}

/* ${is_kept}: as it is now, else as it was before. */
static void
end_transaction(struct trails *trails, struct trail *trail, bool is_kept)
{
    size_t n = 0;

    for (size_t i = 0; i < trail->n; i++) {
        struct trail_page page = trail->pages[i];

        for (int k = 0; k < N_COUNTERS; k++)
            page.n[k] += is_kept ? page.by[k] : 0;
        memset(page.by, 0, sizeof page.by);
        if (is_kept ? page.is_passed : page.is_new)
            continue;
        page.is_new = page.is_passed = false;
        trail->pages[n++] = page;
    }
    trails->n_pages -= trail->n - n;
    trail->n = n;
    trail->is_changed = false;
}

static void
end_all(struct trails *trails, bool is_kept)
{
    for (size_t i = 0; i < trails->n;) {
        struct trail *trail = &trails->trails[i];

        if (trail->is_changed)
            end_transaction(trails, trail, is_kept);
        if (trail->n > 0) {
            i++;
            continue;
        }
        free(trail->pages);
        *trail = trails->trails[--trails->n];
    }
}

void
trail_keep(struct trails *trails)
{
    end_all(trails, true);
}

void
trail_undo(struct trails *trails)
{
    end_all(trails, false);
}
