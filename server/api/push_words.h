/* SPDX-License-Identifier: MIT */
#ifndef API_PUSH_WORDS_H
#define API_PUSH_WORDS_H

#include <stddef.h>

#include "server/rouse.h"

/**
 * push_words_error(answer, wait_s, text, size):
 * What NanoMDM's push_error says of one id: its own grammar wherever it has
 * one, plain words for what only rouse knows; "" when APNs accepted it.
 */
void push_words_error(const struct rouse_wake_answer *answer, unsigned wait_s,
                      char *text, size_t size);

#endif /* API_PUSH_WORDS_H */
