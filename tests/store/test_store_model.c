/* SPDX-License-Identifier: MIT */

/*
 * Random operations, seeded, as an engine that is restarted now and then
 * would make them. After each the counters must agree with what they count;
 * in the end every wave must end.
 */

#include "apns/base/rng.h"
#include "store_bed.h"
#include "tests/support/unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_DEVICES 24
#define N_WAVES   4
#define N_STEPS   1500

struct flight {
    struct store_settled settled[BED_MAX];
    size_t n;
};

struct walker {
    int64_t id; /* 0: none */
    int64_t after;
    int64_t next;
    bool has_page;
    bool is_blocked;
    struct flight flight;
};

struct model {
    struct bed *bed;
    struct rng rng;
    struct walker walkers[N_WAVES];
    struct flight single;
};

static uint32_t
draw(struct model *model, uint32_t below)
{
    return (uint32_t)rng_below(&model->rng, below);
}

static const char *
draw_id(struct model *model)
{
    static char id[16];

    snprintf(id, sizeof id, "d%u", draw(model, N_DEVICES));
    return id;
}

static void
put(struct model *model)
{
    struct store_enrollment it = bed_enrollment(draw_id(model));

    it.state = (enum store_state)draw(model, STORE_N_STATES);
    it.kind = draw(model, 2) ? STORE_KIND_DEVICE : STORE_KIND_USER;
    it.topic = draw(model, 3) ? BED_TOPIC : "other";
    it.token_at_ms = model->bed->now - 1;
    assert_int_equal(bed_put(model->bed, &it, 1), STORE_OK);
}

static void
check_in(struct model *model)
{
    assert_int_equal(
        bed_checkin(model->bed, (enum store_checkin_type)draw(model, 4),
                    draw_id(model), model->bed->now - draw(model, 50)),
        STORE_OK);
}

static bool
has_row(const struct flight *flight, int64_t row)
{
    for (size_t i = 0; i < flight->n; i++)
        if (flight->settled[i].row == row)
            return true;
    return false;
}

/* One device, one push: nobody else has one of it in flight. */
static void
take_flight(struct model *model, struct flight *flight)
{
    struct bed *bed = model->bed;

    for (size_t i = 0; i < bed->n; i++) {
        assert_false(has_row(&model->single, bed->batch->due[i].row));
        for (int k = 0; k < N_WAVES; k++)
            assert_false(
                has_row(&model->walkers[k].flight, bed->batch->due[i].row));
    }
    for (size_t i = 0; i < bed->n && flight->n < BED_MAX; i++) {
        struct store_settled *it = &flight->settled[flight->n++];

        *it = bed_settled(bed, &bed->batch->due[i],
                          (enum store_effect)draw(model, STORE_N_EFFECTS));
        it->wait_ms = draw(model, 200);
        it->due_ms = bed->now + it->wait_ms;
        it->pause_ms = draw(model, 3) ? 0 : it->wait_ms;
        it->deadline_ms = bed->now + 100;
        it->died_at_ms = bed->now - draw(model, 100);
    }
}

/* Some of them, from the back. */
static void
land(struct model *model, struct flight *flight)
{
    size_t n = flight->n == 0 ? 0 : draw(model, (uint32_t)flight->n + 1);

    assert_int_equal(bed_settle(model->bed, flight->settled + flight->n - n, n),
                     STORE_OK);
    flight->n -= n;
}

static void
claim(struct model *model)
{
    if (model->single.n > BED_MAX - 8)
        return;
    bed_claim_held(model->bed, draw(model, 4) ? NULL : "other", 8);
    take_flight(model, &model->single);
}

static void
step_walker(struct model *model, struct walker *walker)
{
    static const struct store_filter filters[] = {
        {0}, {.topic = "other"}, {.kinds = 1U << STORE_KIND_DEVICE}};
    struct bed *bed = model->bed;

    if (walker->id == 0) {
        walker->id = bed_wave_ask(bed, &filters[draw(model, 3)]);
        walker->after = 0;
        walker->has_page = false;
    } else if (!walker->has_page) {
        enum store_err err = bed_wave_claim(bed, walker->id, walker->after, 5);

        if (err == STORE_ECONFLICT) { /* settling: that goes on by itself */
            walker->id = 0;
            return;
        }
        assert_int_equal(err, STORE_OK);
        walker->next = bed->next;
        walker->is_blocked = bed->is_blocked;
        walker->has_page = !bed->is_blocked || bed->next != walker->after;
        take_flight(model, &walker->flight);
    } else if (walker->flight.n > 0) {
        land(model, &walker->flight);
    } else {
        assert_int_equal(
            bed_wave_pass(bed, walker->id, walker->next,
                          walker->next == 0 && !walker->is_blocked),
            STORE_OK);
        walker->after = walker->next;
        walker->has_page = false;
    }
}

static void
cancel_walker(struct model *model, struct walker *walker)
{
    if (walker->id == 0 || draw(model, 8) != 0)
        return;
    bed_wave_cancel(model->bed, walker->id);
    land(model, &walker->flight);
    walker->flight.n = 0; /* what is not told stays cancelled */
    walker->id = 0;
}

/* As after a kill: what was in flight is forgotten, the walks go on at their
   durable cursors. */
