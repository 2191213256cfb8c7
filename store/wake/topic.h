/* SPDX-License-Identifier: MIT */
#ifndef STORE_TOPIC_H
#define STORE_TOPIC_H

/*
 * Topics by number, and how many enrollments and wakes each has. All of them
 * are in memory; what changed is written once before the commit and read
 * again after a rollback. Number 0 is the topic "" of those that have none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct db;

struct topic {
    char *name;
    int64_t n[STORE_N_KINDS][STORE_N_STATES];
    int64_t n_wakes;
    bool is_changed;
    const char *copy; /* in the batch numbered copied_in */
    uint64_t copied_in;
};

/** topic_load(db): read all of them anew. */
enum store_err topic_load(struct db *db);
void topic_fini(struct db *db);

/** topic_find(db, name, id): its number, -1 when unknown. */
enum store_err topic_find(struct db *db, const char *name, int64_t *id);

/** topic_intern(db, name, id): its number, made when new. */
enum store_err topic_intern(struct db *db, const char *name, int64_t *id);

const char *topic_name(const struct db *db, int64_t id);

/** topic_count(db, id, kind, state, by): one more or less of that sort. */
void topic_count(struct db *db, int64_t id, enum store_kind kind,
                 enum store_state state, int64_t by);
void topic_count_wake(struct db *db, int64_t id, int64_t by);

/** topic_sum(db, id, kinds, states): enrollments; ${id} -1: of all topics. */
int64_t topic_sum(const struct db *db, int64_t id, uint32_t kinds,
                  uint32_t states);

/** topic_save(db): write the changed numbers. */
enum store_err topic_save(struct db *db);

#endif /* STORE_TOPIC_H */
