/* SPDX-License-Identifier: MIT */
#ifndef API_CLEAN_TEXT_H
#define API_CLEAN_TEXT_H

/*
 * Names come from clients and are shown on terminals and in logs, so they
 * hold nothing that acts there: no control characters, and none that turn or
 * hide what stands beside them.
 */

enum clean_text {
    CLEAN_TEXT_OK,
    CLEAN_TEXT_NO_UTF8,
    CLEAN_TEXT_CONTROL, /* C0, DEL, C1 */
    CLEAN_TEXT_FORMAT,  /* bidirectional, joining, invisible */
};

enum clean_text clean_text_check(const char *text);

#endif /* API_CLEAN_TEXT_H */
