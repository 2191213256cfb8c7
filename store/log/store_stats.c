/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"

struct stats_request {
    struct store_request request;
    store_stats_fn *done;
    struct store_stats stats;
};

static enum store_err
read_one(struct db *db, enum sql_name name, int64_t *value)
{
    struct bind bind;

    bind_begin(&bind, db, name);
    return bind_run_int(&bind, value);
}

static void
count_topic(const struct topic *topic, struct store_topic_count *count,
            struct store_stats *stats)
{
    for (int state = 0; state < STORE_N_STATES; state++) {
        for (int kind = 0; kind < STORE_N_KINDS; kind++)
            count->n[state] += topic->n[kind][state];
        stats->n_enrollments += count->n[state];
    }
    count->n_wakes = topic->n_wakes;
    stats->n_wakes += topic->n_wakes;
}

static enum store_err
find_oldest(struct db *db, size_t topic, struct store_stats *stats)
{
    struct bind bind;
    int64_t due;

    if (db->topics[topic].n_wakes == 0)
        return STORE_OK;
    bind_begin(&bind, db, SQL_WAKE_NEXT);
    bind_int(&bind, (int64_t)topic);
    if (bind_row(&bind)) {
        due = bind_take_int(&bind);
        if (stats->oldest_due_ms == 0 || due < stats->oldest_due_ms)
            stats->oldest_due_ms = due;
    }
    return bind_end(&bind);
}

/* Topics that nobody has any more are left out. */
static enum store_err
count_topics(struct stats_request *it, struct db *db)
{
    struct arena *arena = &it->request.arena;
    struct store_topic_count *counts =
        arena_take(arena, db->n_topics * sizeof *counts);
    enum store_err err = STORE_OK;
    size_t n = 0;

    if (counts == NULL)
        return STORE_ENOMEM;
    for (size_t i = 0; i < db->n_topics && err == STORE_OK; i++) {
        int64_t before = it->stats.n_enrollments;

        count_topic(&db->topics[i], &counts[n], &it->stats);
        if (it->stats.n_enrollments == before)
            continue;
        counts[n++].topic = arena_text(arena, db->topics[i].name);
        err = find_oldest(db, i, &it->stats);
    }
    it->stats.topics = counts;
    it->stats.n_topics = n;
    return err == STORE_OK && arena->is_failed ? STORE_ENOMEM : err;
}

static enum store_err
run_stats(struct store_request *request, struct db *db)
{
    struct stats_request *it = (struct stats_request *)request;
    int64_t n_pages = 0, page_size = 0;
    enum store_err err;

    it->stats = (struct store_stats){
        .n_commits = db->n_commits,
        .n_requests = db->n_requests,
        .commit_us_sum = db->commit_us_sum,
        .commit_us_max = db->commit_us_max,
        .is_failing = db_trouble(db) != STORE_OK,
    };
    if ((err = count_topics(it, db)) != STORE_OK ||
        (err = read_one(db, SQL_WAVE_N_OPEN, &it->stats.n_open_waves)) !=
            STORE_OK ||
        (err = read_one(db, SQL_PAGE_COUNT, &n_pages)) != STORE_OK ||
        (err = read_one(db, SQL_PAGE_SIZE, &page_size)) != STORE_OK)
        return err;
    it->stats.db_bytes = n_pages * page_size;
    return STORE_OK;
}

HEAD_ROW(complete_stats, stats_request, stats)

static const struct store_request_kind counting = {
    .run = run_stats,
    .complete = complete_stats,
    .size = sizeof(struct stats_request),
};

enum store_err
store_stats_get(struct store *store, store_stats_fn *done, void *arg)
{
    struct stats_request like = {.done = done};

    return store_request_put(store, &counting, &like, arg);
}

int64_t
store_stats_enabled(const struct store_stats *stats, const char *topic)
{
    for (size_t i = 0; i < stats->n_topics; i++)
        if (strcmp(stats->topics[i].topic, topic) == 0)
            return stats->topics[i].n[STORE_STATE_ENABLED];
    return 0;
}
