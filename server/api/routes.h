/* SPDX-License-Identifier: MIT */
#ifndef API_ROUTES_H
#define API_ROUTES_H

/*
 * The one table of routes. A new resource is a line here and a function
 * `serve_<resource>_<verb>` in the file serve_<resource>.c.
 */

#include "route.h"

#define ROUTES_LIST                                                       \
    "topic parent_id serial_number kind state silent_for_s limit cursor " \
    "secrets group"

/* X(methods, path, verb, flags, body, query, handler) */
#define ROUTES(X)                                                              \
    X(ROUTE_GET, "/v1/enrollments", AUTH_READ, ROUTE_GROUPS, ROUTE_NO_BODY,    \
      ROUTES_LIST, serve_enrollments_list)                                     \
    X(ROUTE_POST, "/v1/enrollments", AUTH_ENROLLMENTS, ROUTE_ALL_TOPICS,       \
      ROUTE_NDJSON, "create_groups", serve_import_begin)                       \
    X(ROUTE_GET, "/v1/enrollments/{id}", AUTH_READ, ROUTE_GROUPS,              \
      ROUTE_NO_BODY, "secrets", serve_enrollments_get)                         \
    X(ROUTE_PUT, "/v1/enrollments/{id}/group", AUTH_ENROLLMENTS, ROUTE_GROUPS, \
      ROUTE_JSON, "", serve_groups_assign)                                     \
    X(ROUTE_PUT, "/v1/enrollments/{id}", AUTH_ENROLLMENTS, ROUTE_GROUPS,       \
      ROUTE_JSON, "", serve_enrollments_put)                                   \
    X(ROUTE_DELETE, "/v1/enrollments/{id}", AUTH_ENROLLMENTS, ROUTE_GROUPS,    \
      ROUTE_NO_BODY, "", serve_enrollments_delete)                             \
    X(ROUTE_GET, "/v1/groups", AUTH_READ, ROUTE_GROUPS | ROUTE_ALL_TOPICS,     \
      ROUTE_NO_BODY, "under", serve_groups_list)                               \
    X(ROUTE_POST, "/v1/groups", AUTH_ENROLLMENTS,                              \
      ROUTE_GROUPS | ROUTE_ALL_TOPICS, ROUTE_JSON, "", serve_groups_create)    \
    X(ROUTE_GET, "/v1/groups/{path}", AUTH_READ,                               \
      ROUTE_GROUPS | ROUTE_ALL_TOPICS, ROUTE_NO_BODY, "", serve_groups_get)    \
    X(ROUTE_PUT, "/v1/groups/{path}", AUTH_ENROLLMENTS,                        \
      ROUTE_GROUPS | ROUTE_ALL_TOPICS, ROUTE_JSON, "", serve_groups_put)       \
    X(ROUTE_PATCH, "/v1/groups/{path}", AUTH_ENROLLMENTS,                      \
      ROUTE_GROUPS | ROUTE_ALL_TOPICS, ROUTE_JSON, "", serve_groups_patch)     \
    X(ROUTE_DELETE, "/v1/groups/{path}", AUTH_ENROLLMENTS,                     \
      ROUTE_GROUPS | ROUTE_ALL_TOPICS, ROUTE_NO_BODY, "", serve_groups_delete) \
    X(ROUTE_POST, "/v1/wakes", AUTH_WAKE, ROUTE_GROUPS, ROUTE_JSON, "",        \
      serve_wakes_ask)                                                         \
    X(ROUTE_GET, "/v1/wakes/{id}", AUTH_READ, ROUTE_GROUPS, ROUTE_NO_BODY, "", \
      serve_wakes_get)                                                         \
    X(ROUTE_DELETE, "/v1/wakes/{id}", AUTH_WAKE, ROUTE_GROUPS, ROUTE_NO_BODY,  \
      "", serve_wakes_cancel)                                                  \
    X(ROUTE_GET, "/v1/waves", AUTH_READ, ROUTE_GROUPS, ROUTE_NO_BODY,          \
      "open cursor limit", serve_waves_list)                                   \
    X(ROUTE_POST, "/v1/waves", AUTH_WAKE, ROUTE_GROUPS, ROUTE_JSON, "",        \
      serve_waves_ask)                                                         \
    X(ROUTE_GET, "/v1/waves/{id}", AUTH_READ, ROUTE_GROUPS, ROUTE_NO_BODY, "", \
      serve_waves_get)                                                         \
    X(ROUTE_DELETE, "/v1/waves/{id}", AUTH_WAKE, ROUTE_GROUPS, ROUTE_NO_BODY,  \
      "", serve_waves_cancel)                                                  \
    X(ROUTE_GET, "/v1/pushcerts", AUTH_READ, 0, ROUTE_NO_BODY, "",             \
      serve_pushcerts_list)                                                    \
    X(ROUTE_PUT, "/v1/pushcerts", AUTH_PUSHCERT, 0, ROUTE_FILES,               \
      "apple_account note renew add replace_topic confirm dry_run test",       \
      serve_certimport_put)                                                    \
    X(ROUTE_POST, "/v1/pushcerts/requests", AUTH_PUSHCERT, 0, ROUTE_JSON, "",  \
      serve_certrequests_make)                                                 \
    X(ROUTE_GET, "/v1/pushcerts/requests", AUTH_READ, 0, ROUTE_NO_BODY, "",    \
      serve_certrequests_list)                                                 \
    X(ROUTE_GET, "/v1/pushcerts/requests/{name}", AUTH_READ, 0, ROUTE_NO_BODY, \
      "", serve_certrequests_get)                                              \
    X(ROUTE_DELETE, "/v1/pushcerts/requests/{name}", AUTH_PUSHCERT,            \
      ROUTE_ALL_TOPICS, ROUTE_NO_BODY, "", serve_certrequests_delete)          \
    X(ROUTE_POST, "/v1/pushcerts/mdmcert", AUTH_PUSHCERT, ROUTE_ALL_TOPICS,    \
      ROUTE_JSON, "", serve_certrequests_mail)                                 \
    X(ROUTE_POST, "/v1/pushcerts/mdmcert/{name}", AUTH_PUSHCERT,               \
      ROUTE_ALL_TOPICS, ROUTE_JSON, "", serve_certrequests_open)               \
    X(ROUTE_PUT, "/v1/pushcerts/vendor", AUTH_PUSHCERT, ROUTE_ALL_TOPICS,      \
      ROUTE_FILES, "", serve_certvendor_put)                                   \
    X(ROUTE_GET, "/v1/pushcerts/vendor", AUTH_READ, ROUTE_ALL_TOPICS,          \
      ROUTE_NO_BODY, "", serve_certvendor_get)                                 \
    X(ROUTE_DELETE, "/v1/pushcerts/vendor", AUTH_PUSHCERT, ROUTE_ALL_TOPICS,   \
      ROUTE_NO_BODY, "", serve_certvendor_delete)                              \
    X(ROUTE_POST, "/v1/pushcerts/check", AUTH_PUSHCERT, 0, ROUTE_FILES, "",    \
      serve_certtools_check)                                                   \
    X(ROUTE_POST, "/v1/pushcerts/test", AUTH_PUSHCERT, ROUTE_ALL_TOPICS,       \
      ROUTE_FILES, "", serve_certtools_test_files)                             \
    X(ROUTE_POST, "/v1/pushcerts/{topic}/test", AUTH_PUSHCERT, 0, ROUTE_JSON,  \
      "", serve_certtools_test)                                                \
    X(ROUTE_GET, "/v1/pushcerts/{topic}/history", AUTH_READ, 0, ROUTE_NO_BODY, \
      "", serve_certlife_history)                                              \
    X(ROUTE_POST, "/v1/pushcerts/{topic}/revert", AUTH_PUSHCERT, 0,            \
      ROUTE_JSON, "", serve_certlife_revert)                                   \
    X(ROUTE_POST, "/v1/pushcerts/{topic}/export", AUTH_PUSHCERT, 0,            \
      ROUTE_JSON, "", serve_certlife_export)                                   \
    X(ROUTE_POST, "/v1/master-key/rotate", AUTH_ADMIN, ROUTE_ALL_TOPICS,       \
      ROUTE_NO_BODY, "", serve_certlife_rotate)                                \
    X(ROUTE_POST, "/v1/backup", AUTH_ADMIN, ROUTE_ALL_TOPICS, ROUTE_NO_BODY,   \
      "", serve_backup_make)                                                   \
    X(ROUTE_GET, "/v1/pushcerts/{topic}", AUTH_READ, 0, ROUTE_NO_BODY, "",     \
      serve_pushcerts_get)                                                     \
    X(ROUTE_DELETE, "/v1/pushcerts/{topic}", AUTH_PUSHCERT, 0, ROUTE_NO_BODY,  \
      "confirm", serve_certlife_remove)                                        \
    X(ROUTE_GET, "/v1/pushcert", AUTH_READ, ROUTE_NANO, ROUTE_NO_BODY, NULL,   \
      serve_nano_get_cert)                                                     \
    X(ROUTE_PUT, "/v1/pushcert", AUTH_PUSHCERT, ROUTE_NANO, ROUTE_PEM, NULL,   \
      serve_nano_put_cert)                                                     \
    X(ROUTE_ANY, "/v1/push/{ids*}", AUTH_WAKE, ROUTE_NANO, ROUTE_NO_BODY,      \
      NULL, serve_nano_push)                                                   \
    X(ROUTE_PUT | ROUTE_POST, "/migration", AUTH_CHECKIN,                      \
      ROUTE_NANO | ROUTE_ALL_TOPICS, ROUTE_PLIST, NULL, serve_nano_migrate)    \
    X(ROUTE_PUT | ROUTE_POST, "/v1/checkin", AUTH_CHECKIN, ROUTE_ALL_TOPICS,   \
      ROUTE_PLIST, "replayed", serve_checkin_take)                             \
    X(ROUTE_POST, "/v1/webhook", AUTH_CHECKIN, ROUTE_ALL_TOPICS, ROUTE_EVENT,  \
      NULL, serve_webhook_take)                                                \
    X(ROUTE_GET, "/v1/status", AUTH_READ, ROUTE_ALL_TOPICS, ROUTE_NO_BODY, "", \
      serve_status_get)                                                        \
    X(ROUTE_GET, "/v1/alerts", AUTH_READ, ROUTE_ALL_TOPICS, ROUTE_NO_BODY,     \
      "open limit", serve_alerts_list)                                         \
    X(ROUTE_GET, "/v1/events", AUTH_READ, ROUTE_ALL_TOPICS, ROUTE_NO_BODY,     \
      "after limit", serve_events_list)                                        \
    X(ROUTE_GET, "/v1/keys", AUTH_ADMIN, ROUTE_ALL_TOPICS, ROUTE_NO_BODY,      \
      "cursor limit", serve_keys_list)                                         \
    X(ROUTE_POST, "/v1/keys", AUTH_ADMIN, ROUTE_ALL_TOPICS, ROUTE_JSON, "",    \
      serve_keys_create)                                                       \
    X(ROUTE_DELETE, "/v1/keys/{id}", AUTH_ADMIN, ROUTE_ALL_TOPICS,             \
      ROUTE_NO_BODY, "", serve_keys_revoke)                                    \
    X(ROUTE_GET, "/metrics", AUTH_READ, ROUTE_ALL_TOPICS, ROUTE_NO_BODY, NULL, \
      serve_metrics_get)                                                       \
    X(ROUTE_GET, "/healthz", AUTH_READ, ROUTE_PUBLIC, ROUTE_NO_BODY, NULL,     \
      serve_health_live)                                                       \
    X(ROUTE_GET, "/readyz", AUTH_READ, ROUTE_PUBLIC, ROUTE_NO_BODY, NULL,      \
      serve_health_ready)                                                      \
    X(ROUTE_ANY, "/version", AUTH_READ, ROUTE_PUBLIC | ROUTE_NANO,             \
      ROUTE_NO_BODY, NULL, serve_health_version)

#define X(methods, path, verb, flags, body, query, handler) \
    route_handler_fn handler;
ROUTES(X)
#undef X

extern const struct route routes_table[];
extern const size_t routes_count;

#endif /* API_ROUTES_H */
