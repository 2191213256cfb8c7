/* SPDX-License-Identifier: MIT */
#ifndef BASE_EVENT_H
#define BASE_EVENT_H

/*
 * Every event that a log line may begin with, for those who search for them:
 *
 *     notice_log(rouse, APNS_LOG_NOTICE, EVENT_DRAINING " in_flight=%u", n);
 *
 * tests/style lets no line name an event by itself.
 */

/* The client. */
#define EVENT_CONFIG_REFUSED "event=config_refused"
#define EVENT_DIAL           "event=dial"
#define EVENT_PORT_SWITCH    "event=port_switch"
#define EVENT_CONN_OPEN      "event=conn_open"
#define EVENT_SETTINGS       "event=settings"
#define EVENT_GOAWAY         "event=goaway"
#define EVENT_CONN_DRAIN     "event=conn_drain"
#define EVENT_CONN_MUTE      "event=conn_mute"
#define EVENT_CONN_LOST      "event=conn_lost"
#define EVENT_REFUSED        "event=refused"
#define EVENT_OF_IDENTITY    "event=identity_%s" /* "stopped", … */

/* The engine. */
#define EVENT_IDENTITY             "event=identity"
#define EVENT_PUSHCERTS_NOT_LOADED "event=pushcerts_not_loaded"
#define EVENT_PUSHCERT_UNUSABLE    "event=pushcert_unusable"
#define EVENT_WAVES_NOT_LOADED     "event=waves_not_loaded"
#define EVENT_WAVE_NOT_LOADED      "event=wave_not_loaded"
#define EVENT_ALERTS_NOT_LOADED    "event=alerts_not_loaded"
#define EVENT_IMPORT_FAILED        "event=import_failed"
#define EVENT_IMPORT_NOT_UNDONE    "event=import_not_undone"
#define EVENT_TEST_LOST            "event=test_lost"
#define EVENT_MARK_LOST            "event=mark_lost"
#define EVENT_WAKES_NOT_RELEASED   "event=wakes_not_released"
#define EVENT_PUSH_REFUSED         "event=push_refused"
#define EVENT_PUSH_DROPPED         "event=push_dropped"
#define EVENT_ALERT_NOT_STORED     "event=alert_not_stored"
#define EVENT_ALERT_NOT_LISTED     "event=alert_not_listed"
#define EVENT_OF_ALERT             "event=alert.%s" /* its kind, or "ended" */
#define EVENT_OF_AUDIT             "event=%s"       /* a row of the audit log */
#define EVENT_AUDIT_LOST           "event=audit_lost"
#define EVENT_STORE_TROUBLE        "event=store_trouble"
#define EVENT_DISK_FAILING         "event=disk_failing"
#define EVENT_DISK_WORKS           "event=disk_works"
#define EVENT_DRAINING             "event=draining"

/* Alerts on their way. */
#define EVENT_ALERT_DELIVERED     "event=alert_delivered"
#define EVENT_ALERT_NOT_DELIVERED "event=alert_not_delivered"
#define EVENT_ALERT_GIVEN_UP      "event=alert_given_up"
#define EVENT_OUTBOX_NOT_WRITTEN  "event=outbox_not_written"

/* The API. */
#define EVENT_KEY_REFUSED       "event=key_refused"
#define EVENT_KEYS_NOT_READ     "event=keys_not_read"
#define EVENT_API_CLOSED        "event=api_closed"
#define EVENT_FEW_DESCRIPTORS   "event=few_descriptors"
#define EVENT_SOCKET_MADE_AGAIN "event=socket_made_again"
#define EVENT_SOCKET_LOST       "event=socket_lost"
#define EVENT_REQUESTS_CUT      "event=requests_cut"

/* The daemon. */
#define EVENT_READY            "event=ready"
#define EVENT_NOT_STARTED      "event=not_started"
#define EVENT_RELOADED         "event=reloaded"
#define EVENT_NEEDS_RESTART    "event=needs_restart"
#define EVENT_RELOAD_DONE      "event=reload_done"
#define EVENT_RELOAD_REFUSED   "event=reload_refused"
#define EVENT_STOPPING         "event=stopping"
#define EVENT_STOPPING_AT_ONCE "event=stopping_at_once"
#define EVENT_DRAINED          "event=drained"
#define EVENT_STOPPED          "event=stopped"
#define EVENT_LOG_LOST         "event=log_lost"

#endif /* BASE_EVENT_H */
