/* SPDX-License-Identifier: MIT */

/*
 * What a body costs that was announced and never came.
 */

#include <string.h>

#include <openssl/crypto.h>

#include "server/api/gate.h"
#include "server/api/http/http_conn.h"
#include "server/api/request.h"
#include "tests/support/unit.h"

static size_t n_cleansed;

/* In the place of OpenSSL's. */
void
OPENSSL_cleanse(void *bytes, size_t len)
{
    memset(bytes, 0, len);
    n_cleansed += len;
}

TEST(only_what_came_is_touched_and_cleansed)
{
    static const struct route route = {.body = ROUTE_JSON};
    static const char part[] = "{\"ids\":[";
    struct api api = {0};
    struct http_conns conns = {.api = &api};
    struct http_conn conn = {.conns = &conns};
    struct request *request = gate_new(&conn);

    assert_non_null(request);
    request->route = &route;
    request->head.length = 1024L * 1024;
    assert_int_equal(gate_take(request, part, sizeof part), sizeof part);
    assert_true(request->body_size > request->head.length);
    n_cleansed = 0;
    gate_free(request);
    assert_int_equal(n_cleansed, sizeof part);
}
