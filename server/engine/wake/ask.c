/* SPDX-License-Identifier: MIT */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "server/engine/engine_core.h"

static enum rouse_err
check_ids(const char *const *ids, size_t n, size_t *n_bytes)
{
    if (n == 0 || n > ROUSE_MAX_IDS)
        return ROUSE_EINVAL;
    *n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        size_t len = ids[i] != NULL ? strnlen(ids[i], STORE_MAX_ID + 1) : 0;

        if (len == 0 || len > STORE_MAX_ID)
            return ROUSE_EINVAL;
        *n_bytes += len + 1;
    }
    return ROUSE_OK;
}

static void
copy_ids(struct ask *ask, const char *const *ids)
{
    char *at = ask->text;

    for (size_t i = 0; i < ask->n; i++) {
        size_t size = strlen(ids[i]) + 1;

        ask->ids[i] = memcpy(at, ids[i], size);
        at += size;
    }
}

static int
compare(const void *a, const void *b, void *ids_)
{
    char *const *ids = ids_;
    size_t i = *(const size_t *)a;
    size_t j = *(const size_t *)b;
    int order = strcmp(ids[i], ids[j]);

    return order != 0 ? order : (i > j) - (i < j);
}

/* Ids given twice are one wake; the first of them stands for all. */
static bool
find_unique(struct ask *ask)
{
    size_t *sorted = calloc(ask->n, sizeof *sorted);
    size_t first = 0;

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < ask->n; i++)
        sorted[i] = i;
    qsort_r(sorted, ask->n, sizeof *sorted, compare, ask->ids);
    for (size_t i = 0; i < ask->n; i++) {
        if (i == 0 || strcmp(ask->ids[sorted[i]], ask->ids[first]) != 0)
            first = sorted[i];
        ask->which[sorted[i]] = first;
    }
    free(sorted);
    for (size_t i = 0; i < ask->n; i++) {
        first = ask->which[i]; /* at or before i: numbered already */
        if (first == i)
            ask->unique[ask->n_unique] = ask->ids[i];
        ask->which[i] = first == i ? ask->n_unique++ : ask->which[first];
    }
    return true;
}

struct ask *
ask_new(struct rouse *rouse, const char *const *ids, size_t n,
        enum rouse_err *err)
{
    struct ask *ask;
    size_t n_bytes;

    if ((*err = check_ids(ids, n, &n_bytes)) != ROUSE_OK)
        return NULL;
    *err = ROUSE_EBUSY;
    if (n > WATCH_MAX_IDS - rouse->watches.n_ids)
        return NULL;
    *err = ROUSE_ENOMEM;
    if ((ask = calloc(1, sizeof *ask)) == NULL)
        return NULL;
    ask->rouse = rouse;
    ask->n = n;
    rouse->watches.n_ids += (uint32_t)n;
    ask->text = malloc(n_bytes);
    ask->ids = calloc(n, sizeof *ask->ids);
    ask->which = calloc(n, sizeof *ask->which);
    ask->unique = calloc(n, sizeof *ask->unique);
    ask->watches = calloc(n, sizeof *ask->watches);
    ask->page = page_new();
    if (ask->text == NULL || ask->ids == NULL || ask->which == NULL ||
        ask->unique == NULL || ask->watches == NULL || ask->page == NULL)
        goto fail;
    copy_ids(ask, ids);
    if (!find_unique(ask))
        goto fail;
    *err = ROUSE_OK;
    return ask;

fail:
    ask_free(ask);
    return NULL;
}

void
ask_free(struct ask *ask)
{
    if (ask == NULL)
        return;
    ask->rouse->watches.n_ids -= (uint32_t)ask->n;
    page_free(ask->page);
    free(ask->watches);
    free(ask->unique);
    free(ask->which);
    free(ask->ids);
    free(ask->text);
    free(ask);
}

static void
fill_answer(const struct ask *ask, size_t i, struct rouse_wake_answer *answer)
{
    static const enum rouse_asked asked[] = {
        [STORE_ASKED_UNKNOWN] = ROUSE_ASKED_UNKNOWN,
        [STORE_ASKED_UNPUSHABLE] = ROUSE_ASKED_UNPUSHABLE,
        [STORE_ASKED_NEW] = ROUSE_ASKED_NEW,
        [STORE_ASKED_MERGED] = ROUSE_ASKED_MERGED,
        [STORE_ASKED_UNDECIDED] = ROUSE_ASKED_UNDECIDED,
    };
    const struct watch *watch = &ask->watches[ask->which[i]];

    *answer = (struct rouse_wake_answer){
        .id = ask->ids[i],
        .asked = asked[watch->asked],
        .state = watch->asked == STORE_ASKED_UNKNOWN
                     ? ""
                     : store_state_text(watch->state),
        .not_before_ms = watch->not_before_ms,
        .is_answered = watch->is_answered,
        .outcome = watch->outcome,
        .class_ = watch->class_,
        .status = watch->status,
        .reason = watch->reason,
        .apns_id = watch->apns_id,
        .timestamp_ms = watch->timestamp_ms,
        .latency_us = watch->latency_us,
    };
}

