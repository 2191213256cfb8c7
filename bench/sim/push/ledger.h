/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_LEDGER_H
#define ROUSE_SIM_LEDGER_H

/*
 * What became of every token: how often a push to it was accepted, how often
 * rejected, and why last. The oracle of "nothing was lost". Some 60 bytes a
 * token of 32 bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LEDGER_MAX_TOKEN   256 /* bytes of a token; one byte holds length-1 */
#define LEDGER_MAX_REASONS 255 /* different reasons remembered by name */

struct ledger;

struct ledger_entry {
    uint32_t accepted;
    uint32_t rejected;
    const char *last_reason; /* of the last rejection; or "" */
};

struct ledger_totals {
    uint64_t tokens;
    uint64_t accepted_none; /* tokens never accepted */
    uint64_t accepted_once;
    uint64_t accepted_more;
};

/** ledger_new(): an empty ledger, or NULL without memory. */
struct ledger *ledger_new(void);

/** ledger_free(ledger): NULL is fine. */
void ledger_free(struct ledger *ledger);

/** ledger_forget(ledger): empty it. */
void ledger_forget(struct ledger *ledger);

/**
 * ledger_add(ledger, token, len, reason):
 * Count one push to a token of 1..LEDGER_MAX_TOKEN bytes: accepted when
 * ${reason} is NULL, else rejected for it.
 *
 *   returns  false without memory; nothing was counted
 */
bool ledger_add(struct ledger *ledger, const uint8_t *token, size_t len,
                const char *reason);

/** ledger_get(ledger, token, len): all zero for a token never seen. */
struct ledger_entry ledger_get(struct ledger *ledger, const uint8_t *token,
                               size_t len);

/** ledger_totals_get(ledger): sums over all tokens. */
struct ledger_totals ledger_totals_get(struct ledger *ledger);

/**
 * ledger_write(ledger, file):
 * "<token hex> <accepted> <rejected>" lines, in the order of first sight.
 *
 *   returns  false when writing failed
 */
bool ledger_write(struct ledger *ledger, FILE *file);

#endif /* ROUSE_SIM_LEDGER_H */
