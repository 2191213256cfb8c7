/* SPDX-License-Identifier: MIT */
#ifndef ROUSE_TESTS_DAEMON_PROC_H
#define ROUSE_TESTS_DAEMON_PROC_H

/*
 * A real roused beside the test, on a state directory and a socket of its
 * own, ended by its own pid. What goes wrong fails the running cmocka test
 * with the daemon's words.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "http_call.h"

#define DAEMON_PROC_PROGRAM BUILD_DIR "/server/roused"

struct daemon_proc {
    struct child child;
    char *dir;       /* temporary: state/ and the socket live in it */
    char *state_dir; /* dir/state */
    char *socket;    /* dir/rouse.sock */
    uint16_t port;   /* TCP; 0 unless --listen was among the options */
    char **argv;     /* owned; NULL-terminated */
    char *log;       /* what it has logged so far */
    size_t log_len;
};

/**
 * daemon_proc_start(program, apns_port, ca_file, more):
 * Start ${program} (DAEMON_PROC_PROGRAM) against a simulator on
 * 127.0.0.1:${apns_port} whose CA is in ${ca_file}, with the options in
 * ${more} (NULL-terminated list, or NULL) behind, which may also be others in
 * the place of these, and wait until it is ready.
 * --listen 127.0.0.1:0 gives it a TCP port as well.
 *
 *   owns     the caller ends it with daemon_proc_free
 */
struct daemon_proc *daemon_proc_start(const char *program, uint16_t apns_port,
                                      const char *ca_file,
                                      const char *const more[]);

/** daemon_proc_free(daemon): kill it if it runs; remove its directory. */
void daemon_proc_free(struct daemon_proc *daemon);

/** daemon_proc_stop(daemon): SIGTERM and wait; a bad exit fails the test. */
void daemon_proc_stop(struct daemon_proc *daemon);

/** daemon_proc_kill(daemon): SIGKILL and wait. */
void daemon_proc_kill(struct daemon_proc *daemon);

/** daemon_proc_again(daemon): start it again on what it left behind. */
void daemon_proc_again(struct daemon_proc *daemon);

/** daemon_proc_await(daemon, text): read its log until a line has ${text}. */
void daemon_proc_await(struct daemon_proc *daemon, const char *text);

/** daemon_proc_peak(daemon): the most bytes it has had in memory so far. */
double daemon_proc_peak(const struct daemon_proc *daemon);

/** daemon_proc_send(daemon, method, path, type, body, answer): over the unix
 *  socket; ${type} and ${body} may be NULL. */
void daemon_proc_send(struct daemon_proc *daemon, const char *method,
                      const char *path, const char *type, const char *body,
                      struct http_answer *answer);

/**
 * daemon_proc_json(daemon, method, path, body, status):
 * Send JSON, or nothing when ${body} is NULL; another status fails the test.
 *
 *   owns     the caller json_decref()s the answer
 *   returns  NULL when the answer has no body
 */
json_t *daemon_proc_json(struct daemon_proc *daemon, const char *method,
                         const char *path, const char *body, long status);

/** daemon_proc_do(daemon, method, path, body, status): answer thrown away. */
void daemon_proc_do(struct daemon_proc *daemon, const char *method,
                    const char *path, const char *body, long status);

/** daemon_proc_import_cert(daemon, file): PUT the PEM of this file, without
 *  the test push that would stand in the simulator's numbers. */
void daemon_proc_import_cert(struct daemon_proc *daemon, const char *file);

#endif /* ROUSE_TESTS_DAEMON_PROC_H */
