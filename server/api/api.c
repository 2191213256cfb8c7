/* SPDX-License-Identifier: MIT */
#include "api.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "api_private.h"
#include "server/api/auth/keyring.h"
#include "server/api/http/httpd.h"
#include "server/api/http/listen_socket.h"
#include "server/engine/engine.h"

#define DRAIN_LOOK_S 0.02 /* between two looks at what is underway */

void
api_config_init(struct api_config *config)
{
    *config = (struct api_config){
        .socket_mode = 0600,
        .max_conns = 512,
        .max_conns_per_ip = 0,
        .timeout_s = 30,
        .push_wait_s = 30,
    };
}

void
api_private_log(const struct api *api, enum apns_log_level level,
                const char *format, ...)
{
    char line[1024];
    va_list args;

    if (api->config.log == NULL)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    api->config.log(api->config.log_arg, level, line);
}

bool
api_private_is_due(struct api_seldom *seldom, double now, uint64_t *n)
{
    *n = ++seldom->n;
    if (now < seldom->next)
        return false;
    seldom->n = 0;
    seldom->next = now + API_SELDOM_S;
    return true;
}

static struct httpd *
serve(struct api *api, int fd, bool is_local, char *why)
{
    struct httpd *httpd;

    if (fd < 0)
        return NULL;
    httpd = httpd_new(api, fd, is_local);
    if (httpd == NULL)
        snprintf(why, API_WHY,
                 "the HTTP server cannot be set up; is there "
                 "memory, and are there descriptors left?");
    return httpd;
}

static bool
copy_config(struct api *api, const struct api_config *config)
{
    api->config = *config;
    api->config.socket = strdup(config->socket);
    api->config.listen = config->listen == NULL ? NULL : strdup(config->listen);
    api->config.webhook_hmac_key = api->config.webhook_hmac_key_file = NULL;
    return api->config.socket != NULL &&
           (config->listen == NULL || api->config.listen != NULL);
}

static void
free_config(struct api_config *config)
{
    free((void *)(uintptr_t)config->socket);
    free((void *)(uintptr_t)config->listen);
}

static bool
listen_tcp(struct api *api, char *why)
{
    int fd;

    if (api->config.listen == NULL)
        return true;
    fd = listen_socket_tcp(api->config.listen, api->config.is_behind_tls_proxy,
                           why);
    if (fd >= 0)
        api->port = listen_socket_port(fd);
    api->remote = serve(api, fd, false, why);
    if (api->remote != NULL)
        httpd_hold(api->remote);
    return api->remote != NULL;
}

static void
on_keys_loaded(void *arg)
{
    struct api *api = arg;

    if (api->remote != NULL && !api->is_draining)
        httpd_let_in(api->remote);
}

bool
api_new(struct ev_loop *loop, struct rouse *rouse,
        const struct api_config *config, struct api **out, char *why)
{
    struct api *api = calloc(1, sizeof *api);

    snprintf(why, API_WHY, "out of memory");
    if (api == NULL)
        goto fail0;
    api->loop = loop;
    api->rouse = rouse;
    api->store = engine_store(rouse);
    if (!copy_config(api, config) ||
        !webhook_key_load(config, &api->webhook_key, why))
        goto fail1;
    api->keyring = keyring_new();
    if (api->keyring == NULL)
        goto fail1;
    api->local =
        serve(api, listen_socket_unix(config->socket, config->socket_mode, why),
              true, why);
    if (api->local == NULL)
        goto fail2;
    listen_socket_mark(config->socket, &api->mark);
    if (!listen_tcp(api, why))
        goto fail3;
    audit_tally_init(api);
    keyring_load(api->keyring, api, on_keys_loaded, api);
    *out = api;
    return true;

fail3:
    httpd_free(api->local);
    unlink(api->config.socket);
fail2:
    keyring_free(api->keyring);
fail1:
    webhook_key_fini(&api->webhook_key);
    free_config(&api->config);
    free(api);
fail0:
    return false;
}

uint16_t
api_port(const struct api *api)
{
    return api->port;
}

/* Somebody has removed the file, perhaps a cleaner of /run or /tmp; without
   it nobody can connect. Open connections stay. */
static void
listen_again(struct api *api)
{
    const char *path = api->config.socket;
    char why[API_WHY];
    int fd;

    if (api->is_draining || listen_socket_is_there(path, &api->mark))
        return;
    fd = listen_socket_unix(path, api->config.socket_mode, why);
    if (fd < 0) {
        api_private_log(api, APNS_LOG_ERROR, EVENT_SOCKET_LOST " why=\"%s\"",
                        why);
        return;
    }
    listen_socket_mark(path, &api->mark);
    httpd_listen(api->local, fd);
    api_private_log(api, APNS_LOG_NOTICE, EVENT_SOCKET_MADE_AGAIN);
}

void
api_reload(struct api *api, const struct api_config *config)
{
    api->config.push_wait_s = config->push_wait_s;
    listen_again(api);
}

/* Until the last request underway has its answer. */
static void
on_drain(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct api *api = timer->data;
    uint32_t n_busy = httpd_busy(api->local) + httpd_busy(api->remote);

    (void)revents;
    if (n_busy > 0 && ev_now(loop) < api->drain_until)
        return;
    ev_timer_stop(loop, timer);
    if (n_busy > 0)
        api_private_log(api, APNS_LOG_NOTICE, EVENT_REQUESTS_CUT " n=%u",
                        n_busy);
    api->on_drained(api->on_drained_arg);
}

static void
stop_accepting(struct api *api)
{
    if (api->is_draining)
        return;
    api->is_draining = true;
    httpd_close(api->local);
    httpd_close(api->remote);
    unlink(api->config.socket);
}

void
api_drain(struct api *api, void (*on_drained)(void *arg), void *arg)
{
    must(!api->is_draining);
    stop_accepting(api);
    api->on_drained = on_drained;
    api->on_drained_arg = arg;
    api->drain_until = ev_now(api->loop) + API_DRAIN_S;
    ev_timer_init(&api->drain, on_drain, 0, DRAIN_LOOK_S);
    api->drain.data = api;
    ev_timer_start(api->loop, &api->drain);
}

void
api_close(struct api *api)
{
    stop_accepting(api);
    ev_timer_stop(api->loop, &api->drain);
    audit_tally_end(api);
    api->is_closed = true;
}

void
api_free(struct api *api)
{
    if (api == NULL)
        return;
    must(api->is_closed);
    httpd_flush(api->local);
    httpd_flush(api->remote);
    httpd_free(api->remote);
    httpd_free(api->local);
    keyring_free(api->keyring);
    webhook_key_fini(&api->webhook_key);
    free_config(&api->config);
    free(api);
}