static void
restart(struct model *model)
{
    bed_reopen(model->bed);
    model->single.n = 0;
    for (int i = 0; i < N_WAVES; i++) {
        struct walker *walker = &model->walkers[i];

        walker->flight.n = 0;
        walker->has_page = false;
        if (walker->id != 0)
            walker->after = bed_wave(model->bed, walker->id)->cursor;
    }
}

static void
step(struct model *model)
{
    struct walker *walker = &model->walkers[draw(model, N_WAVES)];

    model->bed->now += draw(model, 10);
    switch (draw(model, 14)) {
    case 0:
    case 1:
        put(model);
        break;
    case 2:
    case 3:
        check_in(model);
        break;
    case 4:
        bed_ask(model->bed, draw_id(model));
        break;
    case 5:
        bed_cancel(model->bed, draw_id(model));
        break;
    case 6:
        claim(model);
        break;
    case 7:
        land(model, &model->single);
        break;
    case 8:
        cancel_walker(model, walker);
        break;
    case 9:
        if (draw(model, 10) == 0)
            restart(model);
        else
            bed_delete(model->bed, draw_id(model));
        break;
    default:
        step_walker(model, walker);
    }
}

static int64_t
ask_sql(sqlite3 *sqlite, const char *sql)
{
    sqlite3_stmt *stmt;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

#define WAVE_SUM                                                              \
    "(n_accepted + n_dead + n_suspect + n_dropped + n_expired + n_cancelled " \
    "+ n_skipped + n_waiting)"

/* Everything that must hold at any time, asked of the closed database. */
static void
check(struct model *model)
{
    struct bed *bed = model->bed;
    int64_t n_wakes = bed_stats(bed)->n_wakes;
    int64_t n_enrollments = bed->stats.n_enrollments;
    sqlite3 *sqlite;

    bed_close(bed);
    assert_int_equal(sqlite3_open(bed_path(bed, "rouse.db"), &sqlite),
                     SQLITE_OK);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wave WHERE n_total "
                                     "< " WAVE_SUM),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wave WHERE state "
                                     ">= 2 AND n_total <> " WAVE_SUM),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wave WHERE n_waiting"
                                     " <> (SELECT count(*) FROM wake_wave "
                                     "l WHERE l.wave = wave.id AND "
                                     "(state > 0 OR l.row <= cursor))"),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wake_wave l LEFT "
                                     "JOIN wake w USING (row) LEFT JOIN wave v "
                                     "ON v.id = l.wave WHERE w.row IS NULL OR "
                                     "v.state >= 2"),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wave WHERE state = 1"
                                     " AND n_waiting = 0"),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wake w LEFT JOIN "
                                     "enrollment e USING (row) WHERE e.state "
                                     "IS NOT 0 OR e.topic <> w.topic"),
                     0);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM wake"), n_wakes);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM enrollment"),
                     n_enrollments);
    assert_int_equal(ask_sql(sqlite, "SELECT count(*) FROM topic t WHERE "
                                     "n_wakes <> (SELECT count(*) FROM wake w "
                                     "WHERE w.topic = t.id)"),
                     0);
    assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
    assert_int_equal(bed_open(bed), STORE_OK);
    restart(model);
}

static void
check_states(struct model *model)
{
    struct bed *bed = model->bed;

    for (uint32_t kind = 0; kind < STORE_N_KINDS; kind++) {
        for (uint32_t state = 0; state < STORE_N_STATES; state++) {
            struct store_filter counted = {.kinds = 1U << kind,
                                           .states = 1U << state};
            struct store_filter looked_at = counted;

            looked_at.seen_before_ms = INT64_MAX; /* no counter for that */
            assert_int_equal(bed_count(bed, &counted),
                             bed_count(bed, &looked_at));
        }
    }
}

/* Those without a deadline wait for this. */
static void
mark_undecided(struct bed *bed)
{
    static const char *const topics[] = {BED_TOPIC, "other"};

    for (size_t i = 0; i < 2; i++) {
        bed->n_done = 0;
        assert_int_equal(store_undecided_mark(bed->store, topics[i], 4096,
                                              bed_on_count, bed),
                         STORE_OK);
        bed_wait(bed, 1);
        assert_int_equal(bed->err, STORE_OK);
    }
}

static void
end_all(struct model *model)
{
    struct bed *bed = model->bed;

    restart(model);
    for (int i = 0; i < N_WAVES; i++) {
        struct walker *walker = &model->walkers[i];

        for (int turn = 0; walker->id != 0; turn++) {
            assert_true(turn < 1000);
            step_walker(model, walker);
        }
    }
    for (int turn = 0; bed_stats(bed)->n_wakes > 0; turn++) {
        assert_true(turn < 1000);
        bed->now += 1000; /* behind every deadline: retries expire */
        claim(model);
        land(model, &model->single);
        mark_undecided(bed);
    }
    assert_int_equal(bed_stats(bed)->n_open_waves, 0);
}

TEST(counters_agree_with_what_they_count)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct model *model = calloc(1, sizeof *model);

        assert_non_null(model);
        model->bed = bed_start();
        model->rng.state = seed;
        for (int i = 0; i < N_STEPS; i++) {
            step(model);
            if (i % 100 == 99)
                check(model);
            if (i % 50 == 0)
                check_states(model);
        }
        end_all(model);
        check(model);
        bed_free(model->bed);
        free(model);
    }
}
