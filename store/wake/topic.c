/* SPDX-License-Identifier: MIT */
#include "topic.h"

#include <stdlib.h>
#include <string.h>

#include "store/bind.h"
#include "store/core.h"

/* The counters of a topic lie in its row as one blob of big-endian numbers. */
#define N_COUNTS  ((size_t)STORE_N_KINDS * STORE_N_STATES)
#define COUNT_LEN ((size_t)8)

static void
write_counts(const struct topic *topic, uint8_t *bytes)
{
    const int64_t *n = &topic->n[0][0];

    for (size_t i = 0; i < N_COUNTS; i++) {
        for (size_t byte = 0; byte < COUNT_LEN; byte++)
            bytes[i * COUNT_LEN + byte] =
                (uint8_t)((uint64_t)n[i] >> (56 - 8 * byte));
    }
}

/* Kinds that came later count from 0: a shorter blob is fine. */
static void
read_counts(struct topic *topic, const uint8_t *bytes, size_t len)
{
    int64_t *n = &topic->n[0][0];

    for (size_t i = 0; i < N_COUNTS && (i + 1) * COUNT_LEN <= len; i++) {
        uint64_t value = 0;

        for (size_t byte = 0; byte < COUNT_LEN; byte++)
            value = value << 8 | bytes[i * COUNT_LEN + byte];
        n[i] = (int64_t)value;
    }
}

static struct topic *
grow(struct db *db)
{
    struct topic *topics;
    size_t room = db->topics_room == 0 ? 16 : db->topics_room * 2;

    if (db->n_topics < db->topics_room)
        return &db->topics[db->n_topics];
    if ((topics = realloc(db->topics, room * sizeof *topics)) == NULL)
        return NULL;
    db->topics = topics;
    db->topics_room = room;
    return &db->topics[db->n_topics];
}

static enum store_err
append(struct db *db, const char *name)
{
    struct topic *topic = grow(db);

    if (topic == NULL)
        return STORE_ENOMEM;
    *topic = (struct topic){.name = strdup(name)};
    if (topic->name == NULL)
        return STORE_ENOMEM;
    db->n_topics++;
    return STORE_OK;
}

static enum store_err
read_topic(struct db *db, struct bind *bind)
{
    struct arena arena = {0};
    enum store_err err = STORE_EIO;
    const uint8_t *counts;
    const char *name;
    size_t len;

    if (bind_take_int(bind) != (int64_t)db->n_topics)
        return STORE_EIO; /* numbers have no gaps */
    if ((name = bind_take_text(bind, &arena)) == NULL ||
        (err = append(db, name)) != STORE_OK)
        goto done;
    db->topics[db->n_topics - 1].n_wakes = bind_take_int(bind);
    db->n_wakes += db->topics[db->n_topics - 1].n_wakes;
    counts = bind_peek_blob(bind, &len);
    read_counts(&db->topics[db->n_topics - 1], counts, len);

done:
    arena_fini(&arena);
    return err;
}

static void
free_topics(struct topic *topics, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(topics[i].name);
    free(topics);
}

enum store_err
topic_load(struct db *db)
{
    struct topic *topics = db->topics;
    size_t n_topics = db->n_topics, room = db->topics_room;
    enum store_err err = STORE_OK, end;
    struct bind bind;

    db->topics = NULL;
    db->n_topics = db->topics_room = db->last_topic = 0;
    db->n_wakes = 0;
    bind_begin(&bind, db, SQL_TOPIC_LIST);
    while (err == STORE_OK && bind_row(&bind))
        err = read_topic(db, &bind);
    end = bind_end(&bind);
    if (err == STORE_OK)
        err = end;
    if (err == STORE_OK) {
        free_topics(topics, n_topics);
        return STORE_OK;
    }
    /* The old names still answer reads; the caller tries again. */
    topic_fini(db);
    db->n_wakes = 1; /* as far as we know there may be some */
    db->topics = topics;
    db->n_topics = n_topics;
    db->topics_room = room;
    return err;
}

void
topic_fini(struct db *db)
{
    free_topics(db->topics, db->n_topics);
    db->topics = NULL;
    db->n_topics = db->topics_room = db->last_topic = 0;
}

enum store_err
topic_find(struct db *db, const char *name, int64_t *id)
{
    struct bind bind;
    enum store_err err;

    /* Most callers ask for the same topic again and again. */
    if (db->last_topic < db->n_topics &&
        strcmp(db->topics[db->last_topic].name, name) == 0) {
        *id = (int64_t)db->last_topic;
        return STORE_OK;
    }
    *id = -1;
    bind_begin(&bind, db, SQL_TOPIC_FIND);
    bind_text(&bind, name);
    if (bind_row(&bind))
        *id = bind_take_int(&bind);
    err = bind_end(&bind);
    if (err != STORE_OK || *id >= (int64_t)db->n_topics)
        *id = -1;
    if (*id >= 0)
        db->last_topic = (size_t)*id;
    return err;
}

enum store_err
topic_intern(struct db *db, const char *name, int64_t *id)
{
    struct bind bind;
    enum store_err err;

    if ((err = topic_find(db, name, id)) != STORE_OK || *id >= 0)
        return err;
    if (db->n_topics >= STORE_MAX_TOPICS)
        return STORE_EINVAL;
    if ((err = append(db, name)) != STORE_OK)
        return err;
    *id = (int64_t)db->n_topics - 1;
    bind_begin(&bind, db, SQL_TOPIC_ADD);
    bind_int(&bind, *id);
    bind_text(&bind, name);
    return bind_run(&bind);
}

const char *
topic_name(const struct db *db, int64_t id)
{
    must(id >= 0 && (size_t)id < db->n_topics);
    return db->topics[id].name;
}

void
topic_count(struct db *db, int64_t id, enum store_kind kind,
            enum store_state state, int64_t by)
{
    must(id >= 0 && (size_t)id < db->n_topics);
    db->topics[id].n[kind][state] += by;
    db->topics[id].is_changed = true;
}

void
topic_count_wake(struct db *db, int64_t id, int64_t by)
{
    must(id >= 0 && (size_t)id < db->n_topics);
    db->topics[id].n_wakes += by;
    db->n_wakes += by;
    db->topics[id].is_changed = true;
}

static int64_t
sum_one(const struct topic *topic, uint32_t kinds, uint32_t states)
{
    int64_t sum = 0;

    for (uint32_t kind = 0; kind < STORE_N_KINDS; kind++) {
        for (uint32_t state = 0; state < STORE_N_STATES; state++) {
            if (kinds >> kind & states >> state & 1)
                sum += topic->n[kind][state];
        }
    }
    return sum;
}

int64_t
topic_sum(const struct db *db, int64_t id, uint32_t kinds, uint32_t states)
{
    int64_t sum = 0;

    if (id >= 0)
        return sum_one(&db->topics[id], kinds, states);
    for (size_t i = 0; i < db->n_topics; i++)
        sum += sum_one(&db->topics[i], kinds, states);
    return sum;
}

enum store_err
topic_save(struct db *db)
{
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < db->n_topics && err == STORE_OK; i++) {
        struct topic *topic = &db->topics[i];
        uint8_t counts[N_COUNTS * COUNT_LEN];
        struct bind bind;

        if (!topic->is_changed)
            continue;
        write_counts(topic, counts);
        bind_begin(&bind, db, SQL_TOPIC_SAVE);
        bind_int(&bind, (int64_t)i);
        bind_int(&bind, topic->n_wakes);
        bind_blob(&bind, counts, sizeof counts);
        err = bind_run(&bind);
        topic->is_changed = false;
    }
    return err;
}
