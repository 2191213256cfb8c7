/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_PLIST_GUARD_H
#define ENGINE_PLIST_GUARD_H

/*
 * Looks over the bytes of a plist before libplist gets them. libplist frees
 * by recursion, so deep nesting ends its stack; and the objects of a binary
 * plist may be shared or contain themselves, so a few bytes can unfold into
 * more than memory holds. What passes here is neither.
 */

#include <stdbool.h>
#include <stddef.h>

#define PLIST_GUARD_MAX_DEPTH 32
#define PLIST_GUARD_MAX_NODES 20000 /* elements, or objects when unfolded */
#define PLIST_GUARD_MAX_BYTES (4 * 1024 * 1024) /* unfolded, of all values */

/**
 * plist_guard_check(plist, len, why):
 * True: ${plist} may be given to libplist. False: ${*why} is a static text
 * that says what is wrong with it. It checks structure only; whether the
 * document is well-formed in all its details is libplist's to say.
 */
bool plist_guard_check(const void *plist, size_t len, const char **why);

/** plist_guard_is_binary(plist, len): begins as a binary plist does. */
bool plist_guard_is_binary(const void *plist, size_t len);

#endif /* ENGINE_PLIST_GUARD_H */
