/* SPDX-License-Identifier: MIT */
#ifndef TEST_SCRIPTED_SERVER_H
#define TEST_SCRIPTED_SERVER_H

/*
 * An HTTP/1.1 server on a unix socket that knows its answers beforehand and
 * remembers what it was asked: one request after the other, one answer each.
 */

#include <stdbool.h>
#include <stddef.h>

#define SCRIPTED_MAX_REQUESTS 32
#define SCRIPTED_MAX_BODY     (8 * 1024 * 1024)

struct scripted_answer {
    int status;
    const char *body; /* NULL: none */
    const char *type; /* NULL: application/json */
    bool is_cut;      /* close before the whole body is out */
};

struct scripted_request {
    char method[16];
    char path[9000];
    char *headers; /* lines, as they came */
    char *body;
    size_t body_len;
};

struct scripted_server;

/** scripted_server_start(answers, n): it serves on a thread of its own. */
struct scripted_server *
scripted_server_start(const struct scripted_answer *answers, size_t n);
const char *scripted_server_socket(const struct scripted_server *server);

/**
 * scripted_server_finish(server, requests):
 * Stop it. Fails the test when not all answers were fetched. Returns how many
 * requests came; they are valid until scripted_server_free.
 */
size_t scripted_server_finish(struct scripted_server *server,
                              const struct scripted_request **requests);
void scripted_server_free(struct scripted_server *server);

#endif /* TEST_SCRIPTED_SERVER_H */
