/* SPDX-License-Identifier: MIT */
#include "daemon_setup.h"

static const char *
text_or_null(const struct daemon_config_value *value)
{
    return *value->text == '\0' ? NULL : value->text;
}

static void
fill_apns(const struct daemon_config *config, struct apns_config *apns)
{
    apns->host = text_or_null(&config->apns_host);
    apns->port = (uint16_t)config->apns_port.number;
    apns->fallback_port = (uint16_t)config->apns_fallback_port.number;
    apns->ca_file = text_or_null(&config->apns_ca_file);
    apns->proxy = text_or_null(&config->apns_proxy);
    apns->dns_servers = text_or_null(&config->apns_dns_servers);
    apns->queue_max = config->apns_queue_max.number;
    apns->conns_min = config->apns_conns_min.number;
    apns->conns_max = config->apns_conns_max.number;
    apns->streams_max = config->apns_streams_max.number;
    apns->deadline_ms = config->apns_deadline_ms.number;
    apns->expiration_s = config->apns_expiration_s.number;
    apns->connect_ms = config->apns_connect_ms.number;
    apns->settle_ms = config->apns_settle_ms.number;
    apns->ping_idle_ms = config->apns_ping_idle_ms.number;
    apns->ping_stall_ms = config->apns_ping_stall_ms.number;
    apns->ping_ack_ms = config->apns_ping_ack_ms.number;
    apns->idle_close_ms = config->apns_idle_close_ms.number;
    apns->backoff_min_ms = config->apns_backoff_min_ms.number;
    apns->backoff_max_ms = config->apns_backoff_max_ms.number;
    apns->probe_ms = config->apns_probe_ms.number;
}

void
daemon_setup_rouse(const struct daemon_config *config,
                   struct rouse_config *rouse)
{
    rouse_config_init(rouse);
    rouse->state_dir = config->daemon_state_dir.text;
    rouse->master_key_file = text_or_null(&config->daemon_master_key_file);
    rouse->pace = config->pace_pace.number;
    rouse->topic_pace = config->pace_topic_pace.number;
    rouse->window = config->pace_window.number;
    rouse->wake_deadline_s = config->pace_wake_deadline_s.number;
    fill_apns(config, &rouse->apns);
}

void
daemon_setup_api(const struct daemon_config *config, struct api_config *api)
{
    api_config_init(api);
    api->socket = config->daemon_socket.text;
    api->socket_mode = config->daemon_socket_mode.number;
    api->listen = text_or_null(&config->daemon_listen);
    api->is_behind_tls_proxy = config->daemon_behind_tls_proxy.number != 0;
    api->max_conns = config->daemon_max_connections.number;
    api->max_conns_per_ip = config->daemon_max_connections_per_ip.number;
    api->timeout_s = config->daemon_timeout_s.number;
    api->push_wait_s = config->daemon_push_wait_s.number;
    api->webhook_hmac_key = text_or_null(&config->nanomdm_webhook_hmac_key);
    api->webhook_hmac_key_file =
        text_or_null(&config->nanomdm_webhook_hmac_key_file);
}

void
daemon_setup_courier(const struct daemon_config *config,
                     struct courier_config *courier)
{
    courier_config_init(courier);
    courier->webhook_url = text_or_null(&config->alerts_webhook_url);
    courier->webhook_key = text_or_null(&config->alerts_webhook_key);
    courier->webhook_ca = text_or_null(&config->alerts_webhook_ca_file);
    courier->webhook_proxy = text_or_null(&config->alerts_webhook_proxy);
    courier->command = text_or_null(&config->alerts_command);
    courier->timeout_s = config->alerts_timeout_s.number;
}

enum apns_log_level
daemon_setup_level(const struct daemon_config *config)
{
    return (enum apns_log_level)config->daemon_log_level.number;
}
