/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_OPERATION_H
#define TESTS_STORE_OPERATION_H

/*
 * What the store is asked to do, each on a fleet that gives it much to do,
 * while something fails at the n-th use of it, for every n (with a sanitizer
 * for a sample of them). All or nothing:
 * what is in the database afterwards is what was there before, and the caller
 * was told; or it is what comes of an undisturbed call. After a failure the
 * same call has the result of an undisturbed one.
 */

#include "tests/store/store_bed.h"

#define OPERATION_DEVICES 40

struct operation {
    const char *name;
    void (*prepare)(struct bed *bed); /* after operation_fill; or NULL */
    enum store_err (*call)(struct bed *bed);
};

struct fault {
    const char *vfs;      /* of the bed; NULL: SQLite's own */
    bool forgets;         /* SQLite's pages: all has to be read again */
    bool is_sampled;      /* so many uses that some are left out */
    enum store_err err;   /* what the caller has to be told */
    void (*arm)(int nth); /* the ${nth} use from now on fails, once */
    int (*disarm)(void);  /* how many have failed since; none will */
};

/** operation_get(i): NULL when there are no more. */
const struct operation *operation_get(size_t i);

/** operation_record(i): those of operation_record.c, behind all others. */
const struct operation *operation_record(size_t i);

/** operation_finish(bed, err): what became of the request that was made. */
enum store_err operation_finish(struct bed *bed, enum store_err err);

/** operation_fill(bed): a fleet, wakes, a wave over all, a certificate. */
void operation_fill(struct bed *bed);

/** operation_check_all(fault): each, for every n up to what it takes. */
void operation_check_all(const struct fault *fault);

#endif /* TESTS_STORE_OPERATION_H */
