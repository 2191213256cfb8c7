/* SPDX-License-Identifier: MIT */
#ifndef BASE_MUST_H
#define BASE_MUST_H

/*
 * must(cond): ${cond} can only be false through a bug of ours. Says where on
 * stderr and aborts, in release builds too: going on with broken state would
 * end pushes twice or never. Not for what the world may do.
 */

#define must(cond)                                  \
    do {                                            \
        if (__builtin_expect(!(cond), 0))           \
            must_failed(__FILE__, __LINE__, #cond); \
    } while (0)

/** must_failed(file, line, cond): for the macro. */
void must_failed(const char *file, int line, const char *cond)
    __attribute__((noreturn, cold));

#endif /* BASE_MUST_H */
