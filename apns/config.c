/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "apns/base/text.h"
#include "apns/link/proxy.h"
#include "apns/link/resolver.h"
#include "log.h"

void
apns_config_init(struct apns_config *config)
{
    *config = (struct apns_config){
        .port = 443,
        .fallback_port = 2197,
        .queue_max = 16384,
        .conns_min = 1,
        .conns_max = 8,
        .streams_max = 1000,
        .deadline_ms = 30000,
        .expiration_s = 7 * 24 * 3600,
        .connect_ms = 20000,
        .settle_ms = 500,
        .ping_idle_ms = 600000,
        .ping_stall_ms = 5000,
        .ping_ack_ms = 10000,
        .idle_close_ms = 300000,
        .backoff_min_ms = 1000,
        .backoff_max_ms = 60000,
        .probe_ms = 3600000,
    };
}

struct range {
    const char *name;
    uint32_t value;
    uint32_t min;
    uint32_t max;
};

static bool
check_ranges(const struct apns_config *config)
{
    const struct range ranges[] = {
        {"port", config->port, 1, UINT16_MAX},
        {"queue_max", config->queue_max, 1, APNS_MAX_QUEUE},
        {"conns_max", config->conns_max, 1, APNS_MAX_CONNS},
        {"conns_min", config->conns_min, 0, config->conns_max},
        {"streams_max", config->streams_max, 1, CONFIG_MAX_STREAMS},
        {"deadline_ms", config->deadline_ms, 1, CONFIG_MAX_MS},
        {"connect_ms", config->connect_ms, 1, CONFIG_MAX_MS},
        {"settle_ms", config->settle_ms, 0, CONFIG_MAX_MS},
        {"ping_idle_ms", config->ping_idle_ms, 1, CONFIG_MAX_MS},
        {"ping_stall_ms", config->ping_stall_ms, 1, CONFIG_MAX_MS},
        {"ping_ack_ms", config->ping_ack_ms, 1, CONFIG_MAX_MS},
        {"idle_close_ms", config->idle_close_ms, 1, CONFIG_MAX_MS},
        {"backoff_min_ms", config->backoff_min_ms, 1, CONFIG_MAX_MS},
        {"backoff_max_ms", config->backoff_max_ms, config->backoff_min_ms,
         CONFIG_MAX_MS},
        {"probe_ms", config->probe_ms, 1, CONFIG_MAX_MS},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const struct range *range = &ranges[i];

        if (range->value >= range->min && range->value <= range->max)
            continue;
        log_line(config, APNS_LOG_ERROR,
                 EVENT_CONFIG_REFUSED " key=%s value=%u min=%u max=%u",
                 range->name, range->value, range->min, range->max);
        return false;
    }
    return true;
}

static bool
check_strings(const struct apns_config *config)
{
    struct proxy proxy;
    enum apns_err err = APNS_OK;

    if (config->dns_servers != NULL && !resolver_can_use(config->dns_servers)) {
        log_line(config, APNS_LOG_ERROR,
                 EVENT_CONFIG_REFUSED " key=dns_servers");
        return false;
    }
    if (config->host != NULL &&
        (config->host[0] == '\0' || strlen(config->host) > CONFIG_MAX_HOST ||
         strpbrk(config->host, " \t\r\n/@") != NULL)) {
        log_line(config, APNS_LOG_ERROR, EVENT_CONFIG_REFUSED " key=host");
        return false;
    }
    if (config->proxy != NULL) {
        err = proxy_read_url(config->proxy, &proxy);
        OPENSSL_cleanse(&proxy, sizeof proxy);
    }
    if (err != APNS_OK)
        log_line(config, APNS_LOG_ERROR, EVENT_CONFIG_REFUSED " key=proxy");
    return err == APNS_OK;
}

enum apns_err
config_copy(const struct apns_config *config, struct apns_config *copy)
{
    if (!check_ranges(config) || !check_strings(config))
        return APNS_EINVAL;
    *copy = *config;
    copy->host = copy->ca_file = copy->proxy = copy->dns_servers = NULL;
    if (text_copy(&copy->host, config->host, CONFIG_HOST) &&
        text_copy(&copy->ca_file, config->ca_file, NULL) &&
        text_copy(&copy->proxy, config->proxy, NULL) &&
        text_copy(&copy->dns_servers, config->dns_servers, NULL))
        return APNS_OK;
    config_fini(copy);
    return APNS_ENOMEM;
}

static void
free_string(const char **text)
{
    free((void *)(uintptr_t)*text);
    *text = NULL;
}

void
config_fini(struct apns_config *copy)
{
    if (copy->proxy != NULL) /* holds a password */
        OPENSSL_cleanse((void *)(uintptr_t)copy->proxy, strlen(copy->proxy));
    free_string(&copy->host);
    free_string(&copy->ca_file);
    free_string(&copy->proxy);
    free_string(&copy->dns_servers);
}
