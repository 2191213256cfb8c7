/* SPDX-License-Identifier: MIT */
#include "store/bind.h"
#include "store/core.h"
#include "store/enrollment_row.h"
#include "store/shape.h"
#include "store/wake_row.h"

struct checkin_request {
    struct store_request request;
    store_checkin_fn *done;
    struct store_checkin checkin;
    struct enrollment_texts texts;
    struct store_checkin_answer answer;
};

/*
 * Times ahead of our clock were written while it, or another's, went wrong.
 * They must not make what comes now look old until the clock has got there.
 */
static bool
is_newer(const struct db *db, int64_t stored, int64_t at)
{
    return stored > at && stored <= db_now(db);
}

static int64_t
later(const struct db *db, int64_t stored, int64_t at)
{
    return is_newer(db, stored, at) ? stored : at;
}

/* A wake that waited for the device to be seen has got what it wanted. */
static enum store_err
end_seen_wake(struct db *db, int64_t row, int64_t at)
{
    struct wake_row wake;
    enum store_err err = wake_row_get(db, row, &wake);

    if (err != STORE_OK || !wake.exists || wake.asked_at > at ||
        wake.until != STORE_UNTIL_CHECK_IN)
        return err;
    return wake_row_end(db, &wake, COUNTER_ACCEPTED);
}

static enum store_err
see(struct db *db, const struct enrollment_row *row, int64_t at)
{
    if (at == row->seen_at || is_newer(db, row->seen_at, at))
        return STORE_OK;
    return enrollment_row_seen(db, row->row, at);
}

/* Its user channels, unless they were renewed after it. */
static enum store_err
disable_users(struct db *db, const struct checkin_request *it)
{
    int64_t at = it->checkin.at_ms;
    struct enrollment_row before = {0};
    enum store_err err;

    while ((err = enrollment_row_user(db, it->texts.id, before.row, &before)) ==
               STORE_OK &&
           before.row != 0) {
        struct enrollment_row after = before;

        if (is_newer(db, before.checked_at, at))
            continue;
        after.state = STORE_STATE_DISABLED;
        after.checked_at = at;
        if (it->checkin.type == STORE_CHECKIN_AUTHENTICATE)
            after.tally = 0;
        if ((err = enrollment_row_mark(db, &before, &after, "")) != STORE_OK)
            return err;
    }
    return err;
}

static enum store_err
disable(struct checkin_request *it, struct db *db,
        const struct enrollment_row *before)
{
    const struct store_checkin *checkin = &it->checkin;
    struct enrollment_row after = *before;
    enum store_err err = STORE_OK;

    after.state = STORE_STATE_DISABLED;
    after.checked_at = checkin->at_ms;
    after.seen_at = later(db, before->seen_at, checkin->at_ms);
    if (checkin->type == STORE_CHECKIN_AUTHENTICATE) {
        after.kind = checkin->kind;
        after.tally = 0;
        if (checkin->topic[0] != '\0')
            err = topic_intern(db, checkin->topic, &after.topic);
    }
    if (err != STORE_OK)
        return err;
    /* An Authenticate may be the first that is heard of a device: what it
       says decides about a TokenUpdate that was sent before it. */
    if (before->row == 0)
        err = enrollment_row_add(db, &after, &it->texts);
    else
        err = enrollment_row_mark(db, before, &after, it->texts.serial);
    if (err != STORE_OK)
        return err;
    it->answer.is_applied = true;
    it->answer.tally = after.tally;
    return disable_users(db, it);
}

static enum store_err
update_token(struct checkin_request *it, struct db *db,
             const struct enrollment_row *before)
{
    const struct store_checkin *checkin = &it->checkin;
    struct enrollment_row after = *before;
    enum store_err err = topic_intern(db, checkin->topic, &after.topic);

    if (err != STORE_OK)
        return err;
    after.kind = checkin->kind;
    after.state = STORE_STATE_ENABLED;
    after.token_at = after.checked_at = checkin->at_ms;
    after.seen_at = later(db, before->seen_at, checkin->at_ms);
    after.tally = before->tally + 1;
    after.version = before->version + 1;
    if (before->row == 0)
        err = enrollment_row_add(db, &after, &it->texts);
    else
        err = enrollment_row_token(db, before, &after, &it->texts);
    if (err == STORE_OK && before->row != 0)
        err = end_seen_wake(db, before->row, checkin->at_ms);
    it->answer.is_applied = true;
    it->answer.tally = after.tally;
    it->answer.is_changed =
        before->row == 0 || !before->is_same || before->topic != after.topic;
    return err;
}

static enum store_err
note_sighting(struct checkin_request *it, struct db *db,
              const struct enrollment_row *row)
{
    enum store_err err = see(db, row, it->checkin.at_ms);

    it->answer.tally = row->tally;
    if (err == STORE_OK)
        err = end_seen_wake(db, row->row, it->checkin.at_ms);
    return err;
}

static enum store_err
run_checkin(struct store_request *request, struct db *db)
{
    struct checkin_request *it = (struct checkin_request *)request;
    struct store_checkin *checkin = &it->checkin;
    struct enrollment_row before;
    enum store_err err;

    if (checkin->at_ms == 0)
        checkin->at_ms = db_now(db);
    if ((err = enrollment_row_find(db, &it->texts, &before)) != STORE_OK)
        return err;
    it->answer = (struct store_checkin_answer){.is_known = before.row != 0};
    if (before.row == 0 && (checkin->type == STORE_CHECKIN_CHECK_OUT ||
                            checkin->type == STORE_CHECKIN_SEEN))
        return STORE_OK;
    if (checkin->type == STORE_CHECKIN_SEEN) {
        it->answer.is_applied = true;
        return note_sighting(it, db, &before);
    }
    if (is_newer(db, before.checked_at, checkin->at_ms))
        return note_sighting(it, db, &before);
    if (checkin->type == STORE_CHECKIN_TOKEN_UPDATE)
        return update_token(it, db, &before);
    return disable(it, db, &before);
}

static void
complete_checkin(struct store_request *request, enum store_err err)
{
    struct checkin_request *it = (struct checkin_request *)request;

    if (it->done != NULL)
        it->done(request->arg, err, err == STORE_OK ? &it->answer : NULL);
}

static const struct store_request_kind checking_in = {
    .is_write = true,
    .run = run_checkin,
    .complete = complete_checkin,
};

enum store_err
store_checkin(struct store *store, const struct store_checkin *checkin,
              store_checkin_fn *done, void *arg)
{
    struct checkin_request *it;
    struct arena *arena;

    if (!shape_checkin(checkin))
        return STORE_EINVAL;
    it = store_request_new(store, &checking_in, sizeof *it, arg);
    if (it == NULL)
        return store->refusal;
    it->request.is_prompt = true;
    arena = &it->request.arena;
    it->done = done;
    it->checkin = *checkin;
    it->checkin.topic = arena_text(arena, shape_given(checkin->topic));
    it->texts.id = arena_text(arena, checkin->id);
    it->texts.parent = arena_text(arena, shape_given(checkin->parent));
    it->texts.serial = arena_text(arena, shape_given(checkin->serial));
    it->texts.magic = "";
    if (checkin->type == STORE_CHECKIN_TOKEN_UPDATE) {
        it->texts.magic = arena_text(arena, checkin->magic);
        it->texts.token_len = checkin->token_len;
        it->texts.token = arena_copy(arena, checkin->token, checkin->token_len);
    }
    return store_request_add(store, &it->request);
}
