/* SPDX-License-Identifier: MIT */
#ifndef API_AUDIT_H
#define API_AUDIT_H

/*
 * Who did what through the API, in the audit log.
 */

struct request;

/**
 * audit_note(request, kind, subject, format, ...):
 * A row that names who asks. That it cannot be written is no reason to undo
 * or deny what was done: then it is logged.
 */
void audit_note(const struct request *request, const char *kind,
                const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif /* API_AUDIT_H */
