/* SPDX-License-Identifier: MIT */
#ifndef API_CERT_BODY_H
#define API_CERT_BODY_H

/*
 * A body with files: JSON {"files":[{"name","content":base64}…],"password",…}
 * or, where that is allowed, one PEM as it is.
 */

#include <jansson.h>
#include <stdbool.h>

#include "server/api/json/json_in.h"
#include "server/rouse.h"

struct request;

struct cert_body {
    json_t *json;      /* owned; NULL: a PEM */
    struct json_in in; /* its fields, files and password read */
    struct rouse_cert_file file[ROUSE_CERT_MAX_FILES];
    struct rouse_cert_files files;
    unsigned char *bytes; /* owned; cleansed */
    size_t bytes_size;
};

/** cert_body_read(request, body): false: it was answered 400. */
bool cert_body_read(struct request *request, struct cert_body *body);

/** cert_body_end(request, body): no field is left; false: answered 400. */
bool cert_body_end(struct request *request, struct cert_body *body);

void cert_body_fini(struct cert_body *body);

/** cert_body_may_touch(request): the topic that the path names may be one, and
 *  the key covers it; false: answered 404 or 403. */
bool cert_body_may_touch(struct request *request);

#endif /* API_CERT_BODY_H */
