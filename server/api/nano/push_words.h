/* SPDX-License-Identifier: MIT */
#ifndef API_PUSH_WORDS_H
#define API_PUSH_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "server/rouse.h"
#include "store/store.h"

/**
 * push_words_error(answer, wait_s, text, size):
 * What NanoMDM's push_error says of one id: its own grammar wherever it has
 * one, plain words for what only rouse knows; "" when APNs accepted it.
 */
void push_words_error(const struct rouse_wake_answer *answer, unsigned wait_s,
                      char *text, size_t size);

/**
 * push_words_refused(last, text, size):
 * The same of one that is dead or suspect and was not pushed to: NanoMDM would
 * push and get the same answer from APNs again.
 *
 *   returns  false when APNs has refused nothing: ${text} is as it was
 */
bool push_words_refused(const struct store_last_push *last, char *text,
                        size_t size);

#endif /* API_PUSH_WORDS_H */
