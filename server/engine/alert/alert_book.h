/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_ALERT_BOOK_H
#define ENGINE_ALERT_BOOK_H

/*
 * What the store knows of alerts, kept in memory: those that are open, and
 * what was told about each certificate. Changed only after the store has it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/certlife/certlife.h"
#include "store/store.h"

#define ALERT_BOOK_MAX_OPEN 1024 /* alerts open at a time */

/* X(name, word): what an alert is about. */
#define ALERT_KINDS(X)                        \
    X(EXPIRY, "expiry")                       \
    X(NOT_YET_VALID, "not_yet_valid")         \
    X(REFUSED, "refused")                     \
    X(WRONG_ENVIRONMENT, "wrong_environment") \
    X(REVOKED, "revoked")                     \
    X(KEY_LOST, "key_lost")                   \
    X(WRONG_TOPIC, "wrong_topic")             \
    X(NONE_ACCEPTED, "none_accepted")         \
    X(TEST_FAILED, "test_failed")             \
    X(TOPIC_MISMATCH, "topic_mismatch")       \
    X(SILENT, "silent")

enum alert_kind {
#define X(name, word) ALERT_KIND_##name,
    ALERT_KINDS(X)
#undef X
    ALERT_N_KINDS
};

struct alert_open {
    int64_t id;
    int64_t at_ms;
    enum alert_kind kind;
    int threshold_days; /* -1: none */
    int64_t since_ms;
    const char *severity; /* static */
    char topic[APNS_MAX_TOPIC + 1];
    char cert[STORE_SHA256_HEX + 1];
    char text[CERTLIFE_MAX_TEXT];
};

struct alert_told {
    char cert[STORE_SHA256_HEX + 1];
    struct certlife_told told;
};

struct alert_book {
    struct alert_open *open; /* owned */
    size_t n_open;
    struct alert_told *told; /* owned */
    size_t n_told;
};

void alert_book_fini(struct alert_book *book);

/** alert_book_word(kind): static. */
const char *alert_book_word(enum alert_kind kind);

/** alert_book_put(book, alert): it is open; replaces the one of its kind and
 *  topic. False when there is no room or its kind is not known. */
bool alert_book_put(struct alert_book *book, const struct store_alert *alert);

/** alert_book_drop(book, id): it is over. */
void alert_book_drop(struct alert_book *book, int64_t id);

/** alert_book_find(book, kind, topic): NULL: none is open. */
const struct alert_open *alert_book_find(const struct alert_book *book,
                                         enum alert_kind kind,
                                         const char *topic);

/** alert_book_told(book, cert): zeros when nothing was told. */
struct certlife_told alert_book_told(const struct alert_book *book,
                                     const char *cert);

/** alert_book_tell(book, cert, told): ${told} NULL forgets. */
bool alert_book_tell(struct alert_book *book, const char *cert,
                     const struct certlife_told *told);

#endif /* ENGINE_ALERT_BOOK_H */
