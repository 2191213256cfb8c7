/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_RAW_CHECK_H
#define ROUSE_TESTS_RAW_CHECK_H

/** raw_check_error(answer, status, part): these bytes are one answer with this
 *  status, and JSON with ${part} in it; anything else fails the test. */
void raw_check_error(const char *answer, int status, const char *part);

#endif /* ROUSE_TESTS_RAW_CHECK_H */
