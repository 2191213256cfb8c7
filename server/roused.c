/* SPDX-License-Identifier: MIT */

/*
 * roused: the daemon. It starts in phases, each undone in turn at the end:
 * configuration, process, loop, engine, API, signals. Then the loop runs
 * until SIGTERM or SIGINT; the first drains, the second ends at once.
 */

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "courier/courier.h"
#include "daemon_config.h"
#include "daemon_log.h"
#include "daemon_lost.h"
#include "daemon_notify.h"
#include "daemon_setup.h"
#include "server/engine/engine.h"
#include "server/rouse.h"

#define EXIT_USAGE 2     /* wrong options or configuration */
#define MAX_FILES  65536 /* descriptors that are asked for, if we may */

struct daemon {
    int argc;
    char *const *argv;
    struct daemon_config config;
    struct daemon_log log;
    struct ev_loop *loop;
    struct rouse *rouse;
    struct courier *courier;
    struct api *api;
    ev_signal on_term;
    ev_signal on_int;
    ev_signal on_hup;
    bool is_draining;
    unsigned n_draining;         /* that have not said on_drained */
    char why[DAEMON_CONFIG_WHY]; /* a phase's reason not to start */
};

/*
 * Phases.
 */

/* The usual 1024 would be all used up by clients, and the database and APNs
   need some too. Where it cannot be raised, less is enough. */
static void
raise_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= MAX_FILES)
        return;
    files.rlim_cur = files.rlim_max < MAX_FILES ? files.rlim_max : MAX_FILES;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static bool
start_process(struct daemon *daemon)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit none = {0, 0};

    /* Private keys are in memory: no core dump, no ptrace by others. A file
     * that may not grow is a disk that fails, and no reason to die. */
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
        sigaction(SIGPIPE, &ignore, NULL) != 0 ||
        sigaction(SIGXFSZ, &ignore, NULL) != 0) {
        snprintf(daemon->why, sizeof daemon->why,
                 "the process cannot be hardened: %s", strerror(errno));
        return false;
    }
    umask(077);
    raise_files();
    return true;
}

static bool
start_loop(struct daemon *daemon)
{
    daemon->loop = ev_loop_new(EVBACKEND_EPOLL | EVFLAG_NOENV);
    if (daemon->loop == NULL)
        snprintf(daemon->why, sizeof daemon->why,
                 "cannot create the event loop: %s", strerror(errno));
    return daemon->loop != NULL;
}

static void
stop_loop(struct daemon *daemon)
{
    ev_loop_destroy(daemon->loop);
}

static void
on_alert(void *arg)
{
    struct daemon *daemon = arg;

    courier_stir(daemon->courier);
}

static void
fill_rouse(struct daemon *daemon, struct rouse_config *config)
{
    struct courier_config courier;

    daemon_setup_rouse(&daemon->config, config);
    daemon_setup_courier(&daemon->config, &courier);
    config->alert_channels = courier_channels(&courier);
    config->on_alert = on_alert;
    config->on_alert_arg = daemon;
    config->log = daemon_log_line;
    config->log_arg = &daemon->log;
}

static bool
start_engine(struct daemon *daemon)
{
    struct rouse_config config;

    fill_rouse(daemon, &config);
    return rouse_new(daemon->loop, &config, &daemon->rouse, daemon->why) ==
           ROUSE_OK;
}

/* With the engine's last completions the API's open requests get their
   answers, so the engine goes first and the API flushes after it. The courier
   gets its last ones likewise. */
static void
stop_engine(struct daemon *daemon)
{
    rouse_free(daemon->rouse);
    daemon->rouse = NULL;
    courier_free(daemon->courier);
    daemon->courier = NULL;
    api_free(daemon->api);
    daemon->api = NULL;
}

static bool
start_courier(struct daemon *daemon)
{
    struct courier_config config;
    char why[COURIER_WHY];

    daemon_setup_courier(&daemon->config, &config);
    config.log = daemon_log_line;
    config.log_arg = &daemon->log;
    if (courier_new(daemon->loop, engine_store(daemon->rouse), &config,
                    &daemon->courier, why))
        return true;
    snprintf(daemon->why, sizeof daemon->why, "[alerts] %s", why);
    return false;
}

static void
stop_courier(struct daemon *daemon)
{
    courier_close(daemon->courier);
}

