/* SPDX-License-Identifier: MIT */
#include "operation.h"

#include <stdio.h>

#define WAVE 1 /* its id */

static struct store_settled settled[STORE_MAX_BATCH];
static size_t n_settled;

static void
put_fleet(struct bed *bed)
{
    static char ids[OPERATION_DEVICES][16];
    struct store_enrollment devices[OPERATION_DEVICES + 1];

    for (int i = 0; i < OPERATION_DEVICES; i++) {
        snprintf(ids[i], sizeof ids[i], "d%d", i);
        devices[i] = bed_enrollment(ids[i]);
    }
    devices[OPERATION_DEVICES] = bed_enrollment("d7:user");
    devices[OPERATION_DEVICES].kind = STORE_KIND_USER;
    devices[OPERATION_DEVICES].parent = "d7";
    assert_int_equal(bed_put(bed, devices, OPERATION_DEVICES + 1), STORE_OK);
}

static enum store_err
put_identity(struct bed *bed, const char *sha256)
{
    struct store_identity it = {
        .topic = BED_TOPIC,
        .cert_pem = "-----BEGIN CERTIFICATE-----\n",
        .key_pem = "-----BEGIN PRIVATE KEY-----\n",
        .sha256 = sha256,
        .serial = "01",
        .subject = "UID=x",
        .issuer = "CN=Apple",
        .not_before_unix = 1,
        .not_after_unix = 2,
        .imported_by = "test",
        .apple_account = sha256,
    };
    enum store_err err;

    bed->n_done = 0;
    if ((err = store_identity_put(bed->store, &it, bed_on_done, bed)) !=
        STORE_OK)
        return err;
    bed_wait(bed, 1);
    return bed->err;
}

void
operation_fill(struct bed *bed)
{
    struct store_wake_terms until_seen = {.until = STORE_UNTIL_CHECK_IN};
    struct store_filter everyone = {0};

    put_fleet(bed);
    assert_int_equal(put_identity(bed, "00"), STORE_OK);
    assert_int_equal(put_identity(bed, "aa"), STORE_OK);
    assert_int_equal(bed_ask(bed, "d3"), STORE_ASKED_NEW);
    assert_int_equal(bed_ask(bed, "d9"), STORE_ASKED_NEW);
    assert_int_equal(bed_ask_as(bed, "d7", &until_seen), STORE_ASKED_NEW);
    assert_int_equal(bed_ask(bed, "d7:user"), STORE_ASKED_NEW);
    assert_int_equal(bed_wave_ask(bed, &everyone), WAVE);
}

/* Of what was handed out: effects in turn, the first first. */
static void
note_settled(struct bed *bed)
{
    static const enum store_effect effects[] = {
        STORE_EFFECT_RETRY,   STORE_EFFECT_DEAD, STORE_EFFECT_ACCEPTED,
        STORE_EFFECT_SUSPECT, STORE_EFFECT_WAIT, STORE_EFFECT_UNDECIDED};

    for (size_t i = 0; i < bed->batch->n; i++, n_settled++)
        settled[n_settled] = bed_settled(
            bed, &bed->batch->due[i],
            effects[n_settled % (sizeof effects / sizeof effects[0])]);
}

/* Pushes of single wakes and of a wave are in flight; that of d9, whose wake
   the wave joined, was asked for again meanwhile, and two of the wave's. */
static void
prepare_settle(struct bed *bed)
{
    n_settled = 0;
    assert_int_equal(bed_wave_claim(bed, WAVE, 0, 20), STORE_OK);
    note_settled(bed);
    assert_int_equal(bed_claim(bed), 4);
    note_settled(bed);
    settled[n_settled - 2].effect = STORE_EFFECT_ACCEPTED;
    assert_int_equal(bed_ask(bed, "d9"), STORE_ASKED_MERGED);
    assert_int_equal(bed_ask(bed, "d0"), STORE_ASKED_NEW);
    assert_int_equal(bed_ask(bed, "d1"), STORE_ASKED_NEW);
}

/* The wave is through, and waits for some of its wakes. */
static void
prepare_walked(struct bed *bed)
{
    prepare_settle(bed);
    assert_int_equal(bed_settle(bed, settled, n_settled), STORE_OK);
}

enum store_err
operation_finish(struct bed *bed, enum store_err err)
{
    if (err == STORE_OK) {
        bed_wait(bed, 1);
        err = bed->err;
    }
    return err;
}

static enum store_err
call_import(struct bed *bed)
{
    struct store_enrollment devices[] = {
        bed_enrollment("new"), bed_enrollment("d9"), bed_enrollment("other")};

    devices[1].state = STORE_STATE_DISABLED; /* its wake goes */
    devices[1].token_at_ms = devices[1].seen_at_ms = BED_NOW;
    devices[2].topic = "com.apple.mgmt.External.other";
    return bed_put(bed, devices, 3);
}

static enum store_err
call_authenticate(struct bed *bed)
{
    return bed_checkin(bed, STORE_CHECKIN_AUTHENTICATE, "d7", BED_NOW + 5);
}

static enum store_err
call_check_out(struct bed *bed)
{
    return bed_checkin(bed, STORE_CHECKIN_CHECK_OUT, "d7", BED_NOW + 5);
}

