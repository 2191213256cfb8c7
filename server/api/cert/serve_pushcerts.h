/* SPDX-License-Identifier: MIT */
#ifndef API_SERVE_PUSHCERTS_H
#define API_SERVE_PUSHCERTS_H

#include <jansson.h>

struct request;

/** serve_pushcerts_answer(request, topic, around): ${around}, taken over,
 *  with the certificate in force as "pushcert". */
void serve_pushcerts_answer(struct request *request, const char *topic,
                            json_t *around);

#endif /* API_SERVE_PUSHCERTS_H */
