/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_SIM_ARRIVAL_H
#define ROUSE_SIM_ARRIVAL_H

/*
 * A frame has come: RFC 9113's rules for it, and what follows. Where the RFC
 * lets choose, an error ends the connection, as clients' faults must be seen.
 */

struct session;
struct frame;

/** arrival_take(session, frame): may end in a sim_session_fail. */
void arrival_take(struct session *session, const struct frame *frame);

#endif /* ROUSE_SIM_ARRIVAL_H */
