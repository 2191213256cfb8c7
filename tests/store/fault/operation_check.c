/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "store/core.h"
#include "tests/store/db_dump.h"

#define MAX_NTH 2000

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
    static const struct store_request_kind kind = {.run = run_forget,
                                                   .complete = complete_forget};
    struct forgetting *it =
        store_request_new(bed->store, &kind, sizeof *it, NULL);

    assert_non_null(it);
    it->bed = bed;
    bed->n_done = 0;
    assert_int_equal(store_request_add(bed->store, &it->request), STORE_OK);
    bed_wait(bed, 1);
}

/* What there is in the end. */
struct result {
    char *dump;
    size_t n_due; /* handed out by the last call */
    int64_t count;
};

static struct bed *
begin(const struct operation *it, const struct fault *fault)
{
    struct bed *bed = bed_new();

    bed->vfs = fault->vfs;
    assert_int_equal(bed_open(bed), STORE_OK);
    operation_fill(bed);
    if (it->prepare != NULL)
        it->prepare(bed);
    store_batch_free(bed->batch);
    bed->batch = NULL;
    if (fault->forgets)
        forget_pages(bed);
    bed->count = 0;
    return bed;
}

static struct result
end(struct bed *bed)
{
    struct result result = {
        .n_due = bed->batch != NULL ? bed->batch->n : 0,
        .count = bed->count,
    };

    bed_close(bed);
    result.dump = db_dump(bed_path(bed, "rouse.db"), OPERATION_DEVICES + 1);
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

struct attempt {
    bool is_hit;
    enum store_err err;
    bool is_batch;
    struct result result;
};

/* One call that is disturbed at the ${nth}, and with ${is_repeated} another
   one if it fails. */
static struct attempt
make_attempt(const struct operation *it, const struct fault *fault, int nth,
             bool is_repeated)
{
    struct bed *bed = begin(it, fault);
    struct attempt attempt = {0};

    fault->arm(nth);
    attempt.err = it->call(bed);
    attempt.is_hit = fault->disarm() > 0;
    attempt.is_batch = bed->batch != NULL;
    if (attempt.err != STORE_OK && is_repeated)
        assert_int_equal(it->call(bed), STORE_OK);
    attempt.result = end(bed);
    return attempt;
}

/* False: it did not come to that. */
static bool
try_at(const struct operation *it, const struct fault *fault, int nth,
       bool is_repeated, const struct result results[2])
{
    struct attempt attempt = make_attempt(it, fault, nth, is_repeated);
    bool is_done = attempt.err == STORE_OK || is_repeated;

    if (!is_same(&attempt.result, &results[is_done])) {
        print_difference(attempt.result.dump, results[is_done].dump);
        fail_msg("%s, the %dth failed, told %s: %s", it->name, nth,
                 store_err_name(attempt.err),
                 is_repeated ? "not done by the next call" : "not as before");
    }
    if (attempt.err != STORE_OK) {
        assert_int_equal(attempt.err, fault->err);
        assert_true(attempt.is_hit);
        assert_false(attempt.is_batch);
    }
    free(attempt.result.dump);
    return attempt.is_hit;
}

static void
check_one(const struct operation *it, const struct fault *fault)
{
    struct result results[2]; /* of no call, and of one */
    struct bed *bed = begin(it, fault);
    int nth = 1;

    results[0] = end(bed);
    bed = begin(it, fault);
    assert_int_equal(it->call(bed), STORE_OK);
    results[1] = end(bed);
    assert_false(is_same(&results[0], &results[1]));
    while (try_at(it, fault, nth, false, results) &&
           try_at(it, fault, nth, true, results)) {
        nth += 1 + (fault->is_sampled ? nth / 2 : 0);
        assert_true(nth < MAX_NTH);
    }
    free(results[0].dump);
    free(results[1].dump);
    assert_true(nth > 1);
}

void
operation_check_all(const struct fault *fault)
{
    const struct operation *it;

    for (size_t i = 0; (it = operation_get(i)) != NULL; i++)
        check_one(it, fault);
}
