/* SPDX-License-Identifier: MIT */
#include "httpd.h"

#include <ev.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "api_private.h"
#include "front.h"
#include "gate.h"

/* Half of a block is for the request line and headers, the rest for what
   libmicrohttpd makes of them and for the answer's headers. */
#define POOL_WIDE (2 * API_MAX_URL + 128 * 1024)

/* Before a wave's answers and settles: somebody waits for each of these. */
#define HTTPD_PRIORITY 1

#define MAX_FLUSHES 8 /* passes that a closing daemon writes at most */

struct httpd_engine {
    struct httpd *httpd;
    struct MHD_Daemon *mhd;
    ev_io io;       /* libmicrohttpd's epoll descriptor */
    ev_timer timer; /* when it wants to run without one */
    bool is_wide;
    uint32_t n_conns;
};

struct httpd {
    struct api *api;
    bool is_local;
    bool is_held;        /* by the owner */
    struct front *front; /* NULL once closed */
    struct httpd_engine narrow;
    struct httpd_engine wide;
};

static void
run(struct httpd_engine *engine)
{
    MHD_UNSIGNED_LONG_LONG ms;
    struct ev_loop *loop = engine->httpd->api->loop;

    (void)MHD_run(engine->mhd);
    ev_timer_stop(loop, &engine->timer);
    if (MHD_get_timeout(engine->mhd, &ms) != MHD_YES)
        return;
    ev_timer_set(&engine->timer, (double)ms / 1000.0, 0);
    ev_timer_start(loop, &engine->timer);
}

static void
on_epoll(struct ev_loop *loop, ev_io *io, int revents)
{
    (void)loop;
    (void)revents;
    run(io->data);
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop;
    (void)revents;
    run(timer->data);
}

void
httpd_kick(struct httpd_engine *engine)
{
    struct ev_loop *loop = engine->httpd->api->loop;

    ev_timer_stop(loop, &engine->timer);
    ev_timer_set(&engine->timer, 0, 0);
    ev_timer_start(loop, &engine->timer);
}

/* Connections beyond the limit stay in the socket's backlog. The front
   bounds those that have said nothing yet by itself. */
static void
update_front(struct httpd *httpd)
{
    if (httpd->front == NULL)
        return;
    if (httpd->is_held || httpd->narrow.n_conns + httpd->wide.n_conns >=
                              httpd->api->config.max_conns)
        front_pause(httpd->front);
    else
        front_go_on(httpd->front);
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **context,
              enum MHD_ConnectionNotificationCode code)
{
    struct httpd_engine *engine = arg;

    (void)connection;
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        engine->n_conns++;
    else
        engine->n_conns--;
    update_front(engine->httpd);
}

static void
on_spoken(void *arg, int fd, const struct sockaddr *peer, socklen_t peer_len,
          bool is_wide)
{
    struct httpd *httpd = arg;
    struct httpd_engine *engine = is_wide ? &httpd->wide : &httpd->narrow;

    /* It closes the descriptor itself when a limit is reached. */
    (void)MHD_add_connection(engine->mhd, fd, peer, peer_len);
    httpd_kick(engine);
    update_front(httpd);
}

static void
on_log(void *arg, const char *format, va_list args)
{
    struct httpd_engine *engine = arg;
    char line[API_WHY];

    vsnprintf(line, sizeof line, format, args);
    for (char *at = line; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\' || *at < ' ')
            *at = ' ';
    }
    api_private_log(engine->httpd->api, APNS_LOG_DEBUG, "event=http why=\"%s\"",
                    line);
}

