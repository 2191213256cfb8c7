/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_SANITIZED_H
#define ROUSE_TESTS_SANITIZED_H

/*
 * SANITIZED: 1 where a sanitizer slows this build down, else 0. There a test
 * may take fewer of the same kind, for the plain build takes them all.
 */

#ifdef __has_feature /* clang */
#define SANITIZED_HAS(feature) __has_feature(feature)
#else
#define SANITIZED_HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    SANITIZED_HAS(address_sanitizer) || SANITIZED_HAS(thread_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#endif /* ROUSE_TESTS_SANITIZED_H */
