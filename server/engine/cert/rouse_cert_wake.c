/* SPDX-License-Identifier: MIT */

/*
 * The façade of tests that wake a device: is it of this topic, does the
 * certificate work, does APNs take the push, is the device seen? Push and
 * sighting may come in either order, so it ends when neither is awaited.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/engine/call.h"
#include "server/engine/cert/life/life_seen.h"
#include "server/engine/engine_core.h"

#define SEEN_WAIT_MS 60000 /* the default */

struct waking {
    struct sight sight; /* first: on_sight gets it */
    struct rouse *rouse;
    rouse_cert_test_fn *done;
    void *arg;
    uint32_t wait_ms;
    uint32_t seen_wait_ms;
    int64_t token_at_ms; /* of the device */
    bool is_pushed;      /* rouse_push has completed */
    bool is_seen;
    enum life_seen_next next;
    struct rouse_cert_test test; /* of the certificate; its reason is ours */
    struct rouse_wake_answer push;
    char topic[APNS_MAX_TOPIC + 1];
    char id[STORE_MAX_ID + 1];
    char by[STORE_MAX_NAME + 1];
    char test_reason[LIFE_WHY_SIZE];
    char push_reason[APNS_MAX_REASON + 1];
    char push_state[16];
};

static void
end_waking(struct waking *it, enum rouse_err err, enum rouse_cert_code code,
           const char *text, const struct rouse_cert_test *test)
{
    sight_close(it->rouse, &it->sight);
    it->done(it->arg, err, &(struct rouse_cert_refusal){code, text}, test);
    free(it);
}

static void
refuse_unknown(struct waking *it)
{
    char text[STORE_MAX_ID + 160];

    snprintf(text, sizeof text,
             "There is no enrollment %s, so nothing was pushed; for the IDs "
             "see rouse enrollment list.",
             it->id);
    end_waking(it, ROUSE_EGUARD, ROUSE_CERT_UNKNOWN_ENROLLMENT, text, NULL);
}

static void
refuse_topic(struct waking *it, const char *topic)
{
    char text[STORE_MAX_ID + 2 * STORE_MAX_TOPIC + 160];

    if (topic[0] == '\0')
        snprintf(text, sizeof text,
                 "The enrollment %s has no topic yet: it has not sent a "
                 "TokenUpdate. Nothing was pushed.",
                 it->id);
    else
        snprintf(text, sizeof text,
                 "The enrollment %s belongs to the topic %s, not to %s, so it "
                 "proves nothing about that one; nothing was pushed. Test its "
                 "own topic, or name another enrollment.",
                 it->id, topic, it->topic);
    end_waking(it, ROUSE_EGUARD, ROUSE_CERT_OTHER_TOPIC, text, NULL);
}

static void
finish(struct waking *it)
{
    struct rouse *rouse = it->rouse;
    int64_t took_ms =
        tick_now(rouse) - it->sight.since_ms; /* what the clock says */
    struct rouse_cert_wake wake;
    char text[256];

    life_seen_judge(&it->push, it->next, it->is_seen, &wake);
    wake.id = it->id;
    wake.took_ms = took_ms > 0 ? (uint32_t)took_ms : 0;
    snprintf(text, sizeof text, "%s after %u ms: %u%s%s", wake.verdict,
             wake.took_ms, wake.status, wake.reason[0] != '\0' ? " " : "",
             wake.reason);
    notice_event(rouse, "enrollment.tested", it->id, it->by, text);
    it->test.wake = &wake;
    end_waking(it, ROUSE_OK, ROUSE_CERT_OK, "", &it->test);
}

static void
on_sight(struct sight *sight, int64_t seen_at_ms)
{
    struct waking *it = (struct waking *)sight;

    it->is_seen = seen_at_ms != 0;
    if (!it->is_pushed)
        return;
    if (it->rouse->is_freeing)
        end_waking(it, ROUSE_ECLOSED, ROUSE_CERT_OK, "", NULL);
    else
        finish(it);
}

static void
keep_push(struct waking *it, const struct rouse_wake_answer *answer)
{
    it->push = *answer;
    snprintf(it->push_reason, sizeof it->push_reason, "%s", answer->reason);
    snprintf(it->push_state, sizeof it->push_state, "%s", answer->state);
    it->push.id = it->id;
    it->push.reason = it->push_reason;
    it->push.state = it->push_state;
    it->push.apns_id = "";
}

