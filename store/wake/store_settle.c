/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "apns_id.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment/enrollment_row.h"
#include "store/head.h"
#include "store/shape.h"
#include "wake_row.h"

/* How long APNs may go on with what it knew before a TokenUpdate. */
#define STALE_410_MS (24 * 3600 * INT64_C(1000))

struct settle_request {
    struct store_request request;
    store_settle_fn *done;
    struct store_settle_answer answer;
    const struct store_settled **settled; /* sorted by the store thread */
    size_t n;
};

/* What becomes of a wake, and what its wave counts when it ends. */
struct verdict {
    bool is_over;
    bool is_final; /* even if it was asked for again meanwhile */
    enum counter counter;
    int64_t due;
    int64_t pause;          /* as store_settled.wait_ms */
    bool is_attempt;        /* the push counts as one */
    uint32_t flags;         /* WAKE_AGAIN, WAKE_WAITS of the next push */
    enum store_state state; /* of the enrollment from now on */
    struct enrollment_row enrollment; /* when that is not enabled */
};

static struct verdict
end(enum counter counter, bool is_final)
{
    return (struct verdict){
        .is_over = true, .is_final = is_final, .counter = counter};
}

/* The clock may have been set back since the push ended. */
static struct verdict
go_on(const struct db *db, const struct store_settled *it, bool is_attempt,
      uint32_t flags)
{
    int64_t last = db_now(db) + it->wait_ms;

    return (struct verdict){
        .due = it->wait_ms != 0 && it->due_ms > last ? last : it->due_ms,
        .pause = it->wait_ms,
        .is_attempt = is_attempt,
        .flags = flags};
}

static struct verdict
go_on_now(const struct db *db, uint32_t flags)
{
    return (struct verdict){
        .due = db_now(db), .is_attempt = true, .flags = flags};
}

/* A 410 from before the TokenUpdate is not for this token; but one that APNs
   repeats a day later is, and it was our time that was wrong. One of unknown
   time is for the token that was pushed. */
static bool
is_dead_since(const struct store_settled *it, int64_t token_at, bool was_again)
{
    return it->died_at_ms == 0 || token_at <= it->died_at_ms ||
           (was_again && it->pushed_at_ms - token_at > STALE_410_MS);
}

/* A refusal counts only against the token that was pushed to. */
static enum store_err
judge_token(struct db *db, const struct store_settled *it, bool was_again,
            struct verdict *verdict)
{
    bool is_dead = it->effect == STORE_EFFECT_DEAD;
    bool is_undecided = it->effect == STORE_EFFECT_UNDECIDED;
    struct enrollment_row row;
    enum store_err err = enrollment_row_get(db, it->row, &row);

    if (err != STORE_OK)
        return err;
    if (row.state == STORE_STATE_ENABLED && row.version == it->tally &&
        is_undecided) {
        *verdict = (struct verdict){
            .due = INT64_MAX, .is_attempt = true, .flags = WAKE_UNDECIDED};
    } else if (row.state == STORE_STATE_ENABLED && row.version == it->tally &&
               (!is_dead || is_dead_since(it, row.token_at, was_again))) {
        *verdict = end(is_dead ? COUNTER_DEAD : COUNTER_SUSPECT, true);
        verdict->state = is_dead ? STORE_STATE_DEAD : STORE_STATE_SUSPECT;
        verdict->enrollment = row;
    } else if (is_dead && was_again) {
        *verdict = end(COUNTER_DEAD, false);
    } else {
        *verdict = go_on_now(db, is_dead ? WAKE_AGAIN : 0);
    }
    return STORE_OK;
}

static enum store_err
judge(struct db *db, const struct store_settled *it,
      const struct wake_row *wake, struct verdict *verdict)
{
    int64_t deadline = wake->exists ? wake->deadline : it->deadline_ms;
    bool is_past = deadline != 0 && it->due_ms > deadline;

    switch (it->effect) {
    case STORE_EFFECT_ACCEPTED:
        *verdict = end(COUNTER_ACCEPTED, false);
        if (wake->exists && wake->until == STORE_UNTIL_CHECK_IN &&
            it->due_ms != 0 && !is_past)
            *verdict = go_on(db, it, true, 0);
        return STORE_OK;
    case STORE_EFFECT_DEAD:
    case STORE_EFFECT_SUSPECT:
    case STORE_EFFECT_UNDECIDED:
        return judge_token(
            db, it, it->again || (wake->exists && wake->flags & WAKE_AGAIN),
            verdict);
    case STORE_EFFECT_RETRY:
    case STORE_EFFECT_WAIT:
        if (is_past)
            *verdict = end(COUNTER_EXPIRED, true);
        else if (it->effect == STORE_EFFECT_RETRY)
            *verdict = go_on(db, it, true, wake->flags & WAKE_AGAIN);
        else
            *verdict =
                go_on(db, it, false, WAKE_WAITS | (wake->flags & WAKE_AGAIN));
        return STORE_OK;
    case STORE_EFFECT_DROPPED:
    default:
        *verdict = end(COUNTER_DROPPED, false);
        return STORE_OK;
    }
}

