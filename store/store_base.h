/* SPDX-License-Identifier: MIT */
#ifndef STORE_STORE_BASE_H
#define STORE_STORE_BASE_H

/*
 * What all parts of store.h share: limits, errors, completions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define STORE_MUST_USE __attribute__((warn_unused_result))
#else
#define STORE_MUST_USE
#endif

struct store;

/* Limits; enforced by the store, named in the error's text. */
#define STORE_MAX_ID      511 /* bytes of an enrollment id */
#define STORE_MAX_TOPIC   255
#define STORE_MAX_MAGIC   512
#define STORE_MAX_TOKEN   256 /* raw bytes */
#define STORE_MAX_SERIAL  127
#define STORE_MAX_NAME    127 /* of an API key, a request, an actor */
#define STORE_MAX_REASON  63
#define STORE_MAX_NOTE    1023
#define STORE_MAX_BATCH   32768  /* items in one request */
#define STORE_MAX_PENDING 65536  /* requests not yet completed */
#define STORE_MAX_EVENTS  100000 /* rows kept in the audit log */
#define STORE_MAX_REVOKED 1000   /* API keys kept after their revocation */
#define STORE_MAX_WAVES   10000  /* waves kept; of older ones the open alone */
#define STORE_MAX_TOPICS  65536  /* topics ever seen */
#define STORE_MAX_PEM     65536  /* bytes of a certificate, or of a key */

/* X(name, category, text) */
#define STORE_ERRORS(X)                                                        \
    X(OK, NONE, "success")                                                     \
    X(EINVAL, USAGE, "a field is malformed or exceeds its limit")              \
    X(ENOTFOUND, USAGE, "not found")                                           \
    X(ECONFLICT, USAGE, "conflicts with its current state")                    \
    X(EBUSY, LIMIT, "too many requests are waiting for the disk")              \
    X(ENOMEM, SYSTEM, "out of memory")                                         \
    X(EFULL, SYSTEM, "the disk is full")                                       \
    X(EIO, SYSTEM, "the disk failed")                                          \
    X(EDIR, OPEN, "the state directory cannot be used")                        \
    X(ELOCKED, OPEN, "another process uses this state directory")              \
    X(ENOTOURS, OPEN, "the database is not rouse's")                           \
    X(ETOONEW, OPEN, "the database was written by a newer rouse")              \
    X(ECORRUPT, OPEN, "the database is corrupt")                               \
    X(EKEY, OPEN, "the master key is missing, malformed or not the right one") \
    X(ECLOSED, USAGE, "the store is closing")

enum store_err {
#define X(name, category, text) STORE_##name,
    STORE_ERRORS(X)
#undef X
    STORE_N_ERRORS
};

enum store_err_category {
    STORE_CATEGORY_NONE,
    STORE_CATEGORY_USAGE,  /* same call, same answer */
    STORE_CATEGORY_LIMIT,  /* try again later */
    STORE_CATEGORY_SYSTEM, /* memory, disk: try again when it is mended */
    STORE_CATEGORY_OPEN,   /* only from store_open */
};

const char *store_err_text(enum store_err err);
const char *store_err_name(enum store_err err);
enum store_err_category store_err_category(enum store_err err);

/*
 * Completions. What is said here holds for every operation that has one:
 *
 *   shape    texts are NUL-terminated UTF-8 within the limits above; NULL
 *            stands for "" where nothing else is said
 *   units    _ms are milliseconds since 1970, _unix seconds
 *   owns     copies all that it is given; an answer, with all that it points
 *            to, is valid during the completion only
 *   calls    ${done} once, later, on the loop's thread, also when the store
 *            is closed meanwhile; never when the call itself did not say
 *            STORE_OK. NULL: nobody wants to know
 *   errors   at once: STORE_EINVAL  a shape or limit; STORE_EBUSY  there are
 *            STORE_MAX_PENDING requests; STORE_ENOMEM; STORE_ECLOSED.
 *            In the completion: category SYSTEM, nothing was written; and
 *            what is named at the operation. Answers are NULL or 0 then
 */
typedef void store_done_fn(void *arg, enum store_err err);
typedef void store_count_fn(void *arg, enum store_err err, int64_t count);

#endif /* STORE_STORE_BASE_H */
