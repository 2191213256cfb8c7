/* SPDX-License-Identifier: MIT */
#ifndef API_AUDIT_H
#define API_AUDIT_H

/*
 * Who did what through the API, in the audit log.
 */

struct api;
struct request;

/**
 * audit_say(api, actor, kind, subject, format, ...):
 * A row. That it cannot be written is no reason to undo or deny what was
 * done: then it is logged.
 */
void audit_say(const struct api *api, const char *actor, const char *kind,
               const char *subject, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** audit_note(request, ...): the same by whoever asks. */
void audit_note(const struct request *request, const char *kind,
                const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif /* API_AUDIT_H */