static void
complete(struct later *later)
{
    struct ask *ask =
        (struct ask *)((char *)later - offsetof(struct ask, later));
    struct rouse_wake_answer *answers = NULL;

    if (ask->done == NULL) {
        ask_free(ask);
        return;
    }
    if (ask->err == ROUSE_OK &&
        (answers = calloc(ask->n, sizeof *answers)) == NULL)
        ask->err = ROUSE_ENOMEM;
    for (size_t i = 0; answers != NULL && i < ask->n; i++)
        fill_answer(ask, i, &answers[i]);
    ask->done(ask->arg, ask->err, answers, answers != NULL ? ask->n : 0);
    free(answers);
    ask_free(ask);
}

void
ask_end(struct ask *ask, enum rouse_err err)
{
    struct rouse *rouse = ask->rouse;

    if (ask->is_waiting)
        TAILQ_REMOVE(&rouse->watches.waiting, ask, link);
    ask->is_waiting = false;
    for (size_t i = 0; ask->n_open > 0 && i < ask->n_unique; i++)
        watch_close(rouse, &ask->watches[i]);
    ask->err = err;
    ask->later.run = complete;
    STAILQ_INSERT_TAIL(&rouse->laters, &ask->later, link);
    tick_wake(rouse);
}

void
ask_answered(struct ask *ask)
{
    if (--ask->n_open == 0)
        ask_end(ask, ROUSE_OK);
}

/* The due ones among them go before everything else. */
static void
take_batch(struct ask *ask, struct store_batch *batch)
{
    struct rouse *rouse = ask->rouse;

    page_fill(ask->page, batch);
    if (page_n_due(ask->page) == 0 || rouse->is_draining || rouse->is_freeing)
        return; /* goes with the ask; a dropped claim ends with the store */
    sender_add(rouse, ask->page, &rouse->sender.asked);
    ask->page = NULL;
}

static void
wait_for_results(struct ask *ask)
{
    struct rouse *rouse = ask->rouse;

    for (size_t i = 0; i < ask->n_unique; i++) {
        struct watch *watch = &ask->watches[i];

        if (watch->asked != STORE_ASKED_NEW &&
            watch->asked != STORE_ASKED_MERGED)
            continue;
        if (watch->not_before_ms != 0)
            continue; /* no result comes before */
        watch_open(rouse, watch);
        ask->n_open++;
    }
    if (ask->n_open == 0) {
        ask_end(ask, ROUSE_OK);
        return;
    }
    ask->is_waiting = true;
    ask->until_ms = tick_now(rouse) + ask->wait_ms;
    TAILQ_INSERT_TAIL(&rouse->watches.waiting, ask, link);
    if (ask->until_ms < rouse->watches.next_ms)
        rouse->watches.next_ms = ask->until_ms;
    tick_wake(rouse);
}

/* What was handed out and not sent yet serves this ask as well, now. */
static void
hurry_claimed(struct rouse *rouse, const struct store_wake_answer *answers,
              size_t n)
{
    if (n > ASK_HURRY_MAX || rouse->is_freeing)
        return;
    for (size_t i = 0; i < n; i++)
        if (answers[i].is_claimed)
            sender_hurry(rouse, answers[i].row, tick_now(rouse));
}

static void
on_asked(void *arg, enum store_err err, const struct store_wake_answer *answers,
         size_t n, struct store_batch *batch)
{
    struct ask *ask = arg;
    struct rouse *rouse = ask->rouse;
    bool is_due = ask->due_ms <= tick_now(rouse);

    if (err != STORE_OK) {
        ask_end(ask, rouse_err_of_store(err));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        ask->watches[i].ask = ask;
        ask->watches[i].asked = answers[i].asked;
        ask->watches[i].state = answers[i].state;
        ask->watches[i].row = answers[i].row;
        ask->watches[i].not_before_ms = answers[i].not_before_ms;
        flight_note_ask(rouse, answers[i].ask_no);
    }
    if (batch != NULL)
        take_batch(ask, batch);
    else if (is_due)
        fetch_want(rouse);
    else
        fetch_due_at(rouse, ask->due_ms);
    if (!ask->is_push)
        ask_end(ask, ROUSE_OK);
    else if (rouse->is_freeing)
        ask_end(ask, ROUSE_ECLOSED);
    else
        wait_for_results(ask);
    if (is_due) /* when its watches are open */
        hurry_claimed(rouse, answers, n);
}

/* While little waits in memory; else the disk is the queue. */
static bool
can_take_now(const struct ask *ask, int64_t now_ms)
{
    return ask->due_ms <= now_ms &&
           ask->rouse->sender.n_asked + ask->n_unique <= FETCH_PAGE;
}

enum rouse_err
ask_send(struct ask *ask, const struct rouse_wake_terms *terms)
{
    struct rouse *rouse = ask->rouse;
    int64_t now_ms = tick_now(rouse);
    struct store_wake_terms stored = {
        .until = STORE_UNTIL_ACCEPTED,
        .due_ms = terms->due_ms,
        .deadline_ms = terms->deadline_ms,
        .scope = {terms->scope.topic, terms->scope.group},
    };

    ask->due_ms = terms->due_ms;
    stored.is_claimed_now = can_take_now(ask, now_ms);
    return rouse_err_of_store(store_wake_ask(
        rouse->store, ask->unique, ask->n_unique, &stored, on_asked, ask));
}
