/* SPDX-License-Identifier: MIT */
#include "checkin_rule.h"
#include "enrollment_row.h"
#include "store/bind.h"
#include "store/core.h"
#include "store/head.h"
#include "store/shape.h"
#include "store/wake/wake_row.h"

struct checkin_request {
    struct store_request request;
    store_checkin_fn *done;
    struct store_checkin checkin;
    struct enrollment_texts texts;
    struct store_checkin_answer answer;
};

static int64_t
later(const struct db *db, int64_t stored, int64_t at)
{
    return checkin_rule_newer(stored, at, db_now(db)) ? stored : at;
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
    if (later(db, row->seen_at, at) == row->seen_at)
        return STORE_OK;
    return enrollment_row_seen(db, row->row, at);
}

/* A user channel that was renewed after this stays. Stamped alike, it was
   renewed after an Authenticate: it is a user of the new enrollment. */
static bool
outlives(const struct checkin_request *it, const struct enrollment_row *user,
         int64_t now)
{
    bool is_check_out = it->checkin.type == STORE_CHECKIN_CHECK_OUT;
    int64_t at = it->checkin.at_ms - (is_check_out ? 0 : 1);

    return checkin_rule_newer(user->checked_at, at, now);
}

/* All but a CheckOut begin a new enrollment. */
static enum store_err
end_users(struct db *db, const struct checkin_request *it)
{
    struct enrollment_row before = {0};
    enum store_err err;

    while ((err = enrollment_row_user(db, it->texts.id, before.row, &before)) ==
               STORE_OK &&
           before.row != 0) {
        struct enrollment_row after = before;

        if (outlives(it, &before, db_now(db)))
            continue;
        after.state = STORE_STATE_DISABLED;
        after.checked_at = it->checkin.at_ms;
        if (it->checkin.type != STORE_CHECKIN_CHECK_OUT) {
            after.authenticated_at = it->checkin.at_ms;
            after.tally = 0;
        }
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
        after.authenticated_at = checkin->at_ms;
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
    return end_users(db, it);
}

/* A TokenUpdate has overtaken it: the serial number, older user channels and
   where the tally begins are all that is left to say. */
static enum store_err
complete_enrollment(struct checkin_request *it, struct db *db,
                    const struct enrollment_row *before)
{
    int64_t at = it->checkin.at_ms;
    struct enrollment_row after = *before;
    enum store_err err;

    after.seen_at = later(db, before->seen_at, at);
    after.checked_at = later(db, before->checked_at, at);
    if (at > before->authenticated_at) {
        after.authenticated_at = at;
        if (!before->is_tally_told && before->tally > 1)
            after.tally = 1;
    }
    it->answer.tally = after.tally;
    err = enrollment_row_mark(db, before, &after, it->texts.serial);
    if (err == STORE_OK)
        err = end_seen_wake(db, before->row, at);
    return err != STORE_OK ? err : end_users(db, it);
}

static enum store_err
write_token(struct checkin_request *it, struct db *db,
            const struct enrollment_row *before, struct enrollment_row *after)
{
    enum store_err err = topic_intern(db, it->checkin.topic, &after->topic);

    if (err != STORE_OK)
        return err;
    after->kind = it->checkin.kind;
    after->state = STORE_STATE_ENABLED;
    after->version = before->version + 1;
    it->answer.is_applied = true;
    it->answer.tally = after->tally;
    it->answer.is_changed =
        before->row == 0 || !before->is_same || before->topic != after->topic;
    return before->row == 0
               ? enrollment_row_add(db, after, &it->texts)
               : enrollment_row_token(db, before, after, &it->texts);
}

static enum store_err
update_token(struct checkin_request *it, struct db *db,
             const struct enrollment_row *before)
{
    const struct store_checkin *checkin = &it->checkin;
    struct enrollment_row after = *before;
    enum store_err err;

    after.token_at = checkin->at_ms;
    after.token_came_at = db_now(db);
    after.checked_at = later(db, before->checked_at, checkin->at_ms);
    after.seen_at = later(db, before->seen_at, checkin->at_ms);
    after.tally = checkin_rule_tally(before, checkin);
    after.is_tally_told = checkin->tally != 0;
    err = write_token(it, db, before, &after);
    if (err == STORE_OK && before->row != 0)
        err = end_seen_wake(db, before->row, checkin->at_ms);
    /* The first of an enrollment, whose Authenticate may have been lost. */
    if (err == STORE_OK && checkin->tally == 1)
        err = end_users(db, it);
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

/* Nobody knows when the device sent it: no time is kept, so that every 410
   counts and whatever comes from the device itself is newer. A token that is
   stored already brings nothing back to life. */
static enum store_err
replay_token(struct checkin_request *it, struct db *db,
             const struct enrollment_row *before)
{
    struct enrollment_row after = *before;
    int64_t topic;
    enum store_err err = topic_intern(db, it->checkin.topic, &topic);

    it->answer.tally = before->tally;
    if (err != STORE_OK || (before->is_same && before->topic == topic) ||
        checkin_rule_just_came(before, db_now(db)))
        return err;
    after.token_at = 0;
    after.tally = before->tally + 1;
    after.is_tally_told = false;
    return write_token(it, db, before, &after);
}

static enum store_err
replay(struct checkin_request *it, struct db *db,
       const struct enrollment_row *before)
{
    struct enrollment_row after = *before;

    switch (it->checkin.type) {
    case STORE_CHECKIN_TOKEN_UPDATE:
        return replay_token(it, db, before);
    case STORE_CHECKIN_AUTHENTICATE:
        it->answer.tally = before->tally;
        if (before->row != 0)
            return enrollment_row_mark(db, before, before, it->texts.serial);
        after.kind = it->checkin.kind;
        after.state = STORE_STATE_DISABLED;
        it->answer.is_applied = true;
        return enrollment_row_add(db, &after, &it->texts);
    case STORE_CHECKIN_CHECK_OUT:
        after.state = STORE_STATE_DISABLED;
        it->answer.is_applied = true;
        return enrollment_row_mark(db, before, &after, "");
    default:
        return STORE_OK;
    }
}

static enum store_err
run_verdict(struct checkin_request *it, struct db *db,
            const struct enrollment_row *before)
{
    switch (checkin_rule_judge(before, &it->checkin, db_now(db))) {
    case CHECKIN_COMPLETES:
        return complete_enrollment(it, db, before);
    case CHECKIN_DECIDES:
        return it->checkin.type == STORE_CHECKIN_TOKEN_UPDATE
                   ? update_token(it, db, before)
                   : disable(it, db, before);
    case CHECKIN_SIGHTS:
    default:
        it->answer.is_applied = it->checkin.type == STORE_CHECKIN_SEEN;
        return note_sighting(it, db, before);
    }
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
    if (checkin->is_replayed)
        return replay(it, db, &before);
    return run_verdict(it, db, &before);
}

HEAD_ROW(complete_checkin, checkin_request, answer)

static const struct store_request_kind checking_in = {
    .is_write = true,
    .run = run_checkin,
    .complete = complete_checkin,
    .size = sizeof(struct checkin_request),
};

enum store_err
store_checkin(struct store *store, const struct store_checkin *checkin,
              store_checkin_fn *done, void *arg)
{
    struct checkin_request *it;
    struct arena *arena;

    if (!shape_checkin(checkin))
        return STORE_EINVAL;
    it = store_request_new(store, &checking_in, arg);
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
