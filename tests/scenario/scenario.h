/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H

/*
 * One line of a scenario: words, of which the first names a directive.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

#define SCENARIO_MAX_WORDS 32

struct words {
    int n;
    char *word[SCENARIO_MAX_WORDS];
    char *failure; /* what was expected and what there was */
    size_t failure_size;
};

/** scenario_run(world, line, failure, size): false when it does not hold. */
bool scenario_run(struct world *world, char *line, char *failure, size_t size);

/** scenario_do(world, line): scenario_run; fails the running cmocka test. */
void scenario_do(struct world *world, const char *line);

/** expect_run(world, words): in expect.c; the second word names what. */
bool expect_run(struct world *world, struct words *words);

/** scenario_fail(words, format, …): says why; always false. */
bool scenario_fail(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** scenario_value(words, name): of "name=value", or NULL. */
const char *scenario_value(const struct words *words, const char *name);

/** scenario_span(text): "90s", "15m", "2h", "7d", "250ms" in ms. */
int64_t scenario_span(const char *text);

#endif /* TESTS_SCENARIO_H */
