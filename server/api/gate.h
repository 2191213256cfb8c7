/* SPDX-License-Identifier: MIT */
#ifndef API_GATE_H
#define API_GATE_H

/*
 * What libmicrohttpd calls: the way of every request through routing, keys
 * and limits to its handler. Each gets a struct httpd_engine as its cls.
 */

#include <microhttpd.h>
#include <stddef.h>

enum MHD_Result gate_on_request(void *cls, struct MHD_Connection *connection,
                                const char *url, const char *method,
                                const char *version, const char *upload,
                                size_t *upload_len, void **request);

void gate_on_completed(void *cls, struct MHD_Connection *connection,
                       void **request, enum MHD_RequestTerminationCode code);

/** gate_on_unescape: decode %XX in place; %00 and broken ones stay as they
 *  are, so that no string ends early. Returns the new length. */
size_t gate_on_unescape(void *cls, struct MHD_Connection *connection,
                        char *text);

#endif /* API_GATE_H */
