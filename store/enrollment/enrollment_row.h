/* SPDX-License-Identifier: MIT */
#ifndef STORE_ENROLLMENT_ROW_H
#define STORE_ENROLLMENT_ROW_H

/*
 * Reading and changing one enrollment, with everything that must change
 * together with it: the topics' counters and the wake that waits for it. Only
 * an enabled one has a wake, and only one with topic, token and magic is
 * enabled.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct db;

struct enrollment_row {
    int64_t row; /* 0: there is none */
    enum store_kind kind;
    enum store_state state;
    int64_t topic;
    int64_t token_at;
    int64_t seen_at;
    int64_t checked_at; /* when the check-in that decided the state was sent */
    int64_t authenticated_at; /* when the newest Authenticate was; 0: none */
    int64_t token_came_at;    /* when the last TokenUpdate came in, by our own
                                 clock; 0: it did not come from a device */
    uint32_t tally;
    bool is_tally_told; /* by the MDM server, not counted here */
    uint32_t version;   /* of the token */
    bool is_same;       /* token and magic are those that were asked for */
};

/* What all writers give; texts are never NULL. */
struct enrollment_texts {
    const char *id;
    const char *parent;
    const char *serial;
    const uint8_t *token;
    size_t token_len;
    const char *magic;
};

/** enrollment_row_find(db, texts, row): by id. */
enum store_err enrollment_row_find(struct db *db,
                                   const struct enrollment_texts *texts,
                                   struct enrollment_row *row);

/** enrollment_row_get(db, number, row): by row. */
enum store_err enrollment_row_get(struct db *db, int64_t number,
                                  struct enrollment_row *row);

/** enrollment_row_user(db, parent, after, row): the next of its users. */
enum store_err enrollment_row_user(struct db *db, const char *parent,
                                   int64_t after, struct enrollment_row *row);

/**
 * enrollment_row_add(db, row, texts):
 * A new one, ${row->row} is set; 0 when its id is there already. Trying this
 * first spares imports a look-up each.
 */
enum store_err enrollment_row_add(struct db *db, struct enrollment_row *row,
                                  const struct enrollment_texts *texts);

/** enrollment_row_set(db, before, after, texts): all of it as given. */
enum store_err enrollment_row_set(struct db *db,
                                  const struct enrollment_row *before,
                                  const struct enrollment_row *after,
                                  const struct enrollment_texts *texts);

/** enrollment_row_token(db, before, after, texts): "" keeps the serial. */
enum store_err enrollment_row_token(struct db *db,
                                    const struct enrollment_row *before,
                                    const struct enrollment_row *after,
                                    const struct enrollment_texts *texts);

/** enrollment_row_mark(db, before, after, serial): all but the token. */
enum store_err enrollment_row_mark(struct db *db,
                                   const struct enrollment_row *before,
                                   const struct enrollment_row *after,
                                   const char *serial);

/** enrollment_row_state(db, row, state): only the state. */
enum store_err enrollment_row_state(struct db *db, struct enrollment_row *row,
                                    enum store_state state);

enum store_err enrollment_row_seen(struct db *db, int64_t number,
                                   int64_t seen_at);

enum store_err enrollment_row_delete(struct db *db,
                                     const struct enrollment_row *row);

#endif /* STORE_ENROLLMENT_ROW_H */
