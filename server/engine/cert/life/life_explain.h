/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LIFE_EXPLAIN_H
#define ENGINE_LIFE_EXPLAIN_H

/*
 * How a test push ended, in words for an administrator. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

struct life_explanation {
    bool is_ok;
    bool is_refusal; /* APNs refuses this certificate or topic */
    const char *explanation;
    const char *what_to_do;
};

/**
 * life_explain_end(status, reason, explanation):
 * ${status} 0: no answer, and ${reason} is the client's or that of TLS.
 */
void life_explain_end(uint16_t status, const char *reason,
                      struct life_explanation *explanation);

#endif /* ENGINE_LIFE_EXPLAIN_H */
