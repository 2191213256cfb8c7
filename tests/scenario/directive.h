/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DIRECTIVE_H
#define TESTS_DIRECTIVE_H

/*
 * One line of a scenario: words, of which the first names a directive.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;

#define DIRECTIVE_MAX_WORDS 32

struct words {
    int n;
    char *word[DIRECTIVE_MAX_WORDS];
    char *failure; /* what was expected and what there was */
    size_t failure_size;
};

/** directive_run(world, line, failure, size): false when it does not hold. */
bool directive_run(struct world *world, char *line, char *failure, size_t size);

/** directive_expect(world, words): the word behind "expect" names what. */
bool directive_expect(struct world *world, struct words *words);

/** directive_fail(words, format, …): says why; always false. */
bool directive_fail(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** directive_value(words, name): of "name=value", or NULL. */
const char *directive_value(const struct words *words, const char *name);

/** directive_span(text): "90s", "15m", "2h", "7d", "250ms" in ms. */
int64_t directive_span(const char *text);

#endif /* TESTS_DIRECTIVE_H */