/* Asked for again after the push: the device may have checked in before the
   new command was queued. Those who asked before have what they wanted. */
static enum store_err
start_over(struct db *db, struct wake_row *wake, enum counter counter)
{
    enum store_err err = wake_row_part(db, wake->row, counter);

    if (err != STORE_OK)
        return err;
    wake->due = db_now(db);
    wake->pause = 0;
    wake->attempt = 0;
    wake->flags = WAKE_ASKED;
    return wake_row_set(db, wake);
}

static enum store_err
settle_wake(struct db *db, const struct store_settled *it,
            struct wake_row *wake, const struct verdict *verdict)
{
    if (!wake->exists)
        return STORE_OK; /* it ended, and was counted, in flight */
    if (verdict->is_over) {
        if (!verdict->is_final && wake->ask_no > it->ask_no)
            return start_over(db, wake, verdict->counter);
        return wake_row_end(db, wake, verdict->counter);
    }
    wake->due = verdict->due;
    wake->pause = verdict->pause;
    wake->attempt += verdict->is_attempt;
    wake->flags = (wake->flags & WAKE_ASKED) | verdict->flags;
    if (wake->flags & WAKE_UNDECIDED)
        wake_row_rest(wake);
    return wake_row_set(db, wake);
}

/* The wave as far as its wakes inherit from it. */
struct terms {
    bool is_open;
    int64_t asked_at;
    uint8_t until;
    int64_t ask_no;
};

static enum store_err
get_terms(struct db *db, int64_t wave, struct terms *terms)
{
    struct bind bind;

    *terms = (struct terms){0};
    bind_begin(&bind, db, SQL_WAVE_TERMS);
    bind_int(&bind, wave);
    if (bind_row(&bind)) {
        terms->is_open = bind_take_int(&bind) < STORE_WAVE_DONE;
        terms->asked_at = bind_take_int(&bind);
        terms->until = (uint8_t)bind_take_int(&bind);
        terms->ask_no = bind_take_int(&bind);
    }
    return bind_end(&bind);
}

/* A wave's push that has to be repeated becomes a wake, or joins the one that
   was asked for meanwhile. */
static enum store_err
spin_off(struct db *db, const struct store_settled *it, struct wake_row *wake,
         const struct verdict *verdict)
{
    struct enrollment_row row;
    struct terms terms;
    enum store_err err = get_terms(db, it->wave, &terms);

    if (err != STORE_OK || !terms.is_open)
        return err; /* cancelled: it was counted so */
    if ((err = enrollment_row_get(db, it->row, &row)) != STORE_OK)
        return err;
    if (row.row == 0 || row.state != STORE_STATE_ENABLED)
        return count_add(db, it->wave, it->row, COUNTER_SKIPPED, 1);
    if (wake->exists) {
        wake_row_merge(wake, it->deadline_ms, (enum store_until)terms.until);
        err = wake_row_set(db, wake);
    } else {
        struct wake_row made = {
            .row = it->row,
            .topic = row.topic,
            .due = verdict->due,
            .asked_at = terms.asked_at,
            .deadline = it->deadline_ms,
            .attempt = verdict->is_attempt,
            .until = terms.until,
            .ask_no = terms.ask_no,
            .pause = verdict->pause,
            .flags = verdict->flags,
        };

        wake_row_bound(&made);
        err = wake_row_add(db, &made);
    }
    return err != STORE_OK ? err : wake_row_join(db, it->row, it->wave);
}

/* Of a wave's page. A wake can be there if it was asked for meanwhile, and
   this push may serve it; but not one that is meant for a later hour. */
static enum store_err
settle_page(struct db *db, const struct store_settled *it,
            struct wake_row *wake, const struct verdict *verdict)
{
    struct verdict own;
    enum store_err err;

    if (verdict->is_over)
        err = count_add(db, it->wave, it->row, verdict->counter, 1);
    else
        err = spin_off(db, it, wake, verdict);
    if (err != STORE_OK || !wake->exists)
        return err;
    if (verdict->is_over && wake->attempt == 0 && wake->pause == 0 &&
        wake->due > db_now(db))
        return STORE_OK;
    if ((err = judge(db, it, wake, &own)) != STORE_OK)
        return err;
    return settle_wake(db, it, wake, &own);
}

/* None is to go before that, by what APNs answered. */
static int64_t
not_before(const struct db *db, const struct store_settled *it)
{
    int64_t ended = it->due_ms - it->wait_ms;

    if (it->pause_ms == 0)
        return 0;
    if (ended > db_now(db)) /* as it seemed before the clock was set back */
        ended = db_now(db);
    return ended + it->pause_ms;
}