static void
on_pushed(void *arg, enum rouse_err err,
          const struct rouse_wake_answer *answers, size_t n)
{
    struct waking *it = arg;

    if (err == ROUSE_OK && it->rouse->is_freeing)
        err = ROUSE_ECLOSED;
    if (err != ROUSE_OK || n != 1) {
        end_waking(it, err, ROUSE_CERT_OK, "", NULL);
        return;
    }
    if (answers[0].asked == ROUSE_ASKED_UNKNOWN) {
        refuse_unknown(it); /* deleted in the meantime */
        return;
    }
    it->is_pushed = true;
    keep_push(it, &answers[0]);
    it->next = life_seen_after(&it->push, it->token_at_ms);
    if (!it->sight.is_open || it->next == LIFE_SEEN_OVER)
        finish(it);
}

/* The sighting is awaited first: the device may be quicker than we are. */
static void
wake_device(struct waking *it)
{
    const char *id = it->id;
    enum rouse_err err = ROUSE_EBUSY;

    it->sight = (struct sight){
        .id = it->id,
        .since_ms = tick_now(it->rouse),
        .left_ms = it->seen_wait_ms,
        .done = on_sight,
    };
    if (sight_open(it->rouse, &it->sight))
        err = rouse_push(it->rouse, &id, 1, NULL, it->seen_wait_ms, on_pushed,
                         it);
    if (err != ROUSE_OK)
        end_waking(it, err, ROUSE_CERT_OK, "", NULL);
}

static void
on_tested(void *arg, enum rouse_err err,
          const struct rouse_cert_refusal *refusal,
          const struct rouse_cert_test *test)
{
    struct waking *it = arg;

    if (err != ROUSE_OK || !test->is_ok) {
        end_waking(it, err, refusal->code, refusal->text, test);
        return;
    }
    it->test = *test;
    snprintf(it->test_reason, sizeof it->test_reason, "%s", test->reason);
    it->test.reason = it->test_reason;
    wake_device(it);
}

static void
on_enrollment(void *arg, enum store_err stored,
              const struct store_enrollment *found, size_t n, int64_t next)
{
    struct waking *it = arg;
    enum rouse_err err = rouse_err_of_store(stored);

    (void)next;
    if (err == ROUSE_OK && n == 0) {
        refuse_unknown(it);
        return;
    }
    if (err == ROUSE_OK && strcmp(found->topic, it->topic) != 0) {
        refuse_topic(it, found->topic);
        return;
    }
    if (err == ROUSE_OK) {
        it->token_at_ms = found->token_at_ms;
        err = rouse_cert_test_topic(it->rouse, it->topic, it->wait_ms, it->by,
                                    on_tested, it);
    }
    if (err != ROUSE_OK)
        end_waking(it, err, ROUSE_CERT_OK, "", NULL);
}

static bool
is_good(const struct rouse_cert_test_terms *terms)
{
    return terms->wait_ms <= ROUSE_CERT_MAX_WAIT_MS &&
           terms->seen_wait_ms <= ROUSE_CERT_MAX_WAIT_MS &&
           terms->topic[0] != '\0' &&
           strnlen(terms->topic, APNS_MAX_TOPIC + 1) <= APNS_MAX_TOPIC &&
           terms->enrollment[0] != '\0' &&
           strnlen(terms->enrollment, STORE_MAX_ID + 1) <= STORE_MAX_ID;
}

enum rouse_err
rouse_cert_test_wake(struct rouse *rouse,
                     const struct rouse_cert_test_terms *terms,
                     rouse_cert_test_fn *done, void *arg)
{
    struct waking *it;
    const char *id;
    enum rouse_err err;

    if (!is_good(terms))
        return ROUSE_EINVAL;
    if ((it = call_new(rouse, sizeof *it, &err)) == NULL)
        return err;
    it->rouse = rouse;
    it->done = done;
    it->arg = arg;
    it->wait_ms = terms->wait_ms;
    it->seen_wait_ms =
        terms->seen_wait_ms != 0 ? terms->seen_wait_ms : SEEN_WAIT_MS;
    snprintf(it->topic, sizeof it->topic, "%s", terms->topic);
    snprintf(it->id, sizeof it->id, "%s", terms->enrollment);
    snprintf(it->by, sizeof it->by, "%s", terms->by);
    id = it->id;
    return call_asked(
        it, store_enrollment_get(rouse->store, &id, 1, on_enrollment, it));
}