static bool
start_engine(struct httpd_engine *engine, struct httpd *httpd, bool is_wide)
{
    const struct api_config *config = &httpd->api->config;
    const union MHD_DaemonInfo *about;
    unsigned max = is_wide ? API_MAX_WIDE_CONNS : config->max_conns;

    engine->httpd = httpd;
    engine->is_wide = is_wide;
    engine->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            MHD_USE_NO_LISTEN_SOCKET,
        0, NULL, NULL, gate_on_request, engine,
        /* the logger comes first, so that all the rest can be logged */
        MHD_OPTION_EXTERNAL_LOGGER, on_log, engine, MHD_OPTION_NOTIFY_COMPLETED,
        gate_on_completed, engine, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        engine, MHD_OPTION_UNESCAPE_CALLBACK, gate_on_unescape, engine,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)(is_wide ? POOL_WIDE : HTTPD_POOL_NARROW),
        MHD_OPTION_CONNECTION_LIMIT, max, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)config->timeout_s, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)(httpd->is_local ? 0 : config->max_conns_per_ip),
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_END);
    if (engine->mhd == NULL)
        return false;
    about = MHD_get_daemon_info(engine->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    must(about != NULL);
    ev_io_init(&engine->io, on_epoll, about->epoll_fd, EV_READ);
    ev_set_priority(&engine->io, HTTPD_PRIORITY);
    engine->io.data = engine;
    ev_timer_init(&engine->timer, on_timer, 0, 0);
    ev_set_priority(&engine->timer, HTTPD_PRIORITY);
    engine->timer.data = engine;
    ev_io_start(httpd->api->loop, &engine->io);
    return true;
}

static void
stop_engine(struct httpd_engine *engine)
{
    ev_io_stop(engine->httpd->api->loop, &engine->io);
    ev_timer_stop(engine->httpd->api->loop, &engine->timer);
    MHD_stop_daemon(engine->mhd);
}

struct httpd *
httpd_new(struct api *api, int fd, bool is_local)
{
    struct front_limits limits = {.max_waiting = api->config.max_conns,
                                  .timeout_s = api->config.timeout_s};
    struct httpd *httpd = calloc(1, sizeof *httpd);

    if (httpd == NULL)
        goto fail0;
    httpd->api = api;
    httpd->is_local = is_local;
    if (!start_engine(&httpd->narrow, httpd, false))
        goto fail1;
    if (!start_engine(&httpd->wide, httpd, true))
        goto fail2;
    httpd->front = front_new(api->loop, fd, &limits, on_spoken, httpd);
    if (httpd->front == NULL)
        goto fail3;
    return httpd;

fail3:
    stop_engine(&httpd->wide);
fail2:
    stop_engine(&httpd->narrow);
fail1:
    free(httpd);
fail0:
    close(fd);
    return NULL;
}

void
httpd_hold(struct httpd *httpd)
{
    httpd->is_held = true;
    update_front(httpd);
}

void
httpd_let_in(struct httpd *httpd)
{
    httpd->is_held = false;
    update_front(httpd);
}

void
httpd_close(struct httpd *httpd)
{
    if (httpd == NULL)
        return;
    front_free(httpd->front);
    httpd->front = NULL;
}

void
httpd_flush(struct httpd *httpd)
{
    for (int i = 0; httpd != NULL && i < MAX_FLUSHES; i++) {
        (void)MHD_run(httpd->narrow.mhd);
        (void)MHD_run(httpd->wide.mhd);
    }
}

void
httpd_free(struct httpd *httpd)
{
    if (httpd == NULL)
        return;
    httpd_close(httpd);
    stop_engine(&httpd->wide);
    stop_engine(&httpd->narrow);
    free(httpd);
}

uint32_t
httpd_count(const struct httpd *httpd)
{
    if (httpd == NULL)
        return 0;
    return httpd->narrow.n_conns + httpd->wide.n_conns +
           (httpd->front == NULL ? 0 : front_waiting(httpd->front));
}

struct api *
httpd_api(const struct httpd_engine *engine)
{
    return engine->httpd->api;
}

bool
httpd_is_local(const struct httpd_engine *engine)
{
    return engine->httpd->is_local;
}

bool
httpd_is_wide(const struct httpd_engine *engine)
{
    return engine->is_wide;
}