static enum store_err
write_push(struct db *db, const struct store_settled *it)
{
    uint8_t apns_id[APNS_ID_MAX];
    struct bind bind;
    size_t len;

    if (it->pushed_at_ms == 0)
        return STORE_OK;
    len = apns_id_pack(it->apns_id, apns_id);
    bind_begin(&bind, db, SQL_PUSH_PUT);
    bind_int(&bind, it->row);
    bind_int(&bind, it->pushed_at_ms);
    bind_int(&bind, it->status);
    bind_text(&bind, it->reason);
    bind_blob(&bind, apns_id, len);
    bind_int(&bind, it->wave);
    bind_int(&bind, it->ask_no);
    bind_int(&bind, it->effect == STORE_EFFECT_ACCEPTED ? it->ask_no : 0);
    bind_int(&bind, not_before(db, it));
    bind_int(&bind, it->pause_ms);
    return bind_run_child(&bind); /* it may have been deleted meanwhile */
}

static enum store_err
settle_one(struct db *db, const struct store_settled *it,
           struct store_settle_answer *answer)
{
    const struct claim *claim = claim_get(&db->claims, it->row);
    bool is_claimed = claim != NULL && claim->wave == it->wave;
    struct wake_row none = {.row = it->row};
    struct wake_row wake;
    struct verdict verdict;
    enum store_err err = write_push(db, it);

    if (err == STORE_OK)
        err = wake_row_get(db, it->row, &wake);
    if (err == STORE_OK && is_claimed)
        err = claim_end(&db->claims, it->row);
    if (err == STORE_OK)
        err = judge(db, it, it->wave == 0 ? &wake : &none, &verdict);
    if (err != STORE_OK)
        return err;
    if (it->wave != 0)
        err = settle_page(db, it, &wake, &verdict);
    else if (is_claimed)
        err = settle_wake(db, it, &wake, &verdict);
    /* It ended otherwise: at worst somebody looks for nothing. */
    answer->is_wake_due |= wake.exists && wake.due <= db_now(db);
    if (err == STORE_OK && verdict.state != STORE_STATE_ENABLED)
        err = enrollment_row_state(db, &verdict.enrollment, verdict.state);
    return err;
}

/* By row, so that neighbours are written together; as given for one row. */
static int
compare(const void *a, const void *b)
{
    const struct store_settled *one = *(const struct store_settled *const *)a;
    const struct store_settled *two = *(const struct store_settled *const *)b;

    if (one->row != two->row)
        return one->row < two->row ? -1 : 1;
    return one < two ? -1 : one > two;
}

static enum store_err
run_settle(struct store_request *request, struct db *db)
{
    struct settle_request *it = (struct settle_request *)request;
    uint64_t n_over = db->counts.n_over;
    enum store_err err = STORE_OK;

    qsort(it->settled, it->n, sizeof *it->settled, compare);
    for (size_t i = 0; i < it->n && err == STORE_OK; i++)
        err = settle_one(db, it->settled[i], &it->answer);
    if (err == STORE_OK)
        err = count_flush(db);
    it->answer.is_wave_over = db->counts.n_over != n_over;
    return err;
}

HEAD_ROW(complete_settle, settle_request, answer)

static const struct store_request_kind settling = {
    .is_write = true,
    .run = run_settle,
    .complete = complete_settle,
    .size = sizeof(struct settle_request),
};

static bool
is_shaped(const struct store_settled *settled)
{
    return settled->row > 0 && settled->wave >= 0 &&
           settled->effect < STORE_N_EFFECTS && settled->due_ms >= 0 &&
           settled->deadline_ms >= 0 && settled->wait_ms >= 0 &&
           settled->pause_ms >= 0 && settled->ask_no >= 0 &&
           shape_text(settled->reason, STORE_MAX_REASON);
}

static void
copy_all(struct settle_request *it, const struct store_settled *settled,
         size_t n)
{
    struct arena *arena = &it->request.arena;
    struct store_settled *copies = arena_take(arena, n * sizeof *copies);

    it->settled = arena_take(arena, n * sizeof *it->settled);
    if (copies == NULL || it->settled == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        copies[i] = settled[i];
        copies[i].reason = shape_given(settled[i].reason)[0] == '\0'
                               ? ""
                               : arena_text(arena, settled[i].reason);
        copies[i].apns_id = shape_given(settled[i].apns_id)[0] == '\0'
                                ? ""
                                : arena_text(arena, settled[i].apns_id);
        it->settled[i] = &copies[i];
    }
}

enum store_err
store_settle(struct store *store, const struct store_settled *settled, size_t n,
             store_settle_fn *done, void *arg)
{
    struct settle_request *it;

    if (n > STORE_MAX_BATCH)
        return STORE_EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!is_shaped(&settled[i]))
            return STORE_EINVAL;
    }
    it = store_request_new(store, &settling, arg);
    if (it == NULL)
        return store->refusal;
    it->done = done;
    it->n = n;
    copy_all(it, settled, n);
    return store_request_add(store, &it->request);
}
