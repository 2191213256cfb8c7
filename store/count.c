/* SPDX-License-Identifier: MIT */
#include "store/count.h"

#include <string.h>

#include "store/bind.h"
#include "store/core.h"

enum store_err
count_add(struct db *db, int64_t wave, enum counter counter, int64_t by)
{
    struct counts *counts = &db->counts;
    enum store_err err;
    size_t i = 0;

    if (wave == 0)
        return STORE_OK;
    while (i < counts->n && counts->waves[i].wave != wave)
        i++;
    if (i == COUNT_MAX_WAVES) {
        if ((err = count_flush(db)) != STORE_OK)
            return err;
        i = 0;
    }
    if (i == counts->n) {
        memset(&counts->waves[i], 0, sizeof counts->waves[i]);
        counts->waves[i].wave = wave;
        counts->n++;
    }
    counts->waves[i].by[counter] += by;
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
static void
balance(struct tally *tally)
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
    balance(&tally);
    if (tally.state == STORE_WAVE_SETTLING && tally.n[COUNTER_WAITING] == 0)
        tally.state = STORE_WAVE_DONE;
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
        err = flush_one(db, counts.waves[i].wave, counts.waves[i].by);
    return err;
}
