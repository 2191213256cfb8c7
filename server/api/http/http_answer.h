/* SPDX-License-Identifier: MIT */
#ifndef API_HTTP_ANSWER_H
#define API_HTTP_ANSWER_H

/*
 * Writes a request's answer: in one piece when it is a text, in chunks when
 * it is made while it is sent.
 */

#include <stdbool.h>

struct http_conn;

enum http_answer_state {
    HTTP_ANSWER_DONE,    /* all of it is with the kernel */
    HTTP_ANSWER_BLOCKED, /* the client must read first */
    HTTP_ANSWER_WAITS,   /* for more of it to be made */
    HTTP_ANSWER_LOST,    /* the client is gone */
    HTTP_ANSWER_BROKEN,  /* it cannot be gone on with */
};

/** http_answer_begin(conn): write its head into ${conn}. Returns false
 *  without memory. */
bool http_answer_begin(struct http_conn *conn);

/** http_answer_send(conn): send what can be sent now. */
enum http_answer_state http_answer_send(struct http_conn *conn);

#endif /* API_HTTP_ANSWER_H */
