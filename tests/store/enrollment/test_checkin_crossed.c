/* SPDX-License-Identifier: MIT */

/*
 * Check-ins that crossed each other on the way: stamped in the wrong order,
 * come in the wrong order, twice, or very late.
 */

#include "tests/store/store_bed.h"
#include "tests/support/unit.h"

#include <string.h>

#define MAX_STEPS 6
#define MINUTE    60000
#define SERIAL    "C02SERIAL"

EACH(bed_set_up, bed_tear_down);

enum what {
    END,
    AUTH,
    OLD,  /* the device's TokenUpdate with its old token */
    NEW,  /* and with the new one */
    USER, /* the TokenUpdate of a user channel */
    OUT,  /* CheckOut */
};

struct step {
    enum what what;
    int64_t at;     /* ms after BED_NOW: the event's stamp */
    int64_t came;   /* and when it came */
    uint32_t tally; /* as the server counts; 0: it does not say */
};

struct crossing {
    const char *name;
    struct step steps[MAX_STEPS];
    enum store_state want;
    uint32_t tally;
    enum store_state user; /* where there is one */
};

#define ENABLED  STORE_STATE_ENABLED
#define DISABLED STORE_STATE_DISABLED

static const struct crossing crossings[] = {
    {"in order", {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}}, ENABLED, 1, 0},
    {"stamped the wrong way round",
     {{AUTH, 5, 5, 0}, {NEW, 0, 6, 0}},
     ENABLED,
     1,
     0},
    {"come the wrong way round",
     {{NEW, 5, 5, 0}, {AUTH, 0, 6, 0}},
     ENABLED,
     1,
     0},
    {"stamped and come the wrong way round",
     {{NEW, 0, 5, 0}, {AUTH, 5, 6, 0}},
     ENABLED,
     1,
     0},
    {"stamped alike", {{AUTH, 5, 5, 0}, {NEW, 5, 6, 0}}, ENABLED, 1, 0},
    {"stamped alike, token first",
     {{NEW, 5, 5, 0}, {AUTH, 5, 6, 0}},
     ENABLED,
     1,
     0},
    {"a minute before, by its stamp",
     {{AUTH, MINUTE, MINUTE, 0}, {NEW, 0, MINUTE + 1, 0}},
     ENABLED,
     1,
     0},
    {"more than a minute before, by its stamp",
     {{AUTH, MINUTE + 1, MINUTE + 1, 0}, {NEW, 0, MINUTE + 2, 0}},
     DISABLED,
     0,
     0},
    {"comes long after, stamped within the minute",
     {{NEW, 0, 0, 0}, {AUTH, MINUTE, 9 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"comes within the minute, stamped long after",
     {{NEW, 0, 9 * MINUTE, 0}, {AUTH, 9 * MINUTE, 10 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"comes within the minute, and a late token is newer than the stored one",
     {{OLD, 0, 9 * MINUTE, 0},
      {AUTH, 9 * MINUTE, 10 * MINUTE, 0},
      {NEW, 1000, 10 * MINUTE + 1, 0}},
     ENABLED,
     2,
     0},
    {"a token long after an Authenticate that disabled nothing",
     {{NEW, 0, 0, 0}, {AUTH, 500, 500, 0}, {NEW, 5 * MINUTE, 5 * MINUTE, 0}},
     ENABLED,
     2,
     0},
    {"a minute is over",
     {{NEW, 0, 0, 0}, {AUTH, MINUTE + 1, MINUTE + 1, 0}},
     DISABLED,
     0,
     0},
    {"an Authenticate that comes an hour late",
     {{NEW, 5, 5, 0}, {NEW, 3000, 3000, 0}, {AUTH, 0, 60 * MINUTE, 0}},
     ENABLED,
     1,
     0},
    {"the same where the server counts",
     {{NEW, 5, 5, 1}, {NEW, 3000, 3000, 2}, {AUTH, 0, 60 * MINUTE, 0}},
     ENABLED,
     2,
     0},
    {"Authenticate twice",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}, {AUTH, 0, 9, 0}},
     ENABLED,
     1,
     0},
    {"Authenticate again, long after",
     {{AUTH, 0, 0, 0},
      {NEW, 5, 5, 0},
      {NEW, 9 * MINUTE, 9 * MINUTE, 0},
      {AUTH, 0, 20 * MINUTE, 0}},
     ENABLED,
     2,
     0},
    {"TokenUpdate twice where the server counts",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 1}, {NEW, 5, 9, 1}},
     ENABLED,
     1,
     0},

    {"enrolled again",
     {{OLD, 0, 0, 0},
      {USER, 10, 10, 0},
      {AUTH, 2 * MINUTE, 2 * MINUTE, 0},
      {NEW, 2 * MINUTE + 5, 2 * MINUTE + 5, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, no token yet",
     {{OLD, 0, 0, 0}, {USER, 10, 10, 0}, {AUTH, 2 * MINUTE, 2 * MINUTE, 0}},
     DISABLED,
     0,
     DISABLED},
    {"enrolled again, come the wrong way round",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {NEW, 2 * MINUTE + 5, 2 * MINUTE + 5, 0},
      {AUTH, 2 * MINUTE, 2 * MINUTE + 6, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, stamped the wrong way round",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {NEW, 2 * MINUTE, 2 * MINUTE + 5, 0},
      {AUTH, 2 * MINUTE + 5, 2 * MINUTE + 6, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again within the minute",
     {{OLD, 0, 0, 0},
      {OLD, 5, 5, 0},
      {USER, 10, 10, 0},
      {AUTH, 2000, 2000, 0},
      {NEW, 2005, 2005, 0}},
     ENABLED,
     1,
     DISABLED},
    {"enrolled again, and the Authenticate got lost",
     {{OLD, 0, 0, 7}, {USER, 10, 10, 1}, {NEW, 2 * MINUTE, 2 * MINUTE, 1}},
     ENABLED,
     1,
     DISABLED},
    {"a user of the new enrollment stays",
     {{NEW, 5, 5, 0}, {USER, 20, 20, 0}, {AUTH, 0, 30, 0}},
     ENABLED,
     1,
     ENABLED},
    {"a user that is stamped before the Authenticate and comes after it",
     {{AUTH, 8, 8, 0}, {NEW, 5, 9, 0}, {USER, 7, 10, 0}},
     ENABLED,
     1,
     ENABLED},

    {"a user of before, whose next token is stamped before the Authenticate",
     {{OLD, 0, 0, 0},
      {USER, 10, 10, 0},
      {AUTH, 2 * MINUTE, 2 * MINUTE, 0},
      {NEW, 2 * MINUTE + 5, 2 * MINUTE + 5, 0},
      {USER, 2 * MINUTE - 3, 2 * MINUTE + 20, 0}},
     ENABLED,
     1,
     ENABLED},
    {"a second token ends no user",
     {{NEW, 0, 0, 1}, {USER, 10, 10, 1}, {NEW, 5 * MINUTE, 5 * MINUTE, 2}},
     ENABLED,
     2,
     ENABLED},

    {"checked out in between",
     {{OLD, 0, 0, 0},
      {OUT, 2 * MINUTE, 2 * MINUTE, 0},
      {NEW, 4 * MINUTE + 5, 4 * MINUTE + 5, 0},
      {AUTH, 4 * MINUTE, 4 * MINUTE + 6, 0}},
     ENABLED,
     1,
     0},
    {"checked out in between, which comes last",
     {{OLD, 0, 0, 0},
      {NEW, 4 * MINUTE + 5, 4 * MINUTE + 5, 0},
      {AUTH, 4 * MINUTE, 4 * MINUTE + 6, 0},
      {OUT, 2 * MINUTE, 4 * MINUTE + 7, 0}},
     ENABLED,
     1,
     0},
    {"checked out, and the token comes last",
     {{AUTH, 0, 0, 0}, {OUT, 10, 10, 0}, {NEW, 5, 20, 0}},
     DISABLED,
     0,
     0},
    {"checked out and enrolled again at once, no token yet",
     {{OLD, 0, 0, 0}, {OUT, 10, 10, 0}, {AUTH, 20, 20, 0}},
     DISABLED,
     0,
     0},
    {"an Authenticate from before the check-out",
     {{AUTH, 0, 0, 0},
      {OUT, 10 * MINUTE, 10 * MINUTE, 0},
      {AUTH, 5 * MINUTE, 11 * MINUTE, 0}},
     DISABLED,
     0,
     0},
    {"a check-out from before an Authenticate that disabled nothing",
     {{NEW, 0, 0, 0}, {AUTH, 30000, 30000, 0}, {OUT, 20000, 30001, 0}},
     ENABLED,
     1,
     0},
    {"a check-out from before an Authenticate that was stamped after its token",
     {{AUTH, 5, 5, 0}, {NEW, 0, 6, 0}, {OUT, 3, 7, 0}},
     ENABLED,
     1,
     0},
    {"checked out within the minute",
     {{AUTH, 0, 0, 0}, {NEW, 5, 5, 0}, {OUT, 10, 10, 0}},
     DISABLED,
     1,
     0},
};

static void
take(struct bed *bed, const struct step *step)
{
    bool is_user = step->what == USER;
    bool is_old = step->what == OLD;
    struct store_checkin checkin = {
        .type = step->what == AUTH  ? STORE_CHECKIN_AUTHENTICATE
                : step->what == OUT ? STORE_CHECKIN_CHECK_OUT
                                    : STORE_CHECKIN_TOKEN_UPDATE,
        .at_ms = BED_NOW + step->at,
        .tally = step->tally,
        .id = is_user ? "D:u" : "D",
        .kind = is_user ? STORE_KIND_USER : STORE_KIND_DEVICE,
        .parent = is_user ? "D" : "",
        .serial = step->what == AUTH ? SERIAL : "",
        .topic = BED_TOPIC,
        .token = (const uint8_t *)(is_old ? "old" : "new"),
        .token_len = 3,
        .magic = is_old ? "old" : "new",
    };

    bed->now = BED_NOW + step->came;
    assert_int_equal(bed_checkin_as(bed, &checkin), STORE_OK);
}

static void
expect(struct bed *bed, const struct crossing *crossing, bool has_user,
       bool has_serial)
{
    const struct store_enrollment *it = bed_get(bed, "D");

    if (it->state != crossing->want || it->tally != crossing->tally)
        fail_msg("%s: %s, tally %u", crossing->name,
                 store_state_text(it->state), it->tally);
    if (strcmp(it->serial, has_serial ? SERIAL : "") != 0)
        fail_msg("%s: serial number \"%s\"", crossing->name, it->serial);
    if (it->state == ENABLED && strcmp(it->magic, "new") != 0)
        fail_msg("%s: has the old token", crossing->name);
    if (has_user && bed_state(bed, "D:u") != crossing->user)
        fail_msg("%s: its user is %s", crossing->name,
                 store_state_text(bed_state(bed, "D:u")));
}

TEST(crossed_events_end_as_if_they_had_come_in_order)
{
    struct bed *bed = *state;

    for (size_t i = 0; i < sizeof crossings / sizeof crossings[0]; i++) {
        const struct crossing *crossing = &crossings[i];
        bool has_user = false, has_serial = false;

        for (int k = 0; k < MAX_STEPS && crossing->steps[k].what != END; k++) {
            take(bed, &crossing->steps[k]);
            has_user |= crossing->steps[k].what == USER;
            has_serial |= crossing->steps[k].what == AUTH;
        }
        expect(bed, crossing, has_user, has_serial);
        bed_delete(bed, "D:u");
        bed_delete(bed, "D");
    }
}

TEST(a_crossing_survives_a_clock_that_is_set_back_a_bit)
{
    struct bed *bed = *state;

    take(bed, &(struct step){NEW, 5000, 5000, 0});
    take(bed, &(struct step){AUTH, 2999, 3000, 0});
    assert_int_equal(bed_state(bed, "D"), ENABLED);
}

TEST(an_authenticate_that_disables_nothing_is_a_sighting)
{
    struct bed *bed = *state;

    take(bed, &(struct step){NEW, 0, 0, 0});
    take(bed, &(struct step){AUTH, 500, 500, 0});
    assert_false(bed->checkin.is_applied);
    assert_int_equal(bed_get(bed, "D")->seen_at_ms, BED_NOW + 500);
}
