/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include "store/core.h"

#define ALL_BITS 0xffffffff

enum source {
    BY_ROW,
    BY_TOPIC,
    BY_PARENT,
    BY_SERIAL,
    N_SOURCES
};

static const enum sql_name statements[][N_SOURCES] = {
    [SWEEP_LIST] = {SQL_LIST_BY_ROW, SQL_LIST_BY_TOPIC, SQL_LIST_BY_PARENT,
                    SQL_LIST_BY_SERIAL},
    [SWEEP_WAVE] = {SQL_SWEEP_BY_ROW, SQL_SWEEP_BY_TOPIC, SQL_SWEEP_BY_PARENT,
                    SQL_SWEEP_BY_SERIAL},
    [SWEEP_COUNT] = {SQL_COUNT_BY_ROW, SQL_COUNT_BY_TOPIC, SQL_COUNT_BY_PARENT,
                     SQL_COUNT_BY_SERIAL},
};

/* NULL and "" do not restrict. */
static const char *
given(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool
sweep_is_indexed(const struct store_filter *filter)
{
    return given(filter->parent) != NULL || given(filter->serial) != NULL;
}

/* The topic's index pays when the topic is a small part of the fleet. */
static enum source
pick_source(const struct db *db, const struct store_filter *filter,
            int64_t topic)
{
    if (given(filter->parent) != NULL)
        return BY_PARENT;
    if (given(filter->serial) != NULL)
        return BY_SERIAL;
    if (topic >= 0 && topic_sum(db, topic, ALL_BITS, ALL_BITS) <
                          topic_sum(db, -1, ALL_BITS, ALL_BITS) / 4)
        return BY_TOPIC;
    return BY_ROW;
}

/* Of the topic that ${filter} names; -1: it names none, or nobody has it. */
static enum store_err
find_topic(struct db *db, const struct store_filter *filter, int64_t *topic)
{
    const char *name = given(filter->topic);

    *topic = -1;
    return name == NULL ? STORE_OK : topic_find(db, name, topic);
}

enum store_err
sweep_begin(struct bind *bind, struct db *db, enum sweep_what what,
            const struct store_filter *filter, int64_t after, int64_t last)
{
    int64_t topic;
    enum store_err err = find_topic(db, filter, &topic);

    if (err != STORE_OK)
        return err;
    if (given(filter->topic) != NULL && topic < 0)
        last = 0; /* nobody has this topic */
    bind_begin(bind, db, statements[what][pick_source(db, filter, topic)]);
    bind_int(bind, after);
    bind_int(bind, last);
    bind_int(bind, topic);
    bind_int(bind, filter->kinds == 0 ? ALL_BITS : filter->kinds);
    bind_int(bind, filter->states == 0 ? ALL_BITS : filter->states);
    bind_int(bind, filter->seen_before_ms);
    bind_text(bind, given(filter->parent));
    bind_text(bind, given(filter->serial));
    bind_text(bind, given(filter->group));
    return STORE_OK;
}

bool
sweep_is_counted(const struct store_filter *filter)
{
    return !sweep_is_indexed(filter) && filter->seen_before_ms == 0 &&
           given(filter->group) == NULL;
}

enum store_err
sweep_count(struct db *db, const struct store_filter *filter, int64_t *n)
{
    int64_t topic;
    enum store_err err = find_topic(db, filter, &topic);
    struct bind bind;

    *n = 0;
    if (err != STORE_OK || (given(filter->topic) != NULL && topic < 0))
        return err;
    if (sweep_is_counted(filter)) {
        *n = topic_sum(db, topic, filter->kinds == 0 ? ALL_BITS : filter->kinds,
                       filter->states == 0 ? ALL_BITS : filter->states);
        return STORE_OK;
    }
    err = sweep_begin(&bind, db, SWEEP_COUNT, filter, 0, INT64_MAX);
    if (err != STORE_OK)
        return err;
    return bind_run_int(&bind, n);
}
