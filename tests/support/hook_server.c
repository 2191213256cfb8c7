/* SPDX-License-Identifier: MIT */
#include "hook_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "temp_dir.h"

#define MAX_REQUEST 8192
#define PAUSE_MS    20 /* between looks at whether it shall stop */

struct hook_server {
    SSL_CTX *context;
    int fd;
    uint16_t port;
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_int mood;
    atomic_size_t n;
    pthread_mutex_t mutex; /* with read, for those who await */
    pthread_cond_t read;
    char *requests[HOOK_SERVER_MAX];
    char redirect[256];
};

static bool
is_readable(struct hook_server *server, int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

    while (!server->is_stopping)
        if (poll(&poll_fd, 1, PAUSE_MS) > 0)
            return true;
    return false;
}

/* Until the client goes. */
static void
hang(struct hook_server *server, SSL *ssl, int fd, bool is_dribbling)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nX-Slow: ";
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char byte;

    if (is_dribbling)
        SSL_write(ssl, head, sizeof head - 1);
    while (!server->is_stopping) {
        if (poll(&poll_fd, 1, PAUSE_MS) > 0 && SSL_read(ssl, &byte, 1) <= 0)
            return;
        if (is_dribbling && SSL_write(ssl, "x", 1) <= 0)
            return;
    }
}

static void
answer(struct hook_server *server, SSL *ssl, int fd)
{
    char text[512];

    switch ((enum hook_server_mood)server->mood) {
    case HOOK_SERVER_HANGS:
    case HOOK_SERVER_DRIBBLES:
        hang(server, ssl, fd, server->mood == HOOK_SERVER_DRIBBLES);
        return;
    case HOOK_SERVER_TAKES:
        snprintf(text, sizeof text, "HTTP/1.1 204 No Content\r\n\r\n");
        break;
    case HOOK_SERVER_FAILS:
        snprintf(text, sizeof text,
                 "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
        break;
    case HOOK_SERVER_REDIRECTS:
        snprintf(text, sizeof text,
                 "HTTP/1.1 302 There\r\nLocation: %s\r\n"
                 "Content-Length: 0\r\n\r\n",
                 server->redirect);
        break;
    }
    SSL_write(ssl, text, (int)strlen(text));
}

static bool
is_whole(const char *text, size_t len)
{
    const char *body = strstr(text, "\r\n\r\n");
    const char *header = strcasestr(text, "content-length:");

    return body != NULL && header != NULL &&
           text + len >= body + 4 + strtoul(header + 15, NULL, 10);
}

static void
serve(struct hook_server *server, SSL *ssl, int fd)
{
    char *text = calloc(1, MAX_REQUEST);
    size_t len = 0;

    if (text == NULL || SSL_accept(ssl) != 1)
        goto end;
    while (!is_whole(text, len)) {
        int n;

        if (len + 1 >= MAX_REQUEST ||
            (SSL_pending(ssl) == 0 && !is_readable(server, fd)) ||
            (n = SSL_read(ssl, text + len, (int)(MAX_REQUEST - 1 - len))) <= 0)
            goto end;
        len += (size_t)n;
    }
    if (server->n < HOOK_SERVER_MAX) {
        server->requests[server->n] = text;
        text = NULL;
        pthread_mutex_lock(&server->mutex);
        server->n++;
        pthread_cond_broadcast(&server->read);
        pthread_mutex_unlock(&server->mutex);
    }
    answer(server, ssl, fd);
end:
    free(text);
}

static void *
run(void *arg)
{
    struct hook_server *server = arg;
    sigset_t broken_pipe;

    /* Clients are killed while they are answered. */
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, NULL);
    while (is_readable(server, server->fd)) {
        int fd = accept(server->fd, NULL, NULL);
        SSL *ssl = SSL_new(server->context);

        if (fd >= 0 && ssl != NULL) {
            SSL_set_fd(ssl, fd);
            serve(server, ssl, fd);
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
    return NULL;
}

static void
open_port(struct hook_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->fd >= 0);
    assert_int_equal(
        bind(server->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->fd, 16), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len),
                     0);
    server->port = ntohs(address.sin_port);
}

struct hook_server *
hook_server_new(const char *pki_dir)
{
    struct hook_server *server = calloc(1, sizeof *server);
    char *cert = temp_dir_path(pki_dir, "server.pem");
    char *key = temp_dir_path(pki_dir, "server.key");

    assert_non_null(server);
    server->context = SSL_CTX_new(TLS_server_method());
    assert_non_null(server->context);
    assert_int_equal(SSL_CTX_use_certificate_chain_file(server->context, cert),
                     1);
    assert_int_equal(
        SSL_CTX_use_PrivateKey_file(server->context, key, SSL_FILETYPE_PEM), 1);
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->read, NULL);
    open_port(server);
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
    free(cert);
    free(key);
    return server;
}

void
hook_server_free(struct hook_server *server)
{
    server->is_stopping = true;
    pthread_join(server->thread, NULL);
    close(server->fd);
    SSL_CTX_free(server->context);
    pthread_cond_destroy(&server->read);
    pthread_mutex_destroy(&server->mutex);
    for (size_t i = 0; i < server->n; i++)
        free(server->requests[i]);
    free(server);
}

uint16_t
hook_server_port(const struct hook_server *server)
{
    return server->port;
}

void
hook_server_set(struct hook_server *server, enum hook_server_mood mood)
{
    server->mood = mood;
}

void
hook_server_redirect(struct hook_server *server, const char *address)
{
    snprintf(server->redirect, sizeof server->redirect, "%s", address);
    server->mood = HOOK_SERVER_REDIRECTS;
}

size_t
hook_server_count(struct hook_server *server)
{
    return server->n;
}

void
hook_server_await(struct hook_server *server, size_t n)
{
    struct timespec until;
    int err = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CHILD_TIMEOUT_MS / 1000;
    pthread_mutex_lock(&server->mutex);
    while (server->n < n && err == 0)
        err = pthread_cond_timedwait(&server->read, &server->mutex, &until);
    pthread_mutex_unlock(&server->mutex);
    if (err != 0)
        fail_msg("%zu requests came, not %zu", (size_t)server->n, n);
}

const char *
hook_server_body(struct hook_server *server, size_t i)
{
    const char *head = strstr(hook_server_request(server, i), "\r\n\r\n");

    assert_non_null(head);
    return head + 4;
}

bool
hook_server_is_signed(struct hook_server *server, size_t i, const char *key)
{
    char header[128] = "X-Rouse-Signature: sha256=";
    const char *body = hook_server_body(server, i);
    unsigned char mac[32];

    HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)body,
         strlen(body), mac, NULL);
    for (size_t k = 0; k < sizeof mac; k++)
        snprintf(header + strlen(header), 3, "%02x", mac[k]);
    return strstr(hook_server_request(server, i), header) != NULL;
}

const char *
hook_server_request(struct hook_server *server, size_t i)
{
    assert_true(i < server->n);
    return server->requests[i];
}