static enum store_err
call_token_update(struct bed *bed)
{
    struct store_checkin checkin = {
        .type = STORE_CHECKIN_TOKEN_UPDATE,
        .at_ms = BED_NOW + 5,
        .id = "d7",
        .topic = "com.apple.mgmt.External.other",
        .token = (const uint8_t *)"0123456789abcdef",
        .token_len = 16,
        .magic = "magic",
        .tally = 1,
    };

    return bed_checkin_as(bed, &checkin);
}

static enum store_err
call_first_token(struct bed *bed)
{
    return bed_checkin(bed, STORE_CHECKIN_TOKEN_UPDATE, "new", BED_NOW + 5);
}

static enum store_err
call_seen(struct bed *bed)
{
    return bed_checkin(bed, STORE_CHECKIN_SEEN, "d7", BED_NOW + 5);
}

static enum store_err
call_delete(struct bed *bed)
{
    static const char *const ids[] = {"d9", "d5", "d7:user"};

    bed->n_done = 0;
    return operation_finish(
        bed,
        store_enrollment_delete(bed->store, ids, 3, NULL, bed_on_count, bed));
}

static enum store_err
call_ask(struct bed *bed)
{
    static const char *const ids[] = {"d5", "d3", "d6"};
    struct store_wake_terms terms = {.deadline_ms = BED_NOW + 100000,
                                     .is_claimed_now = true};

    bed->n_done = 0;
    return operation_finish(
        bed, store_wake_ask(bed->store, ids, 3, &terms, bed_on_asked, bed));
}

static enum store_err
call_claim(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed, store_wake_claim(bed->store, BED_NOW + 1, NULL,
                                                  0, 10, bed_on_claimed, bed));
}

static enum store_err
call_settle(struct bed *bed)
{
    return bed_settle(bed, settled, n_settled);
}

static enum store_err
call_page(struct bed *bed)
{
    return bed_wave_claim(bed, WAVE, 0, 20);
}

static enum store_err
call_pass(struct bed *bed)
{
    return bed_wave_pass(bed, WAVE, 15, false);
}

static enum store_err
call_end(struct bed *bed)
{
    return bed_wave_pass(bed, WAVE, OPERATION_DEVICES, true);
}

static enum store_err
call_cancel(struct bed *bed)
{
    return bed_wave_cancel(bed, WAVE);
}

static enum store_err
call_identity(struct bed *bed)
{
    return put_identity(bed, "bb");
}

static enum store_err
call_again(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed,
                            store_identity_again(bed->store, BED_TOPIC, "00",
                                                 "test", bed_on_done, bed));
}

static enum store_err
call_remove(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(
        bed,
        store_identity_remove(bed->store, BED_TOPIC, "test", bed_on_done, bed));
}

static enum store_err
call_release(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed, store_wake_release(bed->store, BED_TOPIC,
                                                    BED_NOW, bed_on_done, bed));
}

static enum store_err
call_mark(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed, store_undecided_mark(bed->store, BED_TOPIC, 10,
                                                      bed_on_count, bed));
}

static enum store_err
call_probe(struct bed *bed)
{
    bed->n_done = 0;
    return operation_finish(bed, store_wake_probe(bed->store, BED_TOPIC, true,
                                                  5, 7, bed_on_claimed, bed));
}

static enum store_err
call_count(struct bed *bed)
{
    struct store_filter filter = {.topic = BED_TOPIC,
                                  .seen_before_ms = BED_NOW};

    bed->n_done = 0;
    return operation_finish(
        bed, store_enrollment_count(bed->store, &filter, bed_on_count, bed));
}

static enum store_err
call_wave(struct bed *bed)
{
    struct store_wave wave = {.filter = {.topic = BED_TOPIC, .parent = "d7"},
                              .asked_by = "test"};

    bed->n_done = 0;
    return operation_finish(
        bed, store_wave_ask(bed->store, &wave, bed_on_waves, bed));
}

static enum store_err
call_cancel_wake(struct bed *bed)
{
    static const char *const ids[] = {"d3", "d9"};

    bed->n_done = 0;
    return operation_finish(
        bed, store_wake_cancel(bed->store, ids, 2, NULL, bed_on_count, bed));
}

static const struct operation operations[] = {
    {"import", NULL, call_import},
    {"authenticate", NULL, call_authenticate},
    {"token update", NULL, call_token_update},
    {"first token update", NULL, call_first_token},
    {"check-out", NULL, call_check_out},
    {"seen", NULL, call_seen},
    {"delete", NULL, call_delete},
    {"ask", NULL, call_ask},
    {"claim", NULL, call_claim},
    {"settle", prepare_settle, call_settle},
    {"wave page", NULL, call_page},
    {"wave pass", prepare_walked, call_pass},
    {"wave end", prepare_walked, call_end},
    {"wave cancel", prepare_walked, call_cancel},
    {"wave ask", NULL, call_wave},
    {"wake cancel", NULL, call_cancel_wake},
    {"identity put", prepare_walked, call_identity},
    {"identity again", NULL, call_again},
    {"identity remove", NULL, call_remove},
    {"release", prepare_walked, call_release},
    {"undecided mark", prepare_walked, call_mark},
    {"probe", NULL, call_probe},
    {"count", NULL, call_count},
};

const struct operation *
operation_get(size_t i)
{
    size_t n = sizeof operations / sizeof operations[0];

    return i < n ? &operations[i] : operation_record(i - n);
}
