/* SPDX-License-Identifier: MIT */
#include "count.h"

#include <string.h>

#include "store/bind.h"
#include "store/core.h"

/* A wave that does not walk any more has no rows behind its cursor. */
static enum store_err
get_cursor(struct db *db, int64_t wave, int64_t *cursor)
{
    struct bind bind;

    *cursor = INT64_MAX;
    bind_begin(&bind, db, SQL_WAVE_CURSOR);
    bind_int(&bind, wave);
    if (bind_row(&bind))
        *cursor = bind_take_int(&bind);
    return bind_end(&bind);
}

static enum store_err
gather(struct db *db, int64_t wave, size_t *at)
{
    struct counts *counts = &db->counts;
    enum store_err err;
    int64_t cursor;
    size_t i = 0;

    while (i < counts->n && counts->waves[i].wave != wave)
        i++;
    *at = i;
    if (i < counts->n)
        return STORE_OK;
    if (i == COUNT_MAX_WAVES && (err = count_flush(db)) != STORE_OK)
        return err;
    if ((err = get_cursor(db, wave, &cursor)) != STORE_OK)
        return err;
    *at = i = counts->n++;
    memset(&counts->waves[i], 0, sizeof counts->waves[i]);
    counts->waves[i].wave = wave;
    counts->waves[i].cursor = cursor;
    return STORE_OK;
}

enum store_err
count_add(struct db *db, int64_t wave, int64_t row, enum counter counter,
          int64_t by)
{
    struct counts *counts = &db->counts;
    enum store_err err;
    size_t i;

    if ((err = gather(db, wave, &i)) != STORE_OK)
        return err;
    if (row > counts->waves[i].cursor) {
        trail_count(&db->trails, wave, row, counter, by);
        return STORE_OK;
    }
    counts->waves[i].by[counter] += by;
    counts->waves[i].is_changed = true;
    return STORE_OK;
}

int64_t
count_sum(const struct tally *tally)
{
    int64_t sum = 0;

    for (int i = 0; i < N_COUNTERS; i++)
        sum += tally->n[i];
    return sum;
}

enum store_err
count_get(struct db *db, int64_t wave, struct tally *tally)
{
    struct bind bind;
    enum store_err err = count_flush(db);

    *tally = (struct tally){0};
    if (err != STORE_OK)
        return err;
    bind_begin(&bind, db, SQL_WAVE_COUNTS);
    bind_int(&bind, wave);
    if (bind_row(&bind)) {
        tally->exists = true;
        tally->state = (enum store_wave_state)bind_take_int(&bind);
        tally->n_total = bind_take_int(&bind);
        for (int i = 0; i < N_COUNTERS; i++)
            tally->n[i] = bind_take_int(&bind);
    }
    return bind_end(&bind);
}

enum store_err
count_set(struct db *db, int64_t wave, const struct tally *tally)
{
    struct bind bind;

    bind_begin(&bind, db, SQL_WAVE_COUNT);
    bind_int(&bind, wave);
    bind_int(&bind, tally->state);
    bind_int(&bind, tally->n_total);
    for (int i = 0; i < N_COUNTERS; i++)
        bind_int(&bind, tally->n[i]);
    bind_int(&bind, db_now(db));
    return bind_run(&bind);
}

/*
 * More than the total is accounted for when a push ends that was counted
 * already: as cancelled when its wave was cancelled under it, as skipped when
 * the wave was thought to be through. What is left after that is enrollments
 * that came to match after the ask: they add to the total.
 */
void
count_balance(struct tally *tally)
{
    enum counter from = tally->state == STORE_WAVE_CANCELLED ? COUNTER_CANCELLED
                                                             : COUNTER_SKIPPED;
    int64_t surplus = count_sum(tally) - tally->n_total;

    if (surplus <= 0)
        return;
    int64_t taken = surplus < tally->n[from] ? surplus : tally->n[from];
    tally->n[from] -= taken;
    tally->n_total += surplus - taken;
}

static enum store_err
flush_one(struct db *db, int64_t wave, const int64_t *by)
{
    struct tally tally;
    enum store_err err = count_get(db, wave, &tally);

    if (err != STORE_OK || !tally.exists)
        return err;
    for (int i = 0; i < N_COUNTERS; i++) {
        tally.n[i] += by[i];
        if (tally.n[i] < 0)
            tally.n[i] = 0;
    }
    count_balance(&tally);
    if (tally.state == STORE_WAVE_SETTLING && tally.n[COUNTER_WAITING] == 0) {
        tally.state = STORE_WAVE_DONE;
        db->counts.n_over++;
    }
    return count_set(db, wave, &tally);
}

enum store_err
count_flush(struct db *db)
{
    enum store_err err = STORE_OK;
    struct counts counts;

    if (db->counts.n == 0)
        return STORE_OK;
    counts = db->counts; /* flush_one reads through count_get */
    db->counts.n = 0;
    for (size_t i = 0; i < counts.n && err == STORE_OK; i++)
        if (counts.waves[i].is_changed)
            err = flush_one(db, counts.waves[i].wave, counts.waves[i].by);
    return err;
}
