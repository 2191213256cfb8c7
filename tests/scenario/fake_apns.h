/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_APNS_H
#define TESTS_FAKE_APNS_H

/*
 * An APNs client without a network: it answers pushes in its turn as it was
 * told to, and remembers them. It stands in for apns/ behind apns.h. A token
 * is text ("d2/1": device and version), a certificate is the text
 * "topic serial [uN]", N when it expires.
 */

#include <stdbool.h>
#include <stdint.h>

#include "apns.h"

struct fake_answer {
    char device[64]; /* "" any */
    uint16_t status; /* 0: lost */
    char reason[64];
    int64_t timestamp_ms;
    uint32_t retry_after_s;
    uint32_t n_times; /* 0: always */
};

/** fake_apns_answer(answer): to pushes from now on. 200 undoes. */
void fake_apns_answer(const struct fake_answer *answer);

/** fake_apns_hold(is_held): answer nothing until it is released. */
void fake_apns_hold(bool is_held);

/** fake_apns_queue(max): pushes taken and not ended; 0: as configured. */
void fake_apns_queue(uint32_t max);

/** fake_apns_identity(topic, state, why): tell the engine. */
void fake_apns_identity(const char *topic, enum apns_identity_state state,
                        const char *why);

/** fake_apns_remove(topic): as apns_identity_remove, by a person. */
void fake_apns_remove(const char *topic);

/** fake_apns_pushes(text, size): tokens submitted since last asked, sorted
 *  and parted by blanks; counts them. */
uint32_t fake_apns_pushes(char *text, size_t size);

/** fake_apns_n_moves(): rises with everything that happens. */
uint64_t fake_apns_n_moves(void);

/** fake_apns_max_in_flight(): most of them at once. */
uint32_t fake_apns_max_in_flight(void);

/** fake_apns_reset(): forget answers and pushes; no client lives. */
void fake_apns_reset(void);

#endif /* TESTS_FAKE_APNS_H */
