/* SPDX-License-Identifier: MIT */
#ifndef API_AUDIT_TALLY_H
#define API_AUDIT_TALLY_H

/*
 * Deletes of enrollments in the audit log: the first of a run at once, the
 * others counted and logged together, so that removing a fleet does not push
 * everything else out of the log.
 */

#include <ev.h>
#include <stdint.h>

#include "auth.h"

struct api;
struct request;

#define AUDIT_TALLY_S 10. /* between two rows */

struct audit_tally {
    ev_timer timer; /* runs while a run goes on */
    uint64_t n;     /* not logged yet */
    char actor[AUTH_NAME_SIZE];
};

void audit_tally_init(struct api *api);

/** audit_tally_add(request, id): this enrollment was deleted. */
void audit_tally_add(const struct request *request, const char *id);

/** audit_tally_end(api): log what is left, while the store still takes it. */
void audit_tally_end(struct api *api);

#endif /* API_AUDIT_TALLY_H */