static void
fill_api(struct daemon *daemon, struct api_config *config)
{
    daemon_setup_api(&daemon->config, config);
    config->log = daemon_log_line;
    config->log_arg = &daemon->log;
}

static bool
start_api(struct daemon *daemon)
{
    struct api_config config;

    fill_api(daemon, &config);
    return api_new(daemon->loop, daemon->rouse, &config, &daemon->api,
                   daemon->why);
}

static void
stop_api(struct daemon *daemon)
{
    api_close(daemon->api);
}

/*
 * Signals.
 */
/* Of the API and of the engine. */
static void
on_drained(void *arg)
{
    struct daemon *daemon = arg;

    if (--daemon->n_draining > 0)
        return;
    daemon_log_say(&daemon->log, APNS_LOG_NOTICE, EVENT_DRAINED);
    ev_break(daemon->loop, EVBREAK_ALL);
}

static void
on_stop(struct ev_loop *loop, ev_signal *watcher, int revents)
{
    struct daemon *daemon = watcher->data;

    (void)revents;
    if (daemon->is_draining) {
        daemon_log_say(&daemon->log, APNS_LOG_NOTICE,
                       EVENT_STOPPING_AT_ONCE " signal=%d", watcher->signum);
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    daemon->is_draining = true;
    daemon_log_say(&daemon->log, APNS_LOG_NOTICE, EVENT_STOPPING " signal=%d",
                   watcher->signum);
    daemon_notify_send("STOPPING=1");
    daemon->n_draining = 2;
    api_drain(daemon->api, on_drained, daemon);
    rouse_drain(daemon->rouse, on_drained, daemon);
}

static void
on_diff(void *arg, const char *section, const char *key, bool can_reload)
{
    struct daemon *daemon = arg;

    if (can_reload)
        daemon_log_say(&daemon->log, APNS_LOG_NOTICE,
                       EVENT_RELOADED " section=%s key=%s", section, key);
    else
        daemon_log_say(&daemon->log, APNS_LOG_WARN,
                       EVENT_NEEDS_RESTART " section=%s key=%s", section, key);
}

/* The engine and the API take only what may change; the configuration that
   is kept has all of the new one, and the next SIGHUP compares with it. */
static void
take_over(struct daemon *daemon, struct daemon_config *fresh)
{
    struct rouse_config rouse;
    struct api_config api;

    daemon_config_diff(&daemon->config, fresh, on_diff, daemon);
    daemon_config_fini(&daemon->config);
    daemon->config = *fresh;
    daemon->log.level = daemon_setup_level(&daemon->config);
    fill_rouse(daemon, &rouse);
    rouse_reload(daemon->rouse, &rouse);
    fill_api(daemon, &api);
    api_reload(daemon->api, &api);
}

static void
on_reload(struct ev_loop *loop, ev_signal *watcher, int revents)
{
    struct daemon *daemon = watcher->data;
    char quoted[DAEMON_CONFIG_WHY + 64];
    char why[DAEMON_CONFIG_WHY];
    struct daemon_config fresh;
    enum daemon_config_wish wish;

    (void)loop;
    (void)revents;
    daemon_notify_reloading();
    if (daemon_config_load(daemon->argc, daemon->argv, &fresh, &wish, why)) {
        take_over(daemon, &fresh);
        daemon_log_say(&daemon->log, APNS_LOG_NOTICE, EVENT_RELOAD_DONE);
    } else {
        daemon_config_fini(&fresh);
        daemon_log_quote(why, quoted, sizeof quoted);
        daemon_log_say(&daemon->log, APNS_LOG_ERROR,
                       EVENT_RELOAD_REFUSED " why=%s", quoted);
    }
    daemon_notify_send("READY=1");
}

static void
watch(struct daemon *daemon, ev_signal *watcher,
      void (*on_signal)(struct ev_loop *loop, ev_signal *watcher, int revents),
      int signum)
{
    ev_signal_init(watcher, on_signal, signum);
    watcher->data = daemon;
    ev_signal_start(daemon->loop, watcher);
}

static bool
start_signals(struct daemon *daemon)
{
    watch(daemon, &daemon->on_term, on_stop, SIGTERM);
    watch(daemon, &daemon->on_int, on_stop, SIGINT);
    watch(daemon, &daemon->on_hup, on_reload, SIGHUP);
    return true;
}

static void
stop_signals(struct daemon *daemon)
{
    ev_signal_stop(daemon->loop, &daemon->on_term);
    ev_signal_stop(daemon->loop, &daemon->on_int);
    ev_signal_stop(daemon->loop, &daemon->on_hup);
}

static const struct phase {
    const char *name;
    bool (*start)(struct daemon *daemon); /* false: daemon->why says why */
    void (*stop)(struct daemon *daemon);  /* NULL: nothing to undo */
} phases[] = {
    {"process", start_process, NULL},
    {"loop", start_loop, stop_loop},
    {"engine", start_engine, stop_engine},
    {"courier", start_courier, stop_courier},
    {"api", start_api, stop_api},
    {"signals", start_signals, stop_signals},
};

#define N_PHASES (sizeof phases / sizeof phases[0])

/* How many have started. */
static size_t
start_all(struct daemon *daemon)
{
    char quoted[DAEMON_CONFIG_WHY + 64];

    for (size_t i = 0; i < N_PHASES; i++) {
        if (phases[i].start(daemon))
            continue;
        daemon_log_quote(daemon->why, quoted, sizeof quoted);
        daemon_log_say(&daemon->log, APNS_LOG_ERROR,
                       EVENT_NOT_STARTED " phase=%s why=%s", phases[i].name,
                       quoted);
        return i;
    }
    return N_PHASES;
}

static void
stop_all(struct daemon *daemon, size_t n_started)
{
    while (n_started-- > 0) {
        if (phases[n_started].stop != NULL)
            phases[n_started].stop(daemon);
    }
}

static void
say_ready(struct daemon *daemon)
{
    char socket[DAEMON_CONFIG_MAX_TEXT + 64];
    const char *listen = daemon->config.daemon_listen.text;
    const char *colon = strrchr(listen, ':');
    char address[DAEMON_CONFIG_MAX_TEXT + 16] = "";

    /* The port that it got, where any was asked for. */
    if (colon != NULL)
        snprintf(address, sizeof address, " listen=%.*s:%u",
                 (int)(colon - listen), listen,
                 (unsigned)api_port(daemon->api));
    daemon_log_quote(daemon->config.daemon_socket.text, socket, sizeof socket);
    daemon_log_say(&daemon->log, APNS_LOG_NOTICE,
                   EVENT_READY " socket=%s%s pid=%ld version=" ROUSE_VERSION,
                   socket, address, (long)getpid());
    daemon_notify_send("READY=1");
}

static int
run(struct daemon *daemon)
{
    size_t n_started = start_all(daemon);
    bool is_up = n_started == N_PHASES;

    if (is_up) {
        say_ready(daemon);
        ev_run(daemon->loop, 0);
    }
    stop_all(daemon, n_started);
    if (is_up)
        daemon_log_say(&daemon->log, APNS_LOG_NOTICE, EVENT_STOPPED);
    return is_up ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
print_wish(enum daemon_config_wish wish)
{
    char *help;

    if (wish == DAEMON_CONFIG_VERSION)
        return puts("roused " ROUSE_VERSION) < 0;
    help = daemon_config_help();
    if (help == NULL)
        return EXIT_FAILURE;
    fputs(help, stdout);
    free(help);
    return EXIT_SUCCESS;
}

/* The master key is lost. */
static int
give_up_keys(struct daemon *daemon)
{
    struct rouse_config config;

    if (!start_process(daemon)) {
        fprintf(stderr, "roused: %s\n", daemon->why);
        return EXIT_FAILURE;
    }
    daemon_setup_rouse(&daemon->config, &config);
    return daemon_lost_key(&config, daemon->config.n_given_up);
}

int
main(int argc, char *argv[])
{
    struct daemon daemon = {
        .argc = argc,
        .argv = argv,
        .log = {.out = stderr, .level = APNS_LOG_NOTICE},
    };
    enum daemon_config_wish wish;
    int status;

    if (!daemon_config_load(argc, argv, &daemon.config, &wish, daemon.why)) {
        fprintf(stderr, "roused: %s\n", daemon.why);
        status = EXIT_USAGE;
    } else if (wish == DAEMON_CONFIG_NEW_KEY) {
        status = give_up_keys(&daemon);
    } else if (wish != DAEMON_CONFIG_RUN) {
        status = print_wish(wish);
    } else {
        daemon.log.level = daemon_setup_level(&daemon.config);
        status = run(&daemon);
    }
    daemon_config_fini(&daemon.config);
    return status;
}
