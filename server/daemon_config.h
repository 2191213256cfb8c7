/* SPDX-License-Identifier: MIT */
#ifndef SERVER_DAEMON_CONFIG_H
#define SERVER_DAEMON_CONFIG_H

/*
 * roused's configuration, from an ini file and from flags. There is one table:
 * the ini keys, the flags, their defaults and limits, --help and the fields
 * of struct daemon_config all come from it, so that they cannot drift apart.
 *
 * A flag wins over the file, the file over the default.
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "courier/courier.h"
#include "server/rouse.h"

#define DAEMON_CONFIG_WHY      512 /* bytes of a reason, with its NUL */
#define DAEMON_CONFIG_MAX_TEXT 1023

/*
 * X(section, key, type, default, min, max, reload, help)
 *
 * The flag is --section-key, without the section for [daemon] and [pace]. A
 * key without a default is empty. With reload, SIGHUP takes a change over.
 */
#define DAEMON_CONFIG_KEYS(X)                                               \
    X(daemon, state_dir, TEXT, "/var/lib/rouse", 0, 0, false,               \
      "directory of the database and the master key")                       \
    X(daemon, master_key_file, TEXT, "", 0, 0, false,                       \
      "key that seals private keys (default: master.key in the state "      \
      "directory)")                                                         \
    X(daemon, socket, TEXT, "/run/rouse/rouse.sock", 0, 0, false,           \
      "unix socket of the HTTP API")                                        \
    X(daemon, socket_mode, OCTAL, "0600", 0, 0777, false,                   \
      "permissions of the socket; whoever may open it may do everything")   \
    X(daemon, listen, TEXT, "", 0, 0, false,                                \
      "also serve the API on ADDRESS:PORT, with API keys")                  \
    X(daemon, behind_tls_proxy, BOOL, "no", 0, 1, false,                    \
      "allow non-loopback addresses: a TLS proxy is in front")              \
    X(daemon, max_connections, NUMBER, "512", 8, API_MAX_CONNS, false,      \
      "API connections open at a time, per listener")                       \
    X(daemon, max_connections_per_ip, NUMBER, "0", 0, API_MAX_CONNS, false, \
      "API connections from one address, others wait; 0: no limit")         \
    X(daemon, timeout_s, NUMBER, "30", 1, API_MAX_TIMEOUT_S, false,         \
      "seconds in which the head of a request must arrive")                 \
    X(daemon, push_wait_s, NUMBER, "30", 1, API_MAX_WAIT_S, true,           \
      "maximum seconds that /v1/push waits for APNs")                       \
    X(daemon, log_level, LEVEL, "notice", 0, 0, true,                       \
      "error, warn, notice or debug")                                       \
    X(apns, host, TEXT, "api.push.apple.com", 0, 0, false, "APNs host")     \
    X(apns, port, NUMBER, "443", 1, 65535, false, "APNs port")              \
    X(apns, fallback_port, NUMBER, "2197", 0, 65535, false,                 \
      "port to try when the first one fails; 0: none")                      \
    X(apns, ca_file, TEXT, "", 0, 0, false,                                 \
      "trusted CAs in PEM (default: the system's)")                         \
    X(apns, proxy, TEXT, "", 0, 0, false,                                   \
      "HTTP proxy, http://[user:password@]host:port")                       \
    X(apns, dns_servers, TEXT, "", 0, 0, false,                             \
      "DNS servers, addr[:port],… (default: the system's)")                 \
    X(apns, conns_min, NUMBER, "1", 0, APNS_MAX_CONNS, false,               \
      "connections kept warm per certificate; 0: on demand")                \
    X(apns, conns_max, NUMBER, "8", 1, APNS_MAX_CONNS, false,               \
      "maximum connections per certificate")                                \
    X(apns, streams_max, NUMBER, "1000", 1, 100000, false,                  \
      "maximum pushes in flight per connection")                            \
    X(apns, queue_max, NUMBER, "16384", 1, APNS_MAX_QUEUE, false,           \
      "maximum pushes held by the client")                                  \
    X(apns, deadline_ms, NUMBER, "30000", 100, 3600000, false,              \
      "milliseconds in which APNs must answer a push")                      \
    X(apns, expiration_s, NUMBER, "604800", 0, 2592000, false,              \
      "seconds for which APNs keeps a push for a device")                   \
    X(apns, connect_ms, NUMBER, "20000", 100, 600000, false,                \
      "milliseconds from dialling to an open connection")                   \
    X(apns, settle_ms, NUMBER, "500", 0, 60000, false,                      \
      "milliseconds between two dials for a certificate")                   \
    X(apns, ping_idle_ms, NUMBER, "600000", 100, 86400000, false,           \
      "milliseconds of silence before a PING")                              \
    X(apns, ping_stall_ms, NUMBER, "5000", 100, 3600000, false,             \
      "milliseconds of silence before a PING, pushes in flight")            \
    X(apns, ping_ack_ms, NUMBER, "10000", 100, 3600000, false,              \
      "milliseconds to answer a PING")                                      \
    X(apns, idle_close_ms, NUMBER, "300000", 100, 86400000, false,          \
      "milliseconds after which a surplus connection closes")               \
    X(apns, backoff_min_ms, NUMBER, "1000", 1, 3600000, false,              \
      "milliseconds before the first new dial")                             \
    X(apns, backoff_max_ms, NUMBER, "60000", 1, 86400000, false,            \
      "maximum milliseconds between dials")                                 \
    X(apns, probe_ms, NUMBER, "3600000", 100, 86400000, false,              \
      "milliseconds between probes of a stopped certificate")               \
    X(pace, pace, NUMBER, "0", 0, ROUSE_MAX_PACE, true,                     \
      "pushes per second over all topics; 0: no limit")                     \
    X(pace, topic_pace, NUMBER, "0", 0, ROUSE_MAX_PACE, true,               \
      "pushes per second of each topic; 0: no limit")                       \
    X(pace, window, NUMBER, "8192", 1, 65536, true,                         \
      "maximum pushes in flight")                                           \
    X(pace, wake_deadline_s, NUMBER, "604800", 60, ROUSE_MAX_SPAN_S, true,  \
      "seconds after which a wake without an outcome expires")              \
    X(nanomdm, webhook_hmac_key, TEXT, "", 0, 0, false,                     \
      "key that webhook events must be signed with (X-Hmac-Signature)")     \
    X(nanomdm, webhook_hmac_key_file, TEXT, "", 0, 0, false,                \
      "file whose first line is that key; keeps it out of ps")              \
    X(alerts, webhook_url, TEXT, "", 0, 0, false,                           \
      "https:// address that receives each alert as JSON")                  \
    X(alerts, webhook_key, TEXT, "", 0, 0, false,                           \
      "key that signs alerts (X-Rouse-Signature); keep it in the file")     \
    X(alerts, webhook_ca_file, TEXT, "", 0, 0, false,                       \
      "CAs trusted for the webhook, in PEM (default: the system's)")        \
    X(alerts, webhook_proxy, TEXT, "", 0, 0, false,                         \
      "HTTP proxy for the webhook, http://host:port")                       \
    X(alerts, command, TEXT, "", 0, 0, false,                               \
      "shell command that receives each alert as JSON on stdin")            \
    X(alerts, timeout_s, NUMBER, "10", 1, COURIER_MAX_TIMEOUT_S, false,     \
      "seconds for one delivery before it is retried")

