/* SPDX-License-Identifier: MIT */
#ifndef SERVER_DAEMON_NOTIFY_H
#define SERVER_DAEMON_NOTIFY_H

/*
 * Telling the service manager how it stands, as sd_notify(3) does.
 */

/** daemon_notify_send(state): "READY=1", "STOPPING=1", …; nothing happens when
 *  no service manager waits for it. */
void daemon_notify_send(const char *state);

/** daemon_notify_reloading(): RELOADING=1 with the time it needs; READY=1 ends
 *  it. */
void daemon_notify_reloading(void);

#endif /* SERVER_DAEMON_NOTIFY_H */
