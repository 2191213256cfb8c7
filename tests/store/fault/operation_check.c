/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "store/core.h"
#include "tests/store/db_dump.h"
#include "tests/support/sanitized.h"

#define MAX_NTH 2000
#define STEP    4 /* with a sanitizer; all in the plain build */

/*
 * SQLite's page cache is emptied, so that all has to be read again.
 */

struct forgetting {
    struct store_request request;
    struct bed *bed;
};

static enum store_err
run_forget(struct store_request *request, struct db *db)
{
    (void)request;
    sqlite3_db_release_memory(db->sqlite);
    return STORE_OK;
}

static void
complete_forget(struct store_request *request, enum store_err err)
{
    bed_on_done(((struct forgetting *)request)->bed, err);
}

static void
forget_pages(struct bed *bed)
{
    static const struct store_request_kind kind = {
        .run = run_forget,
        .complete = complete_forget,
        .size = sizeof(struct forgetting)};
    struct forgetting like = {.bed = bed};

    bed->n_done = 0;
    assert_int_equal(store_request_put(bed->store, &kind, &like, NULL),
                     STORE_OK);
    bed_wait(bed, 1);
}

/* What the database holds, what was handed out last, what was counted. */
struct result {
    char *dump;
    size_t n_due;
    int64_t count;
};

/* One operation under one kind of fault. */
struct trial {
    const struct operation *operation;
    const struct fault *fault;
    const struct bed *filled;    /* closed; its files are copied */
    struct result before, after; /* an undisturbed call */
};

static struct bed *
begin(const struct trial *trial)
{
    const struct fault *fault = trial->fault;
    struct bed *bed = bed_new();

    bed_copy(trial->filled->dir, bed->dir);
    bed->vfs = fault->vfs;
    assert_int_equal(bed_open(bed), STORE_OK);
    if (trial->operation->prepare != NULL)
        trial->operation->prepare(bed);
    store_batch_free(bed->batch);
    bed->batch = NULL;
    if (fault->forgets)
        forget_pages(bed);
    bed->count = 0;
    return bed;
}

static struct result
result_of(const struct bed *bed, const struct bed *files)
{
    return (struct result){
        .dump = db_dump(bed_path(files, "rouse.db"), OPERATION_DEVICES + 1),
        .n_due = bed->batch != NULL ? bed->batch->n : 0,
        .count = bed->count,
    };
}

/* From a copy, for an open store has its database to itself. */
static struct result
look(const struct bed *bed)
{
    struct bed *copy = bed_new();
    struct result result;

    bed_copy(bed->dir, copy->dir);
    result = result_of(bed, copy);
    bed_free(copy);
    return result;
}

static struct result
end(struct bed *bed)
{
    struct result result;

    store_close(bed->store);
    bed->store = NULL;
    result = result_of(bed, bed);
    bed_free(bed);
    return result;
}

static bool
is_same(const struct result *a, const struct result *b)
{
    return strcmp(a->dump, b->dump) == 0 && a->n_due == b->n_due &&
           a->count == b->count;
}

/* From the first line on that differs. */
static void
print_difference(const char *a, const char *b)
{
    size_t len;

    while ((len = strcspn(a, "\n")) > 0 && len == strcspn(b, "\n") &&
           memcmp(a, b, len) == 0) {
        a += len + 1;
        b += len + 1;
    }
    print_error("there is: %.*s\nexpected: %.*s\n", (int)len, a,
                (int)strcspn(b, "\n"), b);
}

/* Frees ${is}. */
static void
expect(const struct trial *trial, int nth, const char *when, struct result is,
       const struct result *want)
{
    if (!is_same(&is, want)) {
        print_difference(is.dump, want->dump);
        fail_msg("%s, the %dth failed: not as %s", trial->operation->name, nth,
                 when);
    }
    free(is.dump);
}

/* One call that is disturbed at the ${nth} use, and if it fails, another one.
   False: it did not come to that. */
static bool
try_at(const struct trial *trial, int nth)
{
    const struct operation *it = trial->operation;
    struct bed *bed = begin(trial);
    enum store_err err;
    bool is_hit;

    trial->fault->arm(nth);
    err = it->call(bed);
    is_hit = trial->fault->disarm() > 0;
    if (err != STORE_OK) {
        assert_int_equal(err, trial->fault->err);
        assert_true(is_hit);
        assert_null(bed->batch);
        expect(trial, nth, "before", look(bed), &trial->before);
        assert_int_equal(it->call(bed), STORE_OK);
    }
    expect(trial, nth, "after a call", end(bed), &trial->after);
    return is_hit;
}

/* From the ${first} on: where only some are tried, each operation has its
   own. */
static void
check_one(struct trial *trial, int first)
{
    int step = SANITIZED ? STEP : 1;
    struct bed *bed = begin(trial);
    int nth = 1 + (SANITIZED ? first % STEP : 0);

    trial->before = look(bed);
    assert_int_equal(trial->operation->call(bed), STORE_OK);
    trial->after = end(bed);
    assert_false(is_same(&trial->before, &trial->after));
    while (try_at(trial, nth)) {
        nth += trial->fault->is_sampled ? 1 + nth / 2 : step;
        assert_true(nth < MAX_NTH);
    }
    free(trial->before.dump);
    free(trial->after.dump);
    assert_true(nth > 1);
}

void
operation_check_all(const struct fault *fault)
{
    struct trial trial = {.fault = fault};
    struct bed *filled = bed_start();

    operation_fill(filled);
    bed_close(filled);
    trial.filled = filled;
    for (int i = 0; (trial.operation = operation_get((size_t)i)) != NULL; i++)
        check_one(&trial, i);
    bed_free(filled);
}