/* A value as it was given and as it is meant. */
struct daemon_config_value {
    char *text;      /* owned; "" when empty */
    uint32_t number; /* NUMBER, OCTAL, BOOL, LEVEL */
    unsigned source; /* enum daemon_config_source */
};

enum daemon_config_source {
    DAEMON_CONFIG_DEFAULT,
    DAEMON_CONFIG_FILE,
    DAEMON_CONFIG_FLAG,
};

struct daemon_config {
#define X(section, key, ...) struct daemon_config_value section##_##key;
    DAEMON_CONFIG_KEYS(X)
#undef X
    uint32_t n_given_up; /* of --new-master-key */
};

/* What the command line asks for beside values. */
enum daemon_config_wish {
    DAEMON_CONFIG_RUN,
    DAEMON_CONFIG_HELP,
    DAEMON_CONFIG_VERSION,
    DAEMON_CONFIG_NEW_KEY, /* go on without the master key, see n_given_up */
};

/**
 * daemon_config_load(argc, argv, config, wish, why):
 * Defaults, then the file that --config names, then the flags.
 *
 *   owns     the caller gives ${config} to daemon_config_fini, also on failure
 *   why      DAEMON_CONFIG_WHY bytes
 *   returns  false: ${why} names the key and the limit
 */
bool daemon_config_load(int argc, char *const argv[],
                        struct daemon_config *config,
                        enum daemon_config_wish *wish, char *why);

void daemon_config_fini(struct daemon_config *config);

/** daemon_config_help(): everything for --help; the caller free()s it. */
char *daemon_config_help(void);

typedef void daemon_config_diff_fn(void *arg, const char *section,
                                   const char *key, bool can_reload);

/** daemon_config_diff(before, after, on_diff, arg): every key that differs. */
void daemon_config_diff(const struct daemon_config *before,
                        const struct daemon_config *after,
                        daemon_config_diff_fn *on_diff, void *arg);

#endif /* SERVER_DAEMON_CONFIG_H */
