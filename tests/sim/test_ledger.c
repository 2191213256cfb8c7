/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sim/push/ledger.h"
#include "tests/support/unit.h"

#define MANY 20000U

static int
open_ledger(void **state)
{
    *state = ledger_new();
    return *state == NULL;
}

static int
close_ledger(void **state)
{
    ledger_free(*state);
    return 0;
}

EACH(open_ledger, close_ledger);

TEST(counts_accepted_and_rejected)
{
    struct ledger *ledger = *state;
    const uint8_t token[] = {1, 2, 3};
    struct ledger_entry entry;

    assert_true(ledger_add(ledger, token, 3, NULL));
    assert_true(ledger_add(ledger, token, 3, "TooManyRequests"));
    assert_true(ledger_add(ledger, token, 3, "Unregistered"));
    entry = ledger_get(ledger, token, 3);
    assert_int_equal(entry.accepted, 1);
    assert_int_equal(entry.rejected, 2);
    assert_string_equal(entry.last_reason, "Unregistered");
}

TEST(an_unknown_token_has_nothing)
{
    const uint8_t token[] = {9};
    struct ledger_entry entry = ledger_get(*state, token, 1);

    assert_int_equal(entry.accepted + entry.rejected, 0);
    assert_string_equal(entry.last_reason, "");
}

TEST(tokens_differ_by_length_too)
{
    const uint8_t token[LEDGER_MAX_TOKEN] = {0};

    for (size_t len = 1; len <= LEDGER_MAX_TOKEN; len++)
        assert_true(ledger_add(*state, token, len, NULL));
    assert_int_equal(ledger_totals_get(*state).tokens, LEDGER_MAX_TOKEN);
    assert_int_equal(ledger_get(*state, token, LEDGER_MAX_TOKEN).accepted, 1);
}

TEST(keeps_every_token_while_it_grows)
{
    struct ledger_totals totals;

    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t token[32] = {0};

        memcpy(token, &i, sizeof i);
        for (uint32_t j = 0; j < i % 3; j++)
            assert_true(ledger_add(*state, token, sizeof token, NULL));
        if (i % 3 == 0)
            assert_true(ledger_add(*state, token, sizeof token, "Shutdown"));
    }
    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t token[32] = {0};

        memcpy(token, &i, sizeof i);
        assert_int_equal(ledger_get(*state, token, sizeof token).accepted,
                         i % 3);
    }
    totals = ledger_totals_get(*state);
    assert_int_equal(totals.tokens, MANY);
    assert_int_equal(totals.accepted_none, (MANY + 2) / 3);
    assert_int_equal(totals.accepted_once, (MANY + 1) / 3);
    assert_int_equal(totals.accepted_more, MANY / 3);
}

TEST(forgets_when_told)
{
    const uint8_t token[] = {5, 5};

    assert_true(ledger_add(*state, token, 2, NULL));
    ledger_forget(*state);
    assert_int_equal(ledger_totals_get(*state).tokens, 0);
    assert_int_equal(ledger_get(*state, token, 2).accepted, 0);
    assert_true(ledger_add(*state, token, 2, NULL));
    assert_int_equal(ledger_get(*state, token, 2).accepted, 1);
}

TEST(writes_a_line_per_token)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    const uint8_t a[] = {0xab, 0x01}, b[] = {0xff};

    assert_non_null(file);
    assert_true(ledger_add(*state, a, 2, NULL));
    assert_true(ledger_add(*state, b, 1, "Shutdown"));
    assert_true(ledger_add(*state, a, 2, NULL));
    assert_true(ledger_write(*state, file));
    fclose(file);
    assert_string_equal(text, "ab01 2 0\nff 0 1\n");
    free(text);
}

TEST(more_reasons_than_it_remembers_are_no_harm)
{
    const uint8_t token[] = {1};
    char reason[16];

    for (int i = 0; i < LEDGER_MAX_REASONS + 20; i++) {
        snprintf(reason, sizeof reason, "R%d", i);
        assert_true(ledger_add(*state, token, 1, reason));
    }
    assert_int_equal(ledger_get(*state, token, 1).rejected,
                     LEDGER_MAX_REASONS + 20);
    assert_string_equal(ledger_get(*state, token, 1).last_reason, "");
    assert_true(ledger_add(*state, token, 1, "R7"));
    assert_string_equal(ledger_get(*state, token, 1).last_reason, "R7");
}
