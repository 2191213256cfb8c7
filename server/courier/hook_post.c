/* SPDX-License-Identifier: MIT */
#include "server/courier/hook_post.h"

#include <curl/curl.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/courier/courier.h"
#include "server/courier/parcel.h"

#define MAX_WHERE 120 /* bytes shown of a redirect's target */

struct hook_post {
    struct ev_loop *loop;
    const struct courier_config *config;
    hook_done_fn *on_done;
    void *arg;
    CURLM *multi;
    CURL *easy; /* NULL: nothing underway */
    struct curl_slist *headers;
    ev_timer timer;
    char error[CURL_ERROR_SIZE];
};

/* A socket of libcurl's in our loop. */
struct watch {
    ev_io io;
    struct hook_post *post;
};

static void
tidy(struct hook_post *post)
{
    if (post->easy != NULL) {
        curl_multi_remove_handle(post->multi, post->easy);
        curl_easy_cleanup(post->easy);
        post->easy = NULL;
    }
    curl_slist_free_all(post->headers);
    post->headers = NULL;
}

/* Without a query, which may hold a secret of the receiver's. */
static int
where_len(const char *where)
{
    size_t len = strcspn(where, "?#");

    return len < MAX_WHERE ? (int)len : MAX_WHERE;
}

static void
explain(struct hook_post *post, CURLcode code, long status, char *why)
{
    char *where = NULL;

    if (code != CURLE_OK) {
        snprintf(why, COURIER_WHY, "%.200s",
                 post->error[0] != '\0' ? post->error
                                        : curl_easy_strerror(code));
        return;
    }
    curl_easy_getinfo(post->easy, CURLINFO_REDIRECT_URL, &where);
    if (where != NULL)
        snprintf(why, COURIER_WHY,
                 "answered %ld to %.*s: no redirect is followed; give the "
                 "final address",
                 status, where_len(where), where);
    else
        snprintf(why, COURIER_WHY, "answered %ld", status);
}

static void
end(struct hook_post *post, CURLcode code)
{
    char why[COURIER_WHY] = "";
    long status = 0;
    bool is_delivered;

    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    is_delivered = code == CURLE_OK && status >= 200 && status < 300;
    if (!is_delivered)
        explain(post, code, status, why);
    tidy(post);
    post->on_done(post->arg, is_delivered, why);
}

static void
read_ends(struct hook_post *post)
{
    const CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(post->multi, &n_left)) != NULL)
        if (message->msg == CURLMSG_DONE &&
            message->easy_handle == post->easy) {
            end(post, message->data.result);
            return; /* there is never more than one */
        }
}

static void
act(struct hook_post *post, curl_socket_t fd, int events)
{
    int n_running;

    curl_multi_socket_action(post->multi, fd, events, &n_running);
    read_ends(post);
}

static void
on_io(struct ev_loop *loop, ev_io *io, int revents)
{
    struct hook_post *post = ((struct watch *)io)->post;
    int events = ((revents & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                 ((revents & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);

    (void)loop;
    act(post, io->fd, events);
}

static void
on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct hook_post *post = timer->data;

    (void)revents;
    ev_timer_stop(loop, timer);
    act(post, CURL_SOCKET_TIMEOUT, 0);
}

/* libcurl's callbacks. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *slot)
{
    struct hook_post *post = arg;
    struct watch *watch = slot;
    int events = (what != CURL_POLL_OUT ? EV_READ : 0) |
                 (what != CURL_POLL_IN ? EV_WRITE : 0);

    (void)easy;
    if (watch != NULL)
        ev_io_stop(post->loop, &watch->io);
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(post->multi, fd, NULL);
        free(watch);
        return 0;
    }
    if (watch == NULL && (watch = calloc(1, sizeof *watch)) == NULL)
        return -1;
    watch->post = post;
    ev_io_init(&watch->io, on_io, fd, events);
    ev_io_start(post->loop, &watch->io);
    curl_multi_assign(post->multi, fd, watch);
    return 0;
}

static int
on_timeout(CURLM *multi, long timeout_ms, void *arg)
{
    struct hook_post *post = arg;

    (void)multi;
    ev_timer_stop(post->loop, &post->timer);
    if (timeout_ms < 0)
        return 0;
    ev_timer_set(&post->timer, (double)timeout_ms / 1000.0, 0.0);
    ev_timer_start(post->loop, &post->timer);
    return 0;
}

/* What the receiver answers beside its status is nobody's business. */
static size_t
on_body(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * n;
}

struct hook_post *
hook_post_new(struct ev_loop *loop, const struct courier_config *config,
              hook_done_fn *on_done, void *arg)
{
    struct hook_post *post = calloc(1, sizeof *post);

    if (post == NULL)
        goto fail0;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        goto fail1;
    if ((post->multi = curl_multi_init()) == NULL)
        goto fail2;
    post->loop = loop;
    post->config = config;
    post->on_done = on_done;
    post->arg = arg;
    ev_init(&post->timer, on_timer);
    post->timer.data = post;
    curl_multi_setopt(post->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(post->multi, CURLMOPT_SOCKETDATA, post);
    curl_multi_setopt(post->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(post->multi, CURLMOPT_TIMERDATA, post);
    return post;

fail2:
    curl_global_cleanup();
fail1:
    free(post);
fail0:
    return NULL;
}

void
hook_post_free(struct hook_post *post)
{
    if (post == NULL)
        return;
    tidy(post);
    curl_multi_cleanup(post->multi);
    ev_timer_stop(post->loop, &post->timer);
    curl_global_cleanup();
    free(post);
}

static bool
add_header(struct hook_post *post, const char *line)
{
    struct curl_slist *grown = curl_slist_append(post->headers, line);

    if (grown != NULL)
        post->headers = grown;
    return grown != NULL;
}

static bool
make_headers(struct hook_post *post, const char *body)
{
    char value[PARCEL_SIGNATURE];
    char line[PARCEL_SIGNATURE + 32];

    if (!add_header(post, "Content-Type: application/json") ||
        !add_header(post, "Expect:"))
        return false;
    if (post->config->webhook_key == NULL)
        return true;
    if (!parcel_sign(post->config->webhook_key, body, strlen(body), value))
        return false;
    snprintf(line, sizeof line, "X-Rouse-Signature: %s", value);
    return add_header(post, line);
}

static void
set_up(struct hook_post *post, const char *body)
{
    const struct courier_config *config = post->config;
    CURL *easy = post->easy;

    curl_easy_setopt(easy, CURLOPT_URL, config->webhook_url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "rouse/" ROUSE_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, post->error);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->timeout_s * 1000);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* Else breaking off would wait for a resolver that hangs. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY,
                     config->webhook_proxy != NULL ? config->webhook_proxy
                                                   : "");
    if (config->webhook_ca != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->webhook_ca);
}

bool
hook_post_send(struct hook_post *post, const char *body)
{
    post->error[0] = '\0';
    if ((post->easy = curl_easy_init()) == NULL)
        return false;
    if (make_headers(post, body)) {
        set_up(post, body);
        if (curl_multi_add_handle(post->multi, post->easy) == CURLM_OK)
            return true;
    }
    curl_easy_cleanup(post->easy);
    post->easy = NULL;
    tidy(post);
    return false;
}
