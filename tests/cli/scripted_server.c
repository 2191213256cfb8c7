/* SPDX-License-Identifier: MIT */

#include "scripted_server.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define MAX_LINE 10000

struct scripted_server {
    char dir[32];
    struct sockaddr_un address;
    int listener;
    int stop[2]; /* a pipe: closed to end the thread */
    pthread_t thread;
    const struct scripted_answer *answers;
    size_t n_answers;
    struct scripted_request requests[SCRIPTED_MAX_REQUESTS];
    size_t n_requests;
};

/* False when the test ends before ${fd} can be read. */
static bool
wait_readable(struct scripted_server *server, int fd)
{
    struct pollfd fds[2] = {
        {.fd = fd, .events = POLLIN},
        {.fd = server->stop[0], .events = POLLIN},
    };

    while (poll(fds, 2, -1) >= 0) {
        if (fds[0].revents != 0)
            return true;
        if (fds[1].revents != 0)
            return false;
    }
    return false;
}

static bool
read_line(FILE *file, char *line)
{
    if (fgets(line, MAX_LINE, file) == NULL)
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static void
add_body(struct scripted_request *request, FILE *file, size_t len)
{
    if (request->body_len + len > SCRIPTED_MAX_BODY)
        abort();
    request->body = realloc(request->body, request->body_len + len + 1);
    if (request->body == NULL ||
        fread(request->body + request->body_len, 1, len, file) != len)
        abort();
    request->body_len += len;
    request->body[request->body_len] = '\0';
}

static void
read_chunks(struct scripted_request *request, FILE *file)
{
    char line[MAX_LINE];

    while (read_line(file, line)) {
        size_t len = strtoul(line, NULL, 16);

        if (len == 0)
            break;
        add_body(request, file, len);
        read_line(file, line);
    }
    read_line(file, line);
}

static bool
read_request(struct scripted_request *request, FILE *file)
{
    char line[MAX_LINE];
    size_t headers_len = 0;
    size_t len = 0;
    bool is_chunked = false;

    if (!read_line(file, line) ||
        sscanf(line, "%15s %8999s", request->method, request->path) != 2)
        return false;
    request->headers = calloc(1, 1);
    while (read_line(file, line) && line[0] != '\0') {
        size_t n = strlen(line);

        request->headers = realloc(request->headers, headers_len + n + 2);
        if (request->headers == NULL)
            abort();
        memcpy(request->headers + headers_len, line, n);
        memcpy(request->headers + headers_len + n, "\n", 2);
        headers_len += n + 1;
        sscanf(line, "Content-Length: %zu", &len);
        if (strcmp(line, "Transfer-Encoding: chunked") == 0)
            is_chunked = true;
    }
    if (is_chunked)
        read_chunks(request, file);
    else
        add_body(request, file, len);
    return true;
}

static void
write_answer(const struct scripted_answer *answer, FILE *file)
{
    const char *body = answer->body != NULL ? answer->body : "";
    size_t len = strlen(body);

    fprintf(file, "HTTP/1.1 %d X\r\n", answer->status);
    if (answer->status != 204)
        fprintf(file, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                answer->type != NULL ? answer->type : "application/json",
                answer->is_cut ? len + 1000 : len);
    fprintf(file, "\r\n%s", body);
    fflush(file);
}

/* False when the connection is over. */
static bool
serve_one(struct scripted_server *server, int fd, FILE *file)
{
    struct scripted_request *request = &server->requests[server->n_requests];
    const struct scripted_answer *answer = &server->answers[server->n_requests];

    if (server->n_requests == server->n_answers)
        return false;
    if (!wait_readable(server, fd) || !read_request(request, file))
        return false;
    server->n_requests++;
    write_answer(answer, file);
    return !answer->is_cut;
}

static void *
serve(void *arg)
{
    struct scripted_server *server = arg;

    while (server->n_requests < server->n_answers &&
           wait_readable(server, server->listener)) {
        int fd = accept(server->listener, NULL, NULL);
        FILE *file = fdopen(fd, "r+");

        if (file == NULL)
            abort();
        /* unbuffered: what is not read yet must show in poll */
        setvbuf(file, NULL, _IONBF, 0);
        while (serve_one(server, fd, file))
            continue;
        fclose(file);
    }
    return NULL;
}

struct scripted_server *
scripted_server_start(const struct scripted_answer *answers, size_t n)
{
    struct scripted_server *server = calloc(1, sizeof *server);

    assert_non_null(server);
    assert_true(n <= SCRIPTED_MAX_REQUESTS);
    server->answers = answers;
    server->n_answers = n;
    snprintf(server->dir, sizeof server->dir, "/tmp/rouse-cli-XXXXXX");
    assert_non_null(mkdtemp(server->dir));
    server->address.sun_family = AF_UNIX;
    snprintf(server->address.sun_path, sizeof server->address.sun_path,
             "%s/sock", server->dir);
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->listener >= 0);
    assert_int_equal(bind(server->listener,
                          (const struct sockaddr *)&server->address,
                          sizeof server->address),
                     0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(pipe(server->stop), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

const char *
scripted_server_socket(const struct scripted_server *server)
{
    return server->address.sun_path;
}

size_t
scripted_server_finish(struct scripted_server *server,
                       const struct scripted_request **requests)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    close(server->listener);
    unlink(server->address.sun_path);
    rmdir(server->dir);
    *requests = server->requests;
    return server->n_requests;
}

void
scripted_server_free(struct scripted_server *server)
{
    for (size_t i = 0; i < server->n_requests; i++) {
        free(server->requests[i].headers);
        free(server->requests[i].body);
    }
    free(server);
}
